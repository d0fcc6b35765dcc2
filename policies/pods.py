"""Pods and containers, wherever a resource holds them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policies.resource import Props, Resource, at, items, mapping

_TEMPLATES: Final[dict[str, tuple[str, ...]]] = {
    "core/Pod": (),
    "core/PodTemplate": ("template",),
    "core/ReplicationController": ("spec", "template"),
    "apps/DaemonSet": ("spec", "template"),
    "apps/Deployment": ("spec", "template"),
    "apps/ReplicaSet": ("spec", "template"),
    "apps/StatefulSet": ("spec", "template"),
    "argoproj.io/Rollout": ("spec", "template"),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template"),
    "batch/Job": ("spec", "template"),
}
WORKLOADS: Final = tuple(_TEMPLATES)
"""Kinds that pods are made from."""
SERVING: Final = (
    "apps/DaemonSet",
    "apps/Deployment",
    "apps/ReplicaSet",
    "apps/StatefulSet",
    "argoproj.io/Rollout",
    "core/ReplicationController",
)
"""Kinds whose pods run until they are told to stop."""
_LISTS: Final = {
    "containers": "container",
    "initContainers": "init container",
    "ephemeralContainers": "ephemeral container",
}


@dataclass(frozen=True)
class Pod:
    """A pod, or the template of one."""

    resource: Resource
    metadata: Props
    spec: Props
    label: str = "pod"

    @property
    def security(self) -> Props:
        """The security context that containers inherit where they set nothing themselves."""
        return mapping(self.spec.get("securityContext"))


@dataclass(frozen=True)
class Container:
    """A container of a pod: a main one, an init container or an ephemeral one."""

    pod: Pod
    label: str
    props: Props

    @property
    def security(self) -> Props:
        """The container's own security context."""
        return mapping(self.props.get("securityContext"))


@dataclass(frozen=True)
class SecurityContext:
    """The security context of a pod or of a container, where one is set."""

    label: str
    props: Props


def pods(resource: Resource) -> Iterator[Pod]:
    """The pod that `resource` is or makes, if any."""
    path = _TEMPLATES.get(resource.kind)
    if path is not None:
        template = mapping(at(resource.props, *path))
        yield Pod(resource, mapping(template.get("metadata")), mapping(template.get("spec")))


def containers(resource: Resource) -> Iterator[Container]:
    """Every container: main, init and ephemeral."""
    for pod in pods(resource):
        yield from _listed(pod, *_LISTS)


def serving_containers(resource: Resource) -> Iterator[Container]:
    """Main containers of workloads that run until they are told to stop."""
    if resource.kind in SERVING:
        for pod in pods(resource):
            yield from _listed(pod, "containers")


def serving_pods(resource: Resource) -> Iterator[Pod]:
    """Pods of workloads that run until they are told to stop."""
    if resource.kind in SERVING:
        yield from pods(resource)


def security_contexts(resource: Resource) -> Iterator[SecurityContext]:
    """The security contexts of the pod and of its containers."""
    for pod in pods(resource):
        yield SecurityContext(pod.label, pod.security)
    for container in containers(resource):
        yield SecurityContext(container.label, container.security)


def _listed(pod: Pod, *lists: str) -> Iterator[Container]:
    for key in lists:
        entries = items(pod.spec.get(key))
        for index in range(len(entries)):
            props = mapping(entries[index])
            yield Container(pod, f"{_LISTS[key]} {props.get('name') or index + 1}", props)
