"""Performs one step in a process of its own: `python -m toolchain.cli.perform tool traefik`.

Its output is the step's log. What a person can mend ends it with one `error: …` and the code 1.
"""

import ctypes
import hashlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from toolchain import builds, debian, images
from toolchain.cli import sample, stack
from toolchain.cli.engine import Engine
from toolchain.cli.faults import FAULTS, text
from toolchain.cli.forward import forwarded
from toolchain.cli.kubectl import Kubectl
from toolchain.cluster import ClusterError
from toolchain.cluster.settings import CONTEXT
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.image_archive import BuiltImage, read_lock, write_lock
from toolchain.paths import Paths

PR_SET_PDEATHSIG = 1
GATEWAY_PORT = "web"
"""Name of the port of the gateway's Service."""


def say(line: str) -> None:
    """A line of the log, seen at once by whoever follows it."""
    print(line, flush=True)


def _debian(*packages: str) -> None:
    debian.ensure(packages, say)


def _tool(name: str) -> None:
    builds.build(name, say)


def _image(name: str) -> None:
    images.build(name, say)


def _cluster(name: str) -> None:
    paths = Paths.from_environment()
    stack.cluster(stack.named(name, paths), paths, say).up(say)


def _local_agent(name: str) -> None:
    paths = Paths.from_environment()
    target = stack.named(name, paths)
    cluster = stack.cluster(target, paths, say)
    if not isinstance(cluster, SimulatedCluster):
        raise ClusterError(
            f"got a {cluster.kind} cluster, wanted the simulated one: it has no pods"
        )
    cluster.serve(*stack.first_agent(target), say)


def _down(name: str) -> None:
    paths = Paths.from_environment()
    stack.cluster(stack.named(name, paths), paths, say).down(say)


def _load(name: str, *wanted: str) -> None:
    paths = Paths.from_environment()
    cluster = stack.cluster(stack.named(name, paths), paths, say)
    for one in wanted:
        image = images.current(one)
        if image is None:
            raise images.ImageError(
                f"got no archive of the image {one} as its sources are now, wanted it built; "
                f"run: python -m toolchain.images build {one}"
            )
        say(f"{one}: {image.reference}")
        cluster.load_image(image.archive, image.reference)


def _references(*names: str) -> None:
    """A simulated node pulls nothing; yet the program wants a digest for each image."""
    missing = [name for name in names if name not in read_lock(images.LOCK)]
    for name in missing:
        digest = f"sha256:{hashlib.sha256(f'simulated {name}'.encode()).hexdigest()}"
        reference = f"localhost/{name}@{digest}"
        say(f"note: {reference} stands for an image that is not built here")
        write_lock(images.LOCK, [BuiltImage(name, reference, digest, Path(), f"localhost/{name}")])


def _deploy(name: str) -> None:
    paths = Paths.from_environment()
    engine = Engine.ready(stack.named(name, paths), paths)
    engine.settle_lock(say)
    tally = engine.deploy(say)
    for warning in tally.warnings:
        say(f"warning: {warning}")
    say(tally.summary())


def _destroy(name: str) -> None:
    paths = Paths.from_environment()
    engine = Engine.ready(stack.named(name, paths), paths)
    engine.settle_lock(say)
    say(engine.destroy(say).summary())


def _forwarded_answer(name: str, file: str) -> None:
    paths = Paths.from_environment()
    target = stack.named(name, paths)
    context = stack.context(target) or CONTEXT
    kubectl = Kubectl.of(stack.cluster(target, paths, say), paths, context)
    gateway = Engine.ready(target, paths).output("gateway")
    with forwarded(kubectl, gateway["namespace"], gateway["service"], GATEWAY_PORT) as url:
        _answer(url, file)


def _answer(url: str, file: str) -> None:
    answer = sample.ask(url, say)
    sample.read(answer)
    Path(file).write_text(answer)
    say(f"answered: {len(answer)} bytes")


ACTIONS: dict[str, Callable[..., None]] = {
    "debian": _debian,
    "tool": _tool,
    "image": _image,
    "cluster": _cluster,
    "down": _down,
    "load": _load,
    "local-agent": _local_agent,
    "references": _references,
    "deploy": _deploy,
    "destroy": _destroy,
    "answer": _answer,
    "forwarded-answer": _forwarded_answer,
}


def main(arguments: Sequence[str]) -> int:
    """Perform the step named first with the rest as its arguments."""
    signal.signal(signal.SIGTERM, _interrupt)
    _end_with(os.getppid())
    action, *rest = arguments
    try:
        ACTIONS[action](*rest)
    except FAULTS as error:
        say(f"error: {text(error)}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return 0


def _end_with(parent: int) -> None:
    """Be interrupted when the command that started us is killed: nothing goes on unseen."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
