"""The controls of the CIS Amazon EKS Benchmark 1.7.0, each with the rules that judge its subject.

Section 1 has no controls. Files and flags of nodes (section 3) cannot be seen before a node is there;
what decides them can: AWS's own image, started by nothing of ours.
"""

from typing import Final

from policies.standards import Covered

_NODE_FILES: Final = ("require-hardened-image", "forbid-custom-bootstrap", "forbid-node-login")
_KUBELET: Final = ("require-hardened-image", "forbid-custom-bootstrap", "require-launch-template")
_FILES: Final = (
    "the image sets owner and mode, and nothing of ours runs on a node that could change them"
)
_FLAGS: Final = "the image sets it, and nothing of ours is passed to the kubelet"

CONTROLS: Final = (
    Covered("2.1.1", "Audit logs enabled", ("require-control-plane-logs",)),
    Covered(
        "2.1.2",
        "Audit logs collected and managed",
        ("require-cluster-log-group", "require-log-retention", "require-log-encryption"),
    ),
    Covered("3.1.1", "Mode of the kubeconfig file", _NODE_FILES, _FILES),
    Covered("3.1.2", "Owner of the kubelet's kubeconfig file", _NODE_FILES, _FILES),
    Covered("3.1.3", "Mode of the kubelet's configuration file", _NODE_FILES, _FILES),
    Covered("3.1.4", "Owner of the kubelet's configuration file", _NODE_FILES, _FILES),
    Covered("3.2.1", "No anonymous requests to the kubelet", _KUBELET, _FLAGS),
    Covered("3.2.2", "The kubelet authorises requests", _KUBELET, _FLAGS),
    Covered("3.2.3", "The kubelet has a client authority", _KUBELET, _FLAGS),
    Covered("3.2.4", "The kubelet's read-only port is off", _KUBELET, _FLAGS),
    Covered("3.2.5", "Idle streams to the kubelet end", _KUBELET, _FLAGS),
    Covered("3.2.6", "The kubelet keeps its iptables chains", _KUBELET, _FLAGS),
    Covered("3.2.7", "The kubelet records events at a sound rate", _KUBELET, _FLAGS),
    Covered("3.2.8", "The kubelet renews its client certificate", _KUBELET, _FLAGS),
    Covered("3.2.9", "The kubelet renews its server certificate", _KUBELET, _FLAGS),
    Covered(
        "4.1.1",
        "cluster-admin only where required",
        (
            "forbid-cluster-admin",
            "forbid-creator-admin",
            "forbid-masters-entry",
            "require-named-admins",
        ),
    ),
    Covered("4.1.2", "Access to secrets minimised", ("forbid-reading-secrets",)),
    Covered("4.1.3", "Wildcards in roles minimised", ("forbid-wildcard-permissions",)),
    Covered(
        "4.1.4", "Access to create pods minimised", ("forbid-making-pods", "forbid-entering-pods")
    ),
    Covered(
        "4.1.5",
        "Default service accounts not used",
        ("require-own-account", "forbid-missing-account"),
    ),
    Covered(
        "4.1.6",
        "Service account tokens only where necessary",
        ("forbid-mounted-token", "forbid-mounting-account"),
    ),
    Covered("4.1.7", "Access managed by the cluster access API", ("require-access-entries",)),
    Covered("4.1.8", "bind, impersonate and escalate limited", ("forbid-escalating-verbs",)),
    Covered(
        "4.2.1",
        "No privileged containers",
        (
            "forbid-privileged-containers",
            "require-pod-security-label",
            "forbid-privileges-in-values",
        ),
    ),
    Covered(
        "4.2.2",
        "No sharing of the host's process ids",
        ("forbid-host-namespaces", "require-pod-security-label", "forbid-privileges-in-values"),
    ),
    Covered(
        "4.2.3",
        "No sharing of the host's IPC",
        ("forbid-host-namespaces", "require-pod-security-label", "forbid-privileges-in-values"),
    ),
    Covered(
        "4.2.4",
        "No sharing of the host's network",
        ("forbid-host-namespaces", "require-pod-security-label", "forbid-privileges-in-values"),
    ),
    Covered(
        "4.2.5",
        "No privilege escalation",
        (
            "forbid-privilege-escalation",
            "require-pod-security-label",
            "forbid-privileges-in-values",
        ),
    ),
    Covered("4.3.1", "The network plugin supports network policies", ("require-policy-engine",)),
    Covered(
        "4.3.2",
        "All namespaces have network policies",
        ("require-default-deny", "require-network-policy"),
    ),
    Covered(
        "4.4.1",
        "Secrets as files rather than as environment variables",
        (
            "forbid-secret-variables",
            "forbid-secret-in-environment",
            "forbid-secret-in-arguments",
            "forbid-secret-in-config-map",
            "forbid-secret-in-values",
        ),
    ),
    Covered("4.4.2", "External secret storage considered", ("require-external-secrets",)),
    Covered(
        "4.5.1",
        "Boundaries between resources by namespaces",
        ("require-tenant-quota", "require-tenant-label", "forbid-namespace-by-chart"),
    ),
    Covered("4.5.2", "Default namespace not used", ("forbid-default-namespace",)),
    Covered("5.1.1", "Image vulnerability scanning", ("require-image-scan",)),
    Covered(
        "5.1.2",
        "User access to ECR minimised",
        ("forbid-open-resource-policy", "forbid-public-registry", "forbid-lasting-credentials"),
        "what an organisation's own roles may do is kept outside of this program",
    ),
    Covered(
        "5.1.3",
        "Cluster access to ECR read-only",
        (
            "forbid-broad-managed-policies",
            "forbid-whole-services",
            "forbid-wildcards-on-everything",
        ),
    ),
    Covered(
        "5.1.4",
        "Only approved container registries",
        ("require-allowed-registry", "require-allowed-chart", "require-image-digest"),
    ),
    Covered(
        "5.2.1",
        "Dedicated service accounts",
        (
            "require-workload-identity",
            "require-bound-federation",
            "require-one-metadata-hop",
            "require-own-account",
        ),
    ),
    Covered("5.3.1", "Secrets encrypted with customer keys", ("require-secrets-encryption",)),
    Covered(
        "5.4.1",
        "Access to the control plane endpoint restricted",
        ("require-private-endpoint", "forbid-open-endpoint"),
    ),
    Covered(
        "5.4.2",
        "Private endpoint enabled and public access disabled",
        ("require-private-endpoint", "forbid-public-endpoint"),
    ),
    Covered(
        "5.4.3",
        "Private nodes",
        (
            "forbid-nodes-in-public-subnets",
            "forbid-public-nodes",
            "forbid-public-addresses",
            "forbid-node-login",
            "forbid-open-ports-beside-balancers",
        ),
    ),
    Covered(
        "5.4.4",
        "Network policy enabled and set",
        (
            "require-policy-engine",
            "require-network-policy",
            "require-default-deny",
            "forbid-open-egress",
            "forbid-open-ingress",
        ),
    ),
    Covered(
        "5.4.5",
        "Traffic to load balancers encrypted",
        (
            "require-tls-listener",
            "require-modern-tls",
            "require-https-redirect",
            "forbid-rules-without-tls",
            "require-ingress-tls",
        ),
    ),
    Covered("5.5.1", "Users come in through AWS IAM", ("require-iam-kubeconfig",)),
)
"""Every control of the benchmark, in its order."""
