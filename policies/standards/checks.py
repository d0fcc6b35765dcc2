"""Checks of other tools that apply to what this program makes, and the rules that ask for the same."""

from typing import Final

from policies.standards import Covered

_HOST: Final = ("forbid-host-namespaces",)

KUBE_LINTER: Final = (
    Covered("access-to-secrets", "roles that read secrets", ("forbid-reading-secrets",)),
    Covered(
        "dangling-horizontalpodautoscaler", "autoscaler of nothing", ("forbid-dangling-autoscaler",)
    ),
    Covered("dangling-networkpolicy", "policy for no pod", ("forbid-dangling-network-policy",)),
    Covered("dangling-service", "service without pods", ("forbid-dangling-service",)),
    Covered("dangling-servicemonitor", "monitor of nothing", ("forbid-dangling-monitor",)),
    Covered("docker-sock", "the runtime's socket mounted", ("forbid-host-path",)),
    Covered("drop-net-raw-capability", "raw sockets", ("require-dropped-capabilities",)),
    Covered("duplicate-env-var", "variable set twice", ("forbid-duplicate-variables",)),
    Covered(
        "env-var-secret",
        "secret in a variable",
        ("forbid-secret-in-environment", "forbid-secret-variables"),
    ),
    Covered("host-ipc", "the node's IPC", _HOST),
    Covered("host-network", "the node's network", _HOST),
    Covered("host-pid", "the node's processes", _HOST),
    Covered(
        "invalid-target-ports", "service to a port nobody has", ("forbid-invalid-target-port",)
    ),
    Covered("latest-tag", "image called latest", ("forbid-latest-tag", "forbid-latest-in-values")),
    Covered("liveness-port", "probe of a port nobody has", ("forbid-dangling-probe-port",)),
    Covered("mismatching-selector", "workload without its pods", ("require-matching-selector",)),
    Covered("no-anti-affinity", "pods on one node", ("require-topology-spread",)),
    Covered("no-liveness-probe", "no liveness probe", ("require-liveness-probe",)),
    Covered("no-read-only-root-fs", "writable root", ("require-read-only-root",)),
    Covered("no-readiness-probe", "no readiness probe", ("require-readiness-probe",)),
    Covered("non-existent-service-account", "account nobody makes", ("forbid-missing-account",)),
    Covered("non-isolated-pod", "pod without a network policy", ("require-network-policy",)),
    Covered("pdb-max-unavailable", "budget that blocks drains", ("require-max-unavailable",)),
    Covered(
        "pdb-min-available",
        "budget that blocks drains",
        ("forbid-blocking-disruption-budget", "require-max-unavailable"),
    ),
    Covered(
        "pdb-unhealthy-pod-eviction-policy",
        "budget that keeps broken pods",
        ("require-unhealthy-eviction",),
    ),
    Covered(
        "privilege-escalation-container", "privileges gained", ("forbid-privilege-escalation",)
    ),
    Covered("privileged-container", "privileged container", ("forbid-privileged-containers",)),
    Covered("readiness-port", "probe of a port nobody has", ("forbid-dangling-probe-port",)),
    Covered("run-as-non-root", "root", ("require-non-root", "forbid-root-user")),
    Covered("sensitive-host-mounts", "paths of the node", ("forbid-host-path",)),
    Covered("startup-port", "probe of a port nobody has", ("forbid-dangling-probe-port",)),
    Covered("unsafe-sysctls", "kernel parameters", ("forbid-unsafe-sysctls",)),
    Covered("unset-cpu-requirements", "no request for CPU", ("require-requests",)),
    Covered("unset-memory-requirements", "no limit of memory", ("require-memory-limit",)),
    Covered("wildcard-in-rules", "roles with *", ("forbid-wildcard-permissions",)),
)

POLARIS: Final = (
    Covered("automountServiceAccountToken", "tokens in pods", ("forbid-mounted-token",)),
    Covered("clusterrolebindingClusterAdmin", "cluster-admin", ("forbid-cluster-admin",)),
    Covered("clusterrolePodExecAttach", "roles that enter pods", ("forbid-entering-pods",)),
    Covered("hpaMinAvailability", "autoscaler down to one pod", ("require-autoscaler-room",)),
    Covered("missingNetworkPolicy", "pod without a network policy", ("require-network-policy",)),
    Covered("missingPodDisruptionBudget", "no budget", ("require-disruption-budget",)),
    Covered(
        "pdbMinAvailableGreaterThanHPAMinReplicas",
        "budget above the autoscaler's minimum",
        ("forbid-blocking-disruption-budget",),
    ),
    Covered("priorityClassNotSet", "no priority", ("require-priority-class",)),
    Covered("rolePodExecAttach", "roles that enter pods", ("forbid-entering-pods",)),
    Covered("sensitiveConfigmapContent", "secret in a ConfigMap", ("forbid-secret-in-config-map",)),
    Covered("sensitiveContainerEnvVar", "secret in a variable", ("forbid-secret-in-environment",)),
    Covered("tlsSettingsMissing", "Ingress without TLS", ("require-ingress-tls",)),
    Covered("topologySpreadConstraint", "pods on one node", ("require-topology-spread",)),
)

KYVERNO: Final = (
    Covered("add-network-policy", "namespace open by default", ("require-default-deny",)),
    Covered("add-ns-quota", "namespace without a quota", ("require-tenant-quota",)),
    Covered("disallow-default-namespace", "default namespace", ("forbid-default-namespace",)),
    Covered("disallow-empty-ingress-host", "Ingress for every host", ("require-ingress-host",)),
    Covered("disallow-latest-tag", "image called latest", ("forbid-latest-tag",)),
    Covered("ensure-probes-different", "probes that are the same", ("forbid-equal-probes",)),
    Covered("prevent-duplicate-hpa", "two autoscalers", ("forbid-duplicate-autoscaler",)),
    Covered("require-drop-all", "capabilities kept", ("require-dropped-capabilities",)),
    Covered("require-image-checksum", "image without a digest", ("require-image-digest",)),
    Covered("require-ingress-https", "Ingress without TLS", ("require-ingress-tls",)),
    Covered("require-labels", "labels missing", ("require-labels",)),
    Covered(
        "require-pod-requests-limits",
        "requests and limits",
        ("require-requests", "require-memory-limit"),
    ),
    Covered("require-probes", "no probes", ("require-liveness-probe", "require-readiness-probe")),
    Covered("require-ro-rootfs", "writable root", ("require-read-only-root",)),
    Covered("restrict-image-registries", "foreign registries", ("require-allowed-registry",)),
    Covered("restrict-node-port", "ports of nodes", ("forbid-exposed-service",)),
    Covered("restrict-service-external-ips", "foreign addresses", ("forbid-external-addresses",)),
    Covered(
        "verify-image",
        "signature of an image",
        why="a signature is checked where images are pulled or admitted; here an image is held to a "
        "digest that this project has built",
    ),
)

CHECKOV: Final = (
    Covered("CKV_K8S_10", "request for CPU", ("require-requests",)),
    Covered("CKV_K8S_12", "request for memory", ("require-requests",)),
    Covered("CKV_K8S_13", "limit of memory", ("require-memory-limit",)),
    Covered("CKV_K8S_22", "read-only root", ("require-read-only-root",)),
    Covered("CKV_K8S_28", "raw sockets", ("require-dropped-capabilities",)),
    Covered("CKV_K8S_31", "seccomp", ("require-seccomp-profile", "forbid-unconfined-seccomp")),
    Covered("CKV_K8S_35", "secrets as files", ("forbid-secret-variables",)),
    Covered("CKV_K8S_37", "capabilities", ("require-dropped-capabilities",)),
    Covered(
        "CKV_K8S_40",
        "high user id",
        ("forbid-root-user",),
        "ids below 10000 pass: images name the user that owns their files",
    ),
    Covered("CKV_K8S_43", "image by digest", ("require-image-digest",)),
)

PULUMI_EKS: Final = (
    Covered("eks-cluster-audit-logging-enabled", "audit log", ("require-control-plane-logs",)),
    Covered(
        "eks-cluster-cloudwatch-logs-enabled",
        "logs kept",
        ("require-control-plane-logs", "require-cluster-log-group"),
    ),
    Covered(
        "eks-node-group-launch-template-required",
        "launch templates",
        ("require-launch-template",),
    ),
    Covered(
        "eks-launch-template-kubelet-config",
        "settings of the kubelet",
        ("forbid-custom-bootstrap", "require-hardened-image"),
    ),
    Covered("eks-cluster-access-manager-enabled", "access API", ("require-access-entries",)),
    Covered("eks-iam-authenticator-enabled", "IAM", ("require-iam-kubeconfig",)),
    Covered("eks-ecr-image-scanning-enabled", "image scanning", ("require-image-scan",)),
    Covered(
        "eks-ecr-private-repository",
        "private repositories",
        ("forbid-public-registry", "forbid-open-resource-policy"),
    ),
    Covered(
        "eks-service-accounts-iam-role-binding",
        "roles of service accounts",
        ("require-workload-identity", "require-bound-federation"),
    ),
    Covered("eks-secrets-encryption-kms-enabled", "secrets", ("require-secrets-encryption",)),
    Covered(
        "eks-node-group-iam-role-minimal-policy",
        "nodes' roles",
        ("forbid-broad-managed-policies", "forbid-whole-services"),
    ),
    Covered(
        "eks-cluster-endpoint-restrict-public-access",
        "endpoint",
        ("forbid-public-endpoint", "forbid-open-endpoint"),
    ),
    Covered(
        "eks-network-policy-enabled",
        "network policies",
        ("require-policy-engine", "require-default-deny"),
    ),
    Covered(
        "eks-load-balancer-tls-encryption",
        "TLS of load balancers",
        ("require-tls-listener", "require-modern-tls", "require-https-redirect"),
    ),
    Covered("k8s-cluster-admin-role-binding-minimized", "admins", ("forbid-cluster-admin",)),
    Covered("k8s-rbac-secret-access-minimized", "secrets", ("forbid-reading-secrets",)),
    Covered("k8s-rbac-wildcard-use-minimized", "wildcards", ("forbid-wildcard-permissions",)),
    Covered("k8s-rbac-create-pods-minimized", "making pods", ("forbid-making-pods",)),
    Covered(
        "k8s-rbac-bind-impersonate-escalate-minimized", "escalation", ("forbid-escalating-verbs",)
    ),
    Covered("k8s-default-service-accounts-not-used", "accounts", ("require-own-account",)),
    Covered("k8s-service-account-token-mounted-minimized", "tokens", ("forbid-mounted-token",)),
    Covered(
        "k8s-pod-security-privileged-containers-minimized",
        "privileges",
        ("forbid-privileged-containers",),
    ),
    Covered("k8s-pod-security-host-pid-minimized", "processes", _HOST),
    Covered("k8s-pod-security-host-ipc-minimized", "IPC", _HOST),
    Covered("k8s-pod-security-host-network-minimized", "network", _HOST),
    Covered(
        "k8s-pod-security-allow-privilege-escalation-minimized",
        "escalation",
        ("forbid-privilege-escalation",),
    ),
    Covered("k8s-secrets-as-files-not-env-vars", "files", ("forbid-secret-variables",)),
    Covered("k8s-default-namespace-not-used", "namespaces", ("forbid-default-namespace",)),
)

CHECKS: Final = {
    "kube-linter": KUBE_LINTER,
    "Polaris": POLARIS,
    "Kyverno": KYVERNO,
    "Checkov": CHECKOV,
    "Pulumi's CIS pack for EKS": PULUMI_EKS,
}
"""By the tool."""
