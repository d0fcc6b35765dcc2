"""What keeps tenants apart, and what keeps everything in sight of this pack."""

from collections.abc import Iterator
from typing import Final

from policies.pods import WORKLOADS
from policies.resource import RELEASE, Resource, Stack, mapping
from policies.rule import Severity, cis, rule, stack_rule
from policies.selectors import some

TENANT: Final = "agents.platform/tenant"
_CLUSTER_WIDE: Final = frozenset(
    {
        "admissionregistration.k8s.io/MutatingWebhookConfiguration",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
        "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
        "apiextensions.k8s.io/CustomResourceDefinition",
        "apiregistration.k8s.io/APIService",
        "core/Namespace",
        "core/PersistentVolume",
        "networking.k8s.io/IngressClass",
        "rbac.authorization.k8s.io/ClusterRole",
        "rbac.authorization.k8s.io/ClusterRoleBinding",
        "scheduling.k8s.io/PriorityClass",
        "storage.k8s.io/CSIDriver",
        "storage.k8s.io/StorageClass",
    }
)
_GROUPS: Final = ("core", "apps", "batch", "autoscaling", "policy", "argoproj.io", "traefik.io")
# What brings a release's values past the rules on values.
_HIDDEN: Final = ("valueYamlFiles", "postrender")


def _namespaced(resource: Resource) -> Iterator[Resource]:
    group, _, kind = resource.kind.partition("/")
    known = group in _GROUPS or group.endswith(".k8s.io") or resource.kind == RELEASE
    if known and resource.kind not in _CLUSTER_WIDE and not kind.endswith("List"):
        yield resource


def _workload_fragments(resource: Resource) -> Iterator[Resource]:
    whole = resource.kind.removesuffix("Patch").removesuffix("List")
    hidden = resource.kind == RELEASE and any(resource.props.get(key) for key in _HIDDEN)
    if hidden or (whole != resource.kind and whole in WORKLOADS):
        yield resource


@rule(
    _namespaced,
    severity=Severity.MEDIUM,
    remedy="name a namespace that the stack makes.",
    reference=cis("4.5.2 Default namespace not used"),
)
def forbid_default_namespace(resource: Resource) -> Iterator[str]:
    """Everything lives in a namespace that was made for it."""
    if resource.namespace == "default":
        yield "it is in the namespace default"


@rule(
    _workload_fragments,
    severity=Severity.HIGH,
    remedy="declare each workload as a resource of its own, and each value of a Helm release in "
    "values, so that every rule can see all of it.",
    everywhere=True,
)
def forbid_unseen_workloads(resource: Resource) -> Iterator[str]:
    """No workload is made in a form that the other rules cannot judge."""
    yield f"{resource.kind} hides a part of the pods that it makes or changes"


@stack_rule(
    "core/Namespace",
    severity=Severity.HIGH,
    remedy="add a ResourceQuota and a LimitRange to the namespace (Tenant in components/tenancy does).",
    reference=cis("4.5.1 Boundaries between resources by namespaces"),
)
def require_tenant_quota(namespace: Resource, stack: Stack) -> Iterator[str]:
    """No tenant can use up the cluster."""
    if TENANT not in mapping(namespace.metadata.get("labels")):
        return
    for kind in ("ResourceQuota", "LimitRange"):
        if not some(
            stack.of(f"core/{kind}"), lambda entry: entry.namespace == namespace.object_name
        ):
            yield f"namespace {namespace.object_name} has no {kind}"


@stack_rule(
    *(kind for kind in WORKLOADS if kind != "core/PodTemplate"),
    severity=Severity.MEDIUM,
    remedy=f"label the workload {TENANT} with the tenant of its namespace.",
    reference=cis("4.5.1 Boundaries between resources by namespaces"),
)
def require_tenant_label(workload: Resource, stack: Stack) -> Iterator[str]:
    """Workloads in a tenant's namespace carry the tenant's name, by which policies and costs go."""
    for namespace in stack.of("core/Namespace"):
        if namespace.object_name == workload.namespace:
            wanted = mapping(namespace.metadata.get("labels")).get(TENANT)
            found = mapping(workload.metadata.get("labels")).get(TENANT)
            if wanted is not None and found != wanted:
                yield f"label {TENANT} is {found or 'not set'}, its namespace's is {wanted}"


RULES: Final = (
    forbid_default_namespace,
    forbid_unseen_workloads,
    require_tenant_quota,
    require_tenant_label,
)
