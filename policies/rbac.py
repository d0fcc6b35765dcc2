"""Who may do what through the Kubernetes API."""

from collections.abc import Iterator
from typing import Final

from policies.resource import Part, Resource, items, mapping, parts
from policies.rule import Severity, cis, of, rule

_GROUP: Final = "rbac.authorization.k8s.io"
_READING: Final = ("get", "list", "watch")
_ESCALATING: Final = ("bind", "escalate", "impersonate")
_MAKING: Final = (
    "cronjobs",
    "daemonsets",
    "deployments",
    "jobs",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "statefulsets",
)
_ENTERING: Final = ("pods/exec", "pods/attach", "pods/ephemeralcontainers", "pods/portforward")
_EVERYBODY: Final = ("system:anonymous", "system:authenticated", "system:unauthenticated")


def _rules(resource: Resource) -> Iterator[Part]:
    if resource.kind in (f"{_GROUP}/Role", f"{_GROUP}/ClusterRole"):
        yield from parts(resource, "rule", "rules")


def _subjects(resource: Resource) -> Iterator[Part]:
    if resource.kind in (f"{_GROUP}/RoleBinding", f"{_GROUP}/ClusterRoleBinding"):
        yield from parts(resource, "subject", "subjects")


_bindings = of(f"{_GROUP}/RoleBinding", f"{_GROUP}/ClusterRoleBinding")


@rule(
    _rules,
    severity=Severity.CRITICAL,
    remedy="name the verbs, resources and API groups that are needed.",
    reference=cis("4.1.3 Minimise wildcards in roles"),
    everywhere=True,
)
def forbid_wildcard_permissions(permission: Part) -> Iterator[str]:
    """Roles name what they allow."""
    for field in ("verbs", "resources", "apiGroups", "nonResourceURLs"):
        if "*" in items(permission.props.get(field)):
            yield f"{field} has *"


@rule(
    _bindings,
    severity=Severity.CRITICAL,
    remedy="bind a role that names what is needed.",
    reference=cis("4.1.1 cluster-admin only where required"),
    everywhere=True,
)
def forbid_cluster_admin(binding: Resource) -> Iterator[str]:
    """Nobody is bound to cluster-admin."""
    if mapping(binding.props.get("roleRef")).get("name") == "cluster-admin":
        yield "roleRef is cluster-admin"


@rule(
    _rules,
    severity=Severity.HIGH,
    remedy="name the secrets in resourceNames, with the verb get only, or mount them as files.",
    reference=cis("4.1.2 Minimise access to secrets"),
)
def forbid_reading_secrets(permission: Part) -> Iterator[str]:
    """No role reads all secrets of a namespace."""
    verbs = [verb for verb in _READING if verb in items(permission.props.get("verbs"))]
    if not verbs or "secrets" not in items(permission.props.get("resources")):
        return
    if not items(permission.props.get("resourceNames")):
        yield f"it may {' and '.join(verbs)} every secret"
    elif verbs != ["get"]:
        # RBAC cannot hold list and watch to names in the way that it holds get.
        yield f"it may {' and '.join(verb for verb in verbs if verb != 'get')} secrets"


@rule(
    _rules,
    severity=Severity.HIGH,
    remedy="remove the verbs; whoever has them has every permission they can reach.",
    reference=cis("4.1.8 Limit bind, impersonate and escalate"),
    everywhere=True,
)
def forbid_escalating_verbs(permission: Part) -> Iterator[str]:
    """No role lets its holder take more permissions, or another's."""
    for verb in _ESCALATING:
        if verb in items(permission.props.get("verbs")):
            yield f"verb {verb} is allowed"


@rule(
    _rules,
    severity=Severity.HIGH,
    remedy="remove the resource; look into a pod through its logs, metrics and traces.",
    reference=cis("4.1.4 Minimise access to create pods"),
)
def forbid_entering_pods(permission: Part) -> Iterator[str]:
    """No role lets its holder run commands in a pod, and so read its secrets."""
    for resource in _ENTERING:
        if resource in items(permission.props.get("resources")):
            yield f"it covers {resource}"


@rule(
    _rules,
    severity=Severity.HIGH,
    remedy="remove the verb create; workloads come from the program, which this pack sees.",
    reference=cis("4.1.4 Minimise access to create pods"),
)
def forbid_making_pods(permission: Part) -> Iterator[str]:
    """No role lets its holder start pods, which may mount every secret of their namespace."""
    if "create" in items(permission.props.get("verbs")):
        for resource in _MAKING:
            if resource in items(permission.props.get("resources")):
                yield f"it may create {resource}"


@rule(
    _subjects,
    severity=Severity.CRITICAL,
    remedy="name the users, groups or service accounts.",
    everywhere=True,
)
def forbid_binding_everybody(subject: Part) -> Iterator[str]:
    """No role is given to whoever can reach the API server."""
    if subject.props.get("name") in _EVERYBODY:
        yield f"it is {subject.props.get('name')}"


RULES: Final = (
    forbid_wildcard_permissions,
    forbid_cluster_admin,
    forbid_reading_secrets,
    forbid_escalating_verbs,
    forbid_entering_pods,
    forbid_making_pods,
    forbid_binding_everybody,
)
