"""Building blocks of the add-ons' manifests."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolchain.cluster.api import Manifest

SYSTEM = "kube-system"
UID = 1001

RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": UID,
    "runAsGroup": UID,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def labels(name: str) -> dict[str, str]:
    """The labels of an add-on's objects; also its selector."""
    # RBAC names have colons, labels have none.
    value = name.replace(":", ".")
    return {"app.kubernetes.io/name": value, "app.kubernetes.io/part-of": "agent-platform"}


def metadata(name: str, namespace: str | None = None) -> dict[str, Any]:
    """Name, place and labels."""
    place = {"namespace": namespace} if namespace else {}
    return {"name": name, **place, "labels": labels(name)}


def namespace(name: str, security: str) -> Manifest:
    """A namespace that holds its pods to a pod security standard."""
    modes = {f"pod-security.kubernetes.io/{mode}": security for mode in ("enforce", "warn")}
    meta = {"name": name, "labels": modes}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}


def rule(groups: Sequence[str], resources: Sequence[str], verbs: Sequence[str]) -> dict[str, Any]:
    """One RBAC rule."""
    return {"apiGroups": list(groups), "resources": list(resources), "verbs": list(verbs)}


def cluster_role(name: str, rules: Sequence[Mapping[str, Any]]) -> Manifest:
    """A cluster role."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": metadata(name),
        "rules": list(rules),
    }


def cluster_role_binding(name: str, role: str, subject: Mapping[str, str]) -> Manifest:
    """A cluster role given to one subject."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata(name),
        "roleRef": _role_ref("ClusterRole", role),
        "subjects": [dict(subject)],
    }


def role_binding(name: str, namespace: str, role: str, subject: Mapping[str, str]) -> Manifest:
    """A role of a namespace given to one subject."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": metadata(name, namespace),
        "roleRef": _role_ref("Role", role),
        "subjects": [dict(subject)],
    }


def _role_ref(kind: str, name: str) -> dict[str, str]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}


def account_subject(name: str) -> dict[str, str]:
    """A service account of kube-system as a subject."""
    return {"kind": "ServiceAccount", "name": name, "namespace": SYSTEM}


def user_subject(name: str) -> dict[str, str]:
    """A certificate's user as a subject."""
    return {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": name}


def service_account(name: str) -> Manifest:
    """A service account of kube-system."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name, SYSTEM)}


def config_map(name: str, data: Mapping[str, str]) -> Manifest:
    """A config map of kube-system."""
    meta = metadata(name, SYSTEM)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": dict(data)}


def deployment(
    name: str,
    container: Mapping[str, Any],
    *,
    volumes: Sequence[Mapping[str, Any]],
    dns_policy: str = "ClusterFirst",
    checksum: str,
) -> Manifest:
    """One restricted pod of an add-on; a new `checksum` of what it reads replaces it."""
    pod: dict[str, Any] = {
        "serviceAccountName": name,
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": dns_policy,
        "enableServiceLinks": False,
        "containers": [{**container, "imagePullPolicy": "Never", "securityContext": RESTRICTED}],
        "volumes": list(volumes),
    }
    template = {
        "metadata": {"labels": labels(name), "annotations": {"agent-platform.dev/input": checksum}},
        "spec": pod,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, SYSTEM),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 1,
            "selector": {"matchLabels": labels(name)},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": template,
        },
    }


def http_probe(path: str, port: int | str, *, scheme: str = "HTTP", period: int) -> dict[str, Any]:
    """A probe over HTTP."""
    return {
        "httpGet": {"path": path, "port": port, "scheme": scheme},
        "periodSeconds": period,
        "timeoutSeconds": 3,
    }
