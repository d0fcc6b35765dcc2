"""What every kind of cluster promises, whoever runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from toolchain.faults import MendableError
from toolchain.image_archive import BuiltImage

Progress = Callable[[str], None]
"""Takes one line about what is happening now."""
ImageSource = Callable[[Sequence[str], Progress], Sequence[BuiltImage]]
"""Has the images of these names built."""
Modules = Callable[[str, str], Path]
"""(tool, Go module) → its folder in the module cache."""


class ClusterError(MendableError):
    """The cluster cannot do what was asked; the message says why and how to mend it."""


@dataclass(frozen=True, kw_only=True)
class ComponentStatus:
    """One process of the cluster as its supervisor sees it."""

    name: str
    state: str
    uptime_seconds: float | None = None
    memory_bytes: int | None = None
    """Resident memory of the process and of everything it started, pods excepted."""
    cpu_seconds: float | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class NodeStatus:
    """One Kubernetes node as the API server reports it."""

    name: str
    ready: bool
    version: str
    runtime: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Status:
    """Everything worth knowing about a cluster at one moment."""

    kind: str
    """`embedded`, `simulated`, `existing` or `kind`."""
    running: bool
    components: tuple[ComponentStatus, ...] = ()
    nodes: tuple[NodeStatus, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    """What a person must know: policies not enforced, pods simulated, no way out of the node."""


class Cluster(Protocol):
    """A Kubernetes cluster that the platform can be deployed to."""

    @property
    def kind(self) -> str:
        """`embedded`, `simulated`, `existing` or `kind`."""
        ...

    @property
    def kubeconfig(self) -> Path:
        """The file through which the cluster is reached; its current context is the right one."""
        ...

    def up(self, progress: Progress) -> None:
        """Start whatever is not running; return once pods can be scheduled and resolve names."""
        ...

    def down(self, progress: Progress) -> None:
        """Stop it and leave nothing behind on the host but the cluster's own data."""
        ...

    def clean(self, progress: Progress) -> None:
        """Stop it and remove its data as well."""
        ...

    def status(self) -> Status:
        """What is running, how big it is, and whether the node is ready."""
        ...

    def load_image(self, archive: Path, reference: str) -> None:
        """Have `name@sha256:digest` in the node, from an OCI archive, without any registry."""
        ...

    def has_image(self, reference: str) -> bool:
        """Whether `load_image` would have nothing to do."""
        ...

    def logs(self, component: str, lines: int = 100) -> str:
        """The last lines that a component of `status()` wrote."""
        ...
