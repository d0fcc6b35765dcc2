"""Label selectors: which pods of the stack an object means."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from pulumi_policy.proxy import UnknownValueError

from policies.pods import SERVING, WORKLOADS, pods
from policies.resource import RELEASE, Props, Resource, Stack, items, mapping

T = TypeVar("T")
_REPLICATED: Final = tuple(kind for kind in SERVING if kind != "apps/DaemonSet")


@dataclass(frozen=True)
class Workload:
    """A resource that pods are made from, and the labels they get."""

    resource: Resource

    @property
    def labels(self) -> Props:
        """Labels of its pods."""
        return next(mapping(pod.metadata.get("labels")) for pod in pods(self.resource))


def workloads(stack: Stack, namespace: str) -> Iterator[Workload]:
    """What makes pods in `namespace`."""
    for resource in stack.of(*WORKLOADS):
        if resource.namespace == namespace:
            yield Workload(resource)


def charted(stack: Stack, namespace: str) -> Iterator[Props]:
    """Labels that Helm releases give to their pods in `namespace`, as their values say."""
    for release in stack.of(RELEASE):
        if release.namespace == namespace:
            yield from _pod_labels(mapping(release.props.get("values")))


def _pod_labels(values: Props) -> Iterator[Props]:
    for key in values:
        nested = mapping(values[key])
        if key == "podLabels":
            yield nested
        else:
            yield from _pod_labels(nested)


def replicated(stack: Stack, namespace: str) -> Iterator[Workload]:
    """What makes a given number of pods in `namespace`."""
    return (
        workload
        for workload in workloads(stack, namespace)
        if workload.resource.kind in _REPLICATED
    )


def selects(selector: Props, labels: Props) -> bool:
    """Whether a `LabelSelector` takes these labels. One without conditions takes all."""
    wanted = mapping(selector.get("matchLabels"))
    if not has_labels(wanted, labels):
        return False
    return all(_holds(mapping(entry), labels) for entry in items(selector.get("matchExpressions")))


def has_labels(wanted: Props, labels: Props) -> bool:
    """Whether all of `wanted` are among `labels`."""
    return all(key in labels and labels[key] == wanted[key] for key in wanted)


def _holds(expression: Props, labels: Props) -> bool:
    key, operator = str(expression.get("key")), expression.get("operator")
    values = tuple(items(expression.get("values")))
    match operator:
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False


def some(candidates: Iterable[T], holds: Callable[[T], bool]) -> bool:
    """Whether `holds` for one of `candidates`.

    A candidate that cannot be judged in a preview matters only if no other one holds; then the
    question itself cannot be answered, and its `UnknownValueError` is raised.
    """
    unknown: UnknownValueError | None = None
    for candidate in candidates:
        try:
            if holds(candidate):
                return True
        except UnknownValueError as error:
            unknown = error
    if unknown is not None:
        raise unknown
    return False
