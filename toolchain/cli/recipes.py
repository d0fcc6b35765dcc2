"""What `make up` consists of, for each kind of cluster."""

from collections.abc import Iterable
from pathlib import Path

from toolchain import debian
from toolchain.build_table import TOOLS
from toolchain.cli.steps import Step
from toolchain.cli.work import PROVIDERS, debian_step, image_step, own, tool_step
from toolchain.cluster import Cluster
from toolchain.cluster.requirements import PACKAGES
from toolchain.image_archive import read_lock
from toolchain.image_table import BASE, DEPLOYED, IMAGES
from toolchain.images import LOCK
from toolchain.paths import Paths

IMAGE_PACKAGES = ("buildah", "debootstrap", "util-linux", "ca-certificates")
NODE_IMAGES = ("pause", "coredns", "metrics-server", "python")
ENGINE_TOOLS = ("pulumi", *PROVIDERS)
CONTROL_PLANE = ("etcd", "kubernetes")
CLUSTER_TOOLS: dict[str, tuple[str, ...]] = {
    "embedded": (
        *CONTROL_PLANE,
        "cilium-agent",
        "cilium-cni",
        "cilium-dbg",
        "local-path-provisioner",
    ),
    "simulated": (*CONTROL_PLANE, "kwok"),
    "kind": ("kubernetes",),
    "existing": ("kubernetes",),
}
CLUSTER_IMAGES = {"embedded": NODE_IMAGES, "kind": ("metrics-server",)}


def deployment(
    cluster: Cluster, stack: str, paths: Paths, *, official: bool, url: str | None, answer: Path
) -> list[Step]:
    """From nothing to an answering agent.

    `official`: a Pulumi of the user's is there, with plugins of its own. `url`: where the gateway
    can be reached on this machine, None where a way has to be opened to it first.
    """
    kind = cluster.kind
    engine = () if official else ENGINE_TOOLS
    programs = CLUSTER_TOOLS[kind]
    system = CLUSTER_IMAGES.get(kind, ())
    deployed = DEPLOYED if kind in {"embedded", "kind"} else ()
    wanted = tuple(name for name in IMAGES if name in {*system, *deployed})
    binaries = [binary for name in wanted for binary in IMAGES[name].binaries]
    tools = _once(*engine, *programs, *binaries)
    packages = _once(*(IMAGE_PACKAGES if wanted else ()), *(PACKAGES if kind == "embedded" else ()))
    steps = [
        *([_references()] if kind == "simulated" else []),
        debian_step(name for name in packages if name in debian.PACKAGES),
        *(tool_step(TOOLS[name], paths) for name in tools),
        *(image_step(name) for name in _with_base(wanted)),
        Step(
            name="cluster",
            title=f"{kind} cluster",
            command=own("cluster", stack),
            seconds=30,
            needs=(
                "debian",
                *(f"tool-{name}" for name in programs),
                *(f"image-{name}" for name in system),
            ),
            heavy=False,
        ),
        Step(
            name="load",
            title="images into the cluster",
            command=own("load", stack, *deployed),
            seconds=15,
            needs=("cluster", *(f"image-{name}" for name in deployed)),
            heavy=False,
            is_done=lambda: loaded(cluster, deployed),
        ),
        Step(
            name="deploy",
            title=f"pulumi up of stack {stack}",
            command=own("deploy", stack),
            seconds=90,
            needs=(
                "load",
                *(f"tool-{name}" for name in engine),
                *(("references",) if kind == "simulated" else ()),
            ),
            heavy=False,
        ),
    ]
    asking = own("answer", url, str(answer)) if url else own("forwarded-answer", stack, str(answer))
    # The pods of a simulated node answer nobody; a process of this machine does.
    local = [_local_agent(stack)] if kind == "simulated" else []
    return [*steps, *local, _answer(asking, *(step.name for step in local))]


def engine(paths: Paths) -> list[Step]:
    """What a preview without a cluster needs."""
    return [tool_step(TOOLS[name], paths) for name in ENGINE_TOOLS]


def images(paths: Paths) -> list[Step]:
    """What a stack runs, built."""
    wanted = _with_base(DEPLOYED)
    binaries = _once(*(binary for name in wanted for binary in IMAGES[name].binaries))
    return [
        debian_step(name for name in IMAGE_PACKAGES if name in debian.PACKAGES),
        *(tool_step(TOOLS[name], paths) for name in binaries),
        *(image_step(name) for name in wanted),
    ]


def previews(stacks: Iterable[str], base: str, paths: Paths) -> list[Step]:
    """What each stack would become, measured against `base`, for a report."""
    return [
        *engine(paths),
        *(_previewed(stack, base) for stack in stacks),
    ]


def drift(stack: str, paths: Paths) -> list[Step]:
    """What a stack would become, measured against what is really there."""
    return [
        *engine(paths),
        Step(
            name=f"drift-{stack}",
            title=f"stack {stack} against what is there",
            command=own("drift", stack),
            seconds=120,
            needs=tuple(f"tool-{name}" for name in ENGINE_TOOLS),
            heavy=False,
        ),
    ]


def _previewed(stack: str, base: str) -> Step:
    return Step(
        name=f"preview-{stack}",
        title=f"preview of stack {stack}",
        command=own("preview", stack, base),
        seconds=15,
        needs=tuple(f"tool-{name}" for name in ENGINE_TOOLS),
    )


def rehearsal(stack: str, paths: Paths) -> list[Step]:
    """Production deployed and removed on a simulated AWS, by the toolchain's own engine and plugins."""
    tools = _once(*ENGINE_TOOLS, *CLUSTER_TOOLS["simulated"])
    return [
        *(tool_step(TOOLS[name], paths) for name in tools),
        Step(
            name="rehearse",
            title=f"rehearsal of stack {stack}",
            command=own("rehearse", stack),
            seconds=240,
            needs=tuple(f"tool-{name}" for name in tools),
            heavy=False,
            # The engine, then its clusters and the simulated AWS are ended one after the other.
            grace=90,
        ),
    ]


def _local_agent(stack: str) -> Step:
    return Step(
        name="local-agent",
        title="the agent as a local process",
        command=own("local-agent", stack),
        seconds=30,
        needs=("cluster",),
        heavy=False,
    )


def _references() -> Step:
    return Step(
        name="references",
        title="names for images that nothing runs",
        command=own("references", *DEPLOYED),
        seconds=1,
        heavy=False,
        is_done=lambda: set(DEPLOYED) <= set(read_lock(LOCK)),
    )


def loaded(cluster: Cluster, names: Iterable[str]) -> bool:
    """Whether the cluster has the images of these names as they are in the lock."""
    locked = read_lock(LOCK)
    return all(name in locked and cluster.has_image(locked[name]) for name in names)


def _answer(command: tuple[str, ...], *needs: str) -> Step:
    return Step(
        name="answer",
        title="a document through the gateway",
        command=command,
        seconds=2,
        needs=("deploy", *needs),
        heavy=False,
    )


def teardown(stack: str, *, destroy: bool) -> list[Step]:
    """Leave nothing running."""
    destroying = Step(
        name="destroy",
        title=f"pulumi destroy of stack {stack}",
        command=own("destroy", stack),
        seconds=60,
        heavy=False,
    )
    stopping = Step(
        name="down",
        title="stop the cluster",
        command=own("down", stack),
        seconds=20,
        needs=("destroy",) if destroy else (),
        heavy=False,
    )
    return [destroying, stopping] if destroy else [stopping]


def _with_base(names: Iterable[str]) -> list[str]:
    wanted = set(names)
    if any(IMAGES[name].based for name in wanted):
        wanted.add(BASE)
    return [name for name in IMAGES if name in wanted]


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
