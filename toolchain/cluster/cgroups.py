"""The cluster's own cgroup, in every hierarchy the kernel has: v1, hybrid or pure v2."""

import errno
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchain.cluster.model import ClusterError

NODE = "node"
"""The child that holds the node's programs; pods are in their own, beside it."""

# What the kubelet asks of a v2 cgroup it is given as its root.
V2_CONTROLLERS = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")


@dataclass(frozen=True)
class Hierarchies:
    """Where the hierarchies are mounted."""

    v1: tuple[Path, ...]
    v2: Path | None

    @property
    def all(self) -> tuple[Path, ...]:
        """Every mount point."""
        return (*self.v1, self.v2) if self.v2 else self.v1

    @property
    def pure_v2(self) -> bool:
        """Whether controllers are in the one v2 tree."""
        return not self.v1


def hierarchies(mounts: str) -> Hierarchies:
    """Read them from the text of `/proc/self/mounts`."""
    v1: list[Path] = []
    v2: Path | None = None
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        if kind == "cgroup":
            v1.append(Path(point))
        elif kind == "cgroup2" and v2 is None:
            v2 = Path(point)
    return Hierarchies(tuple(dict.fromkeys(v1)), v2)


def present() -> Hierarchies:
    """The hierarchies of this machine."""
    found = hierarchies(Path("/proc/self/mounts").read_text())
    if not found.all:
        raise ClusterError(
            "got no cgroup mount in /proc/self/mounts, wanted cgroup v1 or v2 for the pods: "
            "mount one (mount -t cgroup2 none /sys/fs/cgroup) or run where it is"
        )
    return found


def make(name: str) -> None:
    """Create the cgroup with its `node` child, controllers handed down."""
    found = present()
    for root in found.all:
        (root / name / NODE).mkdir(parents=True, exist_ok=True)
    for root in found.v1:
        if (root / "cpuset.cpus").exists():
            # A v1 cpuset starts empty and then takes no process.
            for folder in (root / name, root / name / NODE):
                for file in ("cpuset.cpus", "cpuset.mems"):
                    if not (folder / file).read_text().strip():
                        (folder / file).write_text((folder.parent / file).read_text())
    if found.pure_v2 and found.v2:
        for folder in (found.v2, found.v2 / name):
            _hand_down(folder)


def _hand_down(folder: Path) -> None:
    offered = (folder / "cgroup.controllers").read_text().split()
    for controller in V2_CONTROLLERS:
        if controller in offered:
            try:
                (folder / "cgroup.subtree_control").write_text(f"+{controller}")
            except OSError as error:
                if error.errno != errno.EBUSY:
                    raise
                raise ClusterError(
                    f"got EBUSY handing down the {controller} controller in {folder}: processes "
                    "sit in that cgroup itself, wanted them in a child. Move them (as a container's "
                    "entrypoint, into an `init` child), or run the container with "
                    "--cgroupns=host"
                ) from error


def enter(name: str) -> None:
    """Move this process into the node's cgroup."""
    for root in present().all:
        (root / name / NODE / "cgroup.procs").write_text(str(os.getpid()))


def members(name: str) -> set[int]:
    """Every process in the cgroup and below."""
    return {
        int(line)
        for root in present().all
        if (root / name).is_dir()
        for folder in _bottom_up(root / name)
        for line in _lines(folder / "cgroup.procs")
    }


def pod_members(name: str) -> set[int]:
    """Every process of a pod."""
    return {
        int(line)
        for root in present().all
        if (root / name / "kubepods").is_dir()
        for folder in _bottom_up(root / name / "kubepods")
        for line in _lines(folder / "cgroup.procs")
    }


def remove(name: str, deadline_seconds: float = 20) -> None:
    """Remove the cgroup from every hierarchy; its processes must have been ended before."""
    end = time.monotonic() + deadline_seconds
    for root in present().all:
        while (root / name).is_dir():
            try:
                for folder in _bottom_up(root / name):
                    folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > end:
                    raise ClusterError(
                        f"got {error} removing cgroup {root / name}, wanted it empty; still in it: "
                        f"{sorted(members(name)) or 'nothing visible'}"
                    ) from error
                # The kernel has no event for "the last task has been reaped" on v1.
                time.sleep(0.05)


def _bottom_up(folder: Path) -> Iterator[Path]:
    for path, _, _ in os.walk(folder, topdown=False):
        yield Path(path)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except (FileNotFoundError, OSError):
        return []  # the cgroup went away between the listing and the reading
