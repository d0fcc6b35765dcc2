"""Images in the node's containerd, under the names that workloads say."""

import subprocess
from collections.abc import Set
from pathlib import Path

from toolchain.cluster.layout import CONTAINERD_SOCKET
from toolchain.cluster.model import ClusterError
from toolchain.cluster.process import Node
from toolchain.image_archive import manifest_digest

NAMESPACE = "k8s.io"
OURS = "localhost/"


def _ctr(node: Node, *arguments: str) -> list[str]:
    base = ("ctr", f"--address={CONTAINERD_SOCKET}", f"--namespace={NAMESPACE}")
    return node.inside(*base, *arguments)


def _run(command: list[str], archive: Path | None = None) -> str:
    with (archive or Path("/dev/null")).open("rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, check=False)
    if done.returncode:
        raise ClusterError(
            f"`{' '.join(command)}` ended with {done.returncode}, wanted 0: "
            f"{done.stderr.decode(errors='replace').strip()}"
        )
    return done.stdout.decode()


def answers(node: Node) -> bool:
    """Whether containerd serves."""
    command = _ctr(node, "--timeout=2s", "version")
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def references(node: Node) -> set[str]:
    """The name of every image in the node."""
    return set(_run(_ctr(node, "images", "ls", "--quiet")).split())


def prune(node: Node, kept: Set[str]) -> list[str]:
    """Remove our own builds whose digest is not among these; the kubelet never does it."""
    listing = _run(_ctr(node, "images", "ls")).splitlines()[1:]
    rows = [line.split() for line in listing]
    unused = [
        row[0] for row in rows if row[0].startswith(OURS) and len(row) > 2 and row[2] not in kept
    ]
    if unused:
        _run(_ctr(node, "images", "rm", *unused))
    return unused


def import_image(node: Node, archive: Path, reference: str, tag: str | None = None) -> None:
    """Have the archive's image under `name@sha256:…` and under its tag; nothing when it is there."""
    name, _, digest = reference.partition("@")
    if not digest:
        raise ClusterError(
            f"got image reference {reference!r}, wanted name@sha256:…: a tag can change its "
            "meaning, so workloads name images by digest"
        )
    names = {reference, tag or f"{name}:{digest.removeprefix('sha256:')[:12]}"}
    present = references(node)
    if names <= present:
        return
    if reference not in present:
        got = manifest_digest(archive)
        if got != digest:
            raise ClusterError(
                f"got {archive} with the image {got}, wanted {digest} as in {reference}: "
                "build the image again (python -m toolchain.images build)"
            )
        _run(_ctr(node, "images", "import", "--digests", f"--base-name={name}", "-"), archive)
        present = references(node)
        if reference not in present:
            raise ClusterError(
                f"containerd took {archive} and has no {reference} afterwards; it has "
                f"{sorted(one for one in present if one.startswith(name))}"
            )
    _run(_ctr(node, "images", "tag", "--force", reference, *(names - {reference})))
