"""What lets a workload live beside others: requests, limits, probes, an identity of its own."""

import re
from collections.abc import Iterator
from typing import Final

from policies.pods import (
    SERVING,
    Container,
    Pod,
    containers,
    pods,
    serving_containers,
    serving_pods,
)
from policies.resource import Props, Resource, at, items, mapping, plain, whole
from policies.rule import Severity, cis, configured_rule, of, option, rule
from policies.selectors import selects

OBJECTIVE: Final = "agents.platform/slo"
"""Annotation of an agent: availability in percent over 30 days, and latency in milliseconds."""
_OBJECTIVE: Final = re.compile(r"\d{2}(\.\d{1,3})?/[1-9]\d{0,5}ms")


@rule(
    containers,
    severity=Severity.MEDIUM,
    remedy="set resources.requests.cpu and resources.requests.memory.",
)
def require_requests(container: Container) -> Iterator[str]:
    """The scheduler knows what each container needs."""
    for resource in ("cpu", "memory"):
        if at(container.props, "resources", "requests", resource) is None:
            yield f"resources.requests.{resource} is not set"


@rule(
    containers,
    severity=Severity.MEDIUM,
    remedy="set resources.limits.memory; above it the container is ended instead of its neighbours.",
)
def require_memory_limit(container: Container) -> Iterator[str]:
    """No container can take the memory of its node."""
    if at(container.props, "resources", "limits", "memory") is None:
        yield "resources.limits.memory is not set"


@rule(
    serving_containers,
    severity=Severity.MEDIUM,
    remedy="add a readinessProbe that asks whether the container can do its work.",
)
def require_readiness_probe(container: Container) -> Iterator[str]:
    """Requests go only to containers that say they can take them."""
    if not mapping(container.props.get("readinessProbe")):
        yield "readinessProbe is not set"


@rule(
    serving_containers,
    severity=Severity.MEDIUM,
    remedy="add a livenessProbe that asks the process itself and none of its dependencies.",
)
def require_liveness_probe(container: Container) -> Iterator[str]:
    """A container that hangs is started again."""
    if not mapping(container.props.get("livenessProbe")):
        yield "livenessProbe is not set"


@rule(
    containers,
    severity=Severity.LOW,
    remedy="keep one of them; the last one wins, whichever was meant.",
)
def forbid_duplicate_variables(container: Container) -> Iterator[str]:
    """Each environment variable is set once."""
    seen: set[str] = set()
    for entry in items(container.props.get("env")):
        name = str(mapping(entry).get("name"))
        if name in seen:
            yield f"variable {name} is set twice"
        seen.add(name)


@rule(
    containers,
    severity=Severity.MEDIUM,
    remedy="give the port's number, or the name of one of the container's ports.",
)
def forbid_dangling_probe_port(container: Container) -> Iterator[str]:
    """Probes ask a port that the container has."""
    names = [mapping(port).get("name") for port in items(container.props.get("ports"))]
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        for handler in ("httpGet", "tcpSocket"):
            port = at(container.props, probe, handler, "port")
            if isinstance(port, str) and not port.isdecimal() and port not in names:
                yield f"{probe} asks port {port}, which the container does not name"


@rule(
    pods,
    severity=Severity.MEDIUM,
    remedy="give the workload a ServiceAccount of its own and name it in serviceAccountName.",
    reference=cis("4.1.5 Default service accounts not used"),
)
def require_own_account(pod: Pod) -> Iterator[str]:
    """Workloads have an identity of their own, so that permissions can be given to one of them."""
    account = pod.spec.get("serviceAccountName")
    if account in (None, "", "default"):
        yield "serviceAccountName is default"


@rule(
    serving_pods,
    severity=Severity.LOW,
    remedy="add topologySpreadConstraints over zones and nodes (spread() in components/workload).",
)
def require_topology_spread(pod: Pod) -> Iterator[str]:
    """The pods of a workload do not fail together with one node."""
    # One pod cannot be spread. Where the number is left to an autoscaler it may be more.
    single = whole(pod.resource.spec.get("replicas")) in (0, 1)
    spread = items(pod.spec.get("topologySpreadConstraints")) or at(
        pod.spec, "affinity", "podAntiAffinity"
    )
    if pod.resource.kind != "apps/DaemonSet" and not single and not spread:
        yield "topologySpreadConstraints is not set"


@rule(
    of(*SERVING),
    severity=Severity.HIGH,
    remedy="use the same labels in spec.selector and spec.template.metadata.labels.",
)
def require_matching_selector(workload: Resource) -> Iterator[str]:
    """A workload selects the pods that it makes."""
    labels = mapping(at(workload.spec, "template", "metadata", "labels"))
    selector = mapping(workload.spec.get("selector"))
    if workload.kind == "core/ReplicationController":
        selector = {"matchLabels": selector}
    if not selects(selector, labels):
        yield "spec.selector does not select the labels of spec.template"


@rule(
    of("policy/PodDisruptionBudget"),
    severity=Severity.MEDIUM,
    remedy="set maxUnavailable to 1 or more; minAvailable blocks node drains as soon as it equals "
    "the number of pods.",
)
def require_max_unavailable(budget: Resource) -> Iterator[str]:
    """Disruption budgets say how many pods may go, never how many have to stay."""
    if budget.spec.get("minAvailable") is not None:
        yield "it sets minAvailable"
    elif budget.spec.get("maxUnavailable") in (None, 0, "0", "0%"):
        yield f"maxUnavailable is {budget.spec.get('maxUnavailable') or 'not set or 0'}"


@rule(
    of("policy/PodDisruptionBudget"),
    severity=Severity.MEDIUM,
    remedy="set unhealthyPodEvictionPolicy to AlwaysAllow.",
)
def require_unhealthy_eviction(budget: Resource) -> Iterator[str]:
    """A pod that is broken anyway never blocks a node's drain."""
    policy = budget.spec.get("unhealthyPodEvictionPolicy")
    if policy != "AlwaysAllow":
        yield f"unhealthyPodEvictionPolicy is {policy or 'not set'}"


@rule(
    serving_containers,
    severity=Severity.MEDIUM,
    remedy="let the livenessProbe ask the process alone, later and less often than the readinessProbe.",
)
def forbid_equal_probes(container: Container) -> Iterator[str]:
    """A container that is busy is left alone, not ended: its two probes differ."""
    readiness = plain(mapping(container.props.get("readinessProbe")))
    if readiness and readiness == plain(mapping(container.props.get("livenessProbe"))):
        yield "livenessProbe and readinessProbe are the same"


@configured_rule(
    of(*SERVING, "batch/Job", "batch/CronJob"),
    severity=Severity.LOW,
    remedy="set the labels (labels() in components/labels).",
    options={
        "labels": option(
            "strings",
            [
                "app.kubernetes.io/name",
                "app.kubernetes.io/component",
                "app.kubernetes.io/part-of",
            ],
            "Labels that every workload has",
        )
    },
)
def require_labels(workload: Resource, settings: Props) -> Iterator[str]:
    """Workloads say what they are and what they belong to."""
    found = mapping(workload.metadata.get("labels"))
    wanted = [str(label) for label in items(settings.get("labels"))]
    if missing := [label for label in wanted if not found.get(label)]:
        yield f"it lacks the label {', '.join(missing)}"


@rule(
    serving_pods,
    severity=Severity.LOW,
    remedy="set priorityClassName to a PriorityClass of the stack.",
)
def require_priority_class(pod: Pod) -> Iterator[str]:
    """When nodes run short, it is known who goes first."""
    if not pod.spec.get("priorityClassName"):
        yield "priorityClassName is not set"


@rule(
    of("autoscaling/HorizontalPodAutoscaler"),
    severity=Severity.MEDIUM,
    remedy="set minReplicas to 2 or more, and maxReplicas above it.",
)
def require_autoscaler_room(autoscaler: Resource) -> Iterator[str]:
    """What is scaled survives the loss of a pod, and has room to grow."""
    fewest = whole(autoscaler.spec.get("minReplicas"))
    if fewest is None or fewest < 2:
        yield f"minReplicas is {'not set' if fewest is None else fewest}"
    elif (whole(autoscaler.spec.get("maxReplicas")) or 0) <= fewest:
        yield f"maxReplicas is not above minReplicas, which is {fewest}"


@rule(
    of("apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout"),
    severity=Severity.MEDIUM,
    remedy=f"annotate the workload {OBJECTIVE} with availability and latency, such as 99.9/500ms.",
)
def require_objective(workload: Resource) -> Iterator[str]:
    """For each agent it is known what it promises: how often it answers, and how fast."""
    if mapping(workload.metadata.get("labels")).get("app.kubernetes.io/component") != "agent":
        return
    objective = mapping(workload.metadata.get("annotations")).get(OBJECTIVE)
    if not isinstance(objective, str) or not _OBJECTIVE.fullmatch(objective):
        yield f"annotation {OBJECTIVE} is {objective or 'not set'}"


RULES: Final = (
    require_requests,
    require_memory_limit,
    require_readiness_probe,
    require_liveness_probe,
    forbid_duplicate_variables,
    forbid_dangling_probe_port,
    require_own_account,
    require_topology_spread,
    require_matching_selector,
    require_max_unavailable,
    require_unhealthy_eviction,
    forbid_equal_probes,
    require_labels,
    require_priority_class,
    require_autoscaler_room,
    require_objective,
)
