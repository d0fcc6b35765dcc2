"""The stack's cluster: started, given its images, stopped."""

from toolchain import images
from toolchain.cli import clusters, stack
from toolchain.cli.actions import say
from toolchain.cluster import ClusterError
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.image_archive import read_lock, unbuilt, write_lock
from toolchain.paths import Paths


def up(name: str) -> None:
    """Have the stack's cluster run."""
    paths = Paths.from_environment()
    clusters.of(stack.named(name, paths), paths, say).up(say)


def down(name: str) -> None:
    """Stop it."""
    paths = Paths.from_environment()
    clusters.of(stack.named(name, paths), paths, say).down(say)


def local_agent(name: str) -> None:
    """Serve the stack's first agent as a process, where pods are only played."""
    paths = Paths.from_environment()
    target = stack.named(name, paths)
    cluster = clusters.of(target, paths, say)
    if not isinstance(cluster, SimulatedCluster):
        raise ClusterError(
            f"got a {cluster.kind} cluster, wanted the simulated one: it has no pods"
        )
    cluster.serve(*stack.first_agent(target), say)


def load(name: str, *wanted: str) -> None:
    """Give the cluster these images as they are built now."""
    paths = Paths.from_environment()
    cluster = clusters.of(stack.named(name, paths), paths, say)
    for one in wanted:
        image = images.current(one)
        if image is None:
            raise images.ImageError(
                f"got no archive of the image {one} as its sources are now, wanted it built; "
                f"run: python -m toolchain.images build {one}"
            )
        say(f"{one}: {image.reference}")
        cluster.load_image(image.archive, image.reference)


def references(*names: str) -> None:
    """Name images that nothing runs: a simulated node pulls none, and the program wants digests."""
    missing = [name for name in names if name not in read_lock(images.LOCK)]
    for image in map(unbuilt, missing):
        say(f"note: {image.reference} stands for an image that is not built here")
        write_lock(images.LOCK, [image])
