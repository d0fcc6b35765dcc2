"""What has to fit together across the stack: selectors, autoscalers, disruption budgets."""

from collections.abc import Iterator
from typing import Final

from policies.resource import Props, Resource, Stack, items, mapping, whole
from policies.rule import Severity, stack_rule
from policies.selectors import Workload, has_labels, replicated, selects, some, workloads

_AUTOSCALER: Final = "autoscaling/HorizontalPodAutoscaler"
_BUDGET: Final = "policy/PodDisruptionBudget"
_DISRUPTED: Final = ("apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout")


@stack_rule(
    "core/Service",
    severity=Severity.MEDIUM,
    remedy="correct spec.selector, or create what it should select in the same stack.",
)
def forbid_dangling_service(service: Resource, stack: Stack) -> Iterator[str]:
    """Services select pods that something in the stack makes."""
    wanted = mapping(service.spec.get("selector"))
    if wanted and not some(
        workloads(stack, service.namespace), lambda workload: has_labels(wanted, workload.labels)
    ):
        yield f"its selector takes no pod of namespace {service.namespace}"


@stack_rule(
    "networking.k8s.io/NetworkPolicy",
    severity=Severity.MEDIUM,
    remedy="correct spec.podSelector, or create what it should select in the same stack.",
)
def forbid_dangling_network_policy(policy: Resource, stack: Stack) -> Iterator[str]:
    """Network policies select pods that something in the stack makes."""
    yield from _dangling(policy, mapping(policy.spec.get("podSelector")), stack)


@stack_rule(
    _BUDGET,
    severity=Severity.MEDIUM,
    remedy="correct spec.selector, or create what it should select in the same stack.",
)
def forbid_dangling_disruption_budget(budget: Resource, stack: Stack) -> Iterator[str]:
    """Disruption budgets select pods that something in the stack makes."""
    yield from _dangling(budget, mapping(budget.spec.get("selector")), stack)


def _dangling(resource: Resource, selector: Props, stack: Stack) -> Iterator[str]:
    conditions = mapping(selector.get("matchLabels")) or items(selector.get("matchExpressions"))
    if conditions and not some(
        workloads(stack, resource.namespace), lambda workload: selects(selector, workload.labels)
    ):
        yield f"its selector takes no pod of namespace {resource.namespace}"


@stack_rule(
    _AUTOSCALER,
    severity=Severity.MEDIUM,
    remedy="correct spec.scaleTargetRef, or create its target in the same stack.",
)
def forbid_dangling_autoscaler(autoscaler: Resource, stack: Stack) -> Iterator[str]:
    """Autoscalers scale something that the stack makes."""
    target = mapping(autoscaler.spec.get("scaleTargetRef"))
    if not some(
        replicated(stack, autoscaler.namespace), lambda workload: _is(workload.resource, target)
    ):
        yield f"{target.get('kind')} {target.get('name')} is not in namespace {autoscaler.namespace}"


@stack_rule(
    _AUTOSCALER,
    severity=Severity.HIGH,
    remedy="leave spec.replicas out of the workload; each deployment would undo the autoscaler's work.",
)
def forbid_fixed_replicas(autoscaler: Resource, stack: Stack) -> Iterator[str]:
    """A workload that an autoscaler scales has no number of its own."""
    target = mapping(autoscaler.spec.get("scaleTargetRef"))

    def fixed(workload: Workload) -> bool:
        resource = workload.resource
        return _is(resource, target) and resource.spec.get("replicas") is not None

    if some(replicated(stack, autoscaler.namespace), fixed):
        yield f"{target.get('kind')} {target.get('name')} sets spec.replicas"


@stack_rule(
    _BUDGET,
    severity=Severity.HIGH,
    remedy="use maxUnavailable: 1, or lower minAvailable below the fewest pods there can be.",
)
def forbid_blocking_disruption_budget(budget: Resource, stack: Stack) -> Iterator[str]:
    """No disruption budget asks for as many pods as there are."""
    kept = budget.spec.get("minAvailable")
    if kept is None:
        return
    selector = mapping(budget.spec.get("selector"))
    for workload in replicated(stack, budget.namespace):
        if selects(selector, workload.labels):
            fewest = _fewest(workload.resource, stack)
            count = whole(kept)
            if kept == "100%" or (count is not None and count >= fewest):
                yield (
                    f"minAvailable is {kept if count is None else count}, "
                    f"{workload.resource.name} may have {fewest}"
                )


@stack_rule(
    *_DISRUPTED,
    severity=Severity.MEDIUM,
    remedy="add a PodDisruptionBudget that selects its pods (disruption_budget() in "
    "components/workload).",
)
def require_disruption_budget(resource: Resource, stack: Stack) -> Iterator[str]:
    """Workloads of more than one pod are never drained all at once."""
    if _fewest(resource, stack) < 2:
        return
    labels = Workload(resource).labels

    def guards(budget: Resource) -> bool:
        return budget.namespace == resource.namespace and selects(
            mapping(budget.spec.get("selector")), labels
        )

    if not some(stack.of(_BUDGET), guards):
        yield "no PodDisruptionBudget selects its pods"


def _is(resource: Resource, target: Props) -> bool:
    kind = resource.kind.rpartition("/")[2]
    return kind == target.get("kind") and resource.object_name == target.get("name")


def _fewest(resource: Resource, stack: Stack) -> int:
    """The fewest pods that the workload is meant to have."""
    for autoscaler in stack.of(_AUTOSCALER):
        target = mapping(autoscaler.spec.get("scaleTargetRef"))
        if autoscaler.namespace == resource.namespace and _is(resource, target):
            return whole(autoscaler.spec.get("minReplicas")) or 1
    replicas = whole(resource.spec.get("replicas"))
    return 1 if replicas is None else replicas


RULES: Final = (
    forbid_dangling_service,
    forbid_dangling_network_policy,
    forbid_dangling_disruption_budget,
    forbid_dangling_autoscaler,
    forbid_fixed_replicas,
    forbid_blocking_disruption_budget,
    require_disruption_budget,
)
