"""What has to fit together across the stack: selectors, autoscalers, disruption budgets."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from policies.pods import WORKLOADS, containers, pods
from policies.resource import Props, Resource, Stack, items, mapping, plain, whole
from policies.rule import Severity, stack_rule
from policies.selectors import (
    Workload,
    charted,
    has_labels,
    replicated,
    selects,
    some,
    workloads,
)

_AUTOSCALER: Final = "autoscaling/HorizontalPodAutoscaler"
_ACCOUNT: Final = "core/ServiceAccount"
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
    made = (workload.labels for workload in workloads(stack, resource.namespace))
    if conditions and not some(
        chain(made, charted(stack, resource.namespace)), lambda labels: selects(selector, labels)
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
    remedy="keep one of them; each would undo the other's work.",
)
def forbid_duplicate_autoscaler(autoscaler: Resource, stack: Stack) -> Iterator[str]:
    """Nothing is scaled by two autoscalers."""
    target = plain(autoscaler.spec.get("scaleTargetRef"))
    for other in stack.of(_AUTOSCALER):
        if (
            other is not autoscaler
            and other.namespace == autoscaler.namespace
            and plain(other.spec.get("scaleTargetRef")) == target
        ):
            yield f"{other.name} scales the same"


@stack_rule(
    "core/Service",
    severity=Severity.HIGH,
    remedy="use the name of a port of the containers, or add the port to them.",
)
def forbid_invalid_target_port(service: Resource, stack: Stack) -> Iterator[str]:
    """Services send to ports that the pods behind them have."""
    wanted = mapping(service.spec.get("selector"))
    behind = [
        each
        for each in workloads(stack, service.namespace)
        if wanted and has_labels(wanted, each.labels)
    ]
    known = {name for each in behind for name in _ports(each)}
    for entry in items(service.spec.get("ports")):
        port = mapping(entry).get("targetPort", mapping(entry).get("port"))
        # Pods that name no port at all may listen on any.
        if known and str(whole(port) or port) not in known:
            yield f"no container has port {whole(port) or port}"


def _ports(workload: Workload) -> Iterator[str]:
    for container in containers(workload.resource):
        for entry in items(container.props.get("ports")):
            port = mapping(entry)
            yield str(whole(port.get("containerPort")))
            yield str(port.get("name"))


@stack_rule(
    "monitoring.coreos.com/PodMonitor",
    "monitoring.coreos.com/ServiceMonitor",
    severity=Severity.MEDIUM,
    remedy="correct spec.selector and spec.namespaceSelector, or create what they should select.",
)
def forbid_dangling_monitor(monitor: Resource, stack: Stack) -> Iterator[str]:
    """What is set up to be measured is there."""
    selector = mapping(monitor.spec.get("selector"))
    chosen = mapping(monitor.spec.get("namespaceSelector"))
    namespaces = [str(name) for name in items(chosen.get("matchNames"))] or [monitor.namespace]

    def selected(resource: Resource) -> bool:
        within = bool(chosen.get("any")) or resource.namespace in namespaces
        labels = (
            mapping(resource.metadata.get("labels"))
            if resource.kind == "core/Service"
            else Workload(resource).labels
        )
        return within and selects(selector, labels)

    kinds = ("core/Service",) if monitor.kind.endswith("ServiceMonitor") else WORKLOADS
    if not some(stack.of(*kinds), selected):
        yield f"its selector takes nothing in {', '.join(namespaces)}"


@stack_rule(
    *(kind for kind in WORKLOADS if kind != "core/PodTemplate"),
    severity=Severity.HIGH,
    remedy="make the ServiceAccount in the same namespace, or correct serviceAccountName.",
)
def forbid_missing_account(workload: Resource, stack: Stack) -> Iterator[str]:
    """Workloads name accounts that the stack makes; the API server refuses pods of any other."""
    if any(account.urn in workload.links.get("spec", ()) for account in stack.of(_ACCOUNT)):
        return
    name = next(pod.spec.get("serviceAccountName") for pod in pods(workload))
    # That pods have an account of their own at all is another rule's.
    if name in (None, "", "default"):
        return

    def own(account: Resource) -> bool:
        return account.namespace == workload.namespace and account.object_name == name

    if not some(stack.of(_ACCOUNT), own):
        yield f"there is no ServiceAccount {name} in namespace {workload.namespace}"


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
    forbid_duplicate_autoscaler,
    forbid_invalid_target_port,
    forbid_dangling_monitor,
    forbid_missing_account,
    forbid_fixed_replicas,
    forbid_blocking_disruption_budget,
    require_disruption_budget,
)
