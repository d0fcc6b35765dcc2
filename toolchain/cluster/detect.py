"""Which cluster it is going to be: asked of the machine, in a fixed order, with the reason."""

import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from toolchain import builds, images
from toolchain.cluster.embedded import EmbeddedCluster
from toolchain.cluster.existing import ExistingCluster, user_kubeconfig
from toolchain.cluster.kind import KindCluster
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import Cluster, Progress
from toolchain.cluster.requirements import reason_against_containers
from toolchain.cluster.settings import CONTEXT, Settings
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.image_archive import BuiltImage, read_lock
from toolchain.paths import Paths


def choose(context: str | None, progress: Progress, paths: Paths | None = None) -> Cluster:
    """The stack's context if the user has it, else kind on a running engine, else our own."""
    places = paths or Paths.from_environment()
    settings = Settings.from_environment()
    layout = Layout(places.cluster, places.bin)
    if context and context != CONTEXT and has_context(user_kubeconfig(), context):
        progress(f"cluster: {context}, a context of {user_kubeconfig()}")
        kubectl = places.bin / "kubectl"
        return ExistingCluster(context, kubectl, user_kubeconfig(), layout.kubeconfig)
    if shutil.which("kind") and docker_answers():
        progress("cluster: kind, on the running docker engine")
        return KindCluster(layout, settings, _images(places), builds.module_dir)
    reason = reason_against_containers(layout.root)
    if reason is not None:
        progress(f"cluster: simulated, for containers cannot run here: {reason}")
        return SimulatedCluster(layout, settings, builds.module_dir, reason)
    return EmbeddedCluster(layout, settings, _images(places), builds.module_dir, _locked)


def has_context(kubeconfig: Path, name: str) -> bool:
    """Whether the file has a context of this name."""
    if not kubeconfig.exists():
        return False
    found: dict[str, Any] = yaml.safe_load(kubeconfig.read_text()) or {}
    contexts: list[dict[str, Any]] = found.get("contexts") or []
    return any(context.get("name") == name for context in contexts)


def docker_answers() -> bool:
    """Whether an engine runs: a client without one is no way to run anything."""
    if shutil.which("docker") is None:
        return False
    try:
        command = ["docker", "info", "--format", "{{.ServerVersion}}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return False
    # Some clients end with 0 and an empty answer when there is no engine.
    return done.returncode == 0 and bool(done.stdout.strip())


def _images(paths: Paths) -> Callable[[Sequence[str], Progress], Sequence[BuiltImage]]:
    def build(names: Sequence[str], progress: Progress) -> Sequence[BuiltImage]:
        return images.build_all(names, progress, images.workshop(paths))

    return build


def _locked() -> Iterable[str]:
    return read_lock(images.LOCK).values()
