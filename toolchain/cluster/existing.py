"""A cluster that somebody else runs, named by a context of the user's kubeconfig."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolchain.cluster.api import node_status
from toolchain.cluster.model import ClusterError, Progress, Status
from toolchain.cluster.pki import write_private


def user_kubeconfig(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's contexts are: `$KUBECONFIG` (its first file), else `~/.kube/config`."""
    named = environment.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(named) if named else Path.home() / ".kube" / "config"


class ExistingCluster:
    """We neither start nor stop it; we only speak to it."""

    kind = "existing"

    def __init__(self, context: str, kubectl: Path, source: Path, kubeconfig: Path) -> None:
        self._context = context
        self._kubectl = kubectl
        self._source = source
        self._kubeconfig = kubeconfig

    @property
    def kubeconfig(self) -> Path:
        """A copy with this one context, so that nobody deploys to whatever is current."""
        return self._kubeconfig

    def up(self, progress: Progress) -> None:
        """Take the context out of the user's file and see that the cluster answers."""
        flags = ["--minify", "--flatten", "--output=json"]
        view = self._run(self._source, "config", "view", *flags)
        self._kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._kubeconfig, view.encode())
        self._run(self._kubeconfig, "get", "--raw=/readyz")
        progress(f"cluster: context {self._context} answers")

    def down(self, progress: Progress) -> None:
        """Nothing: it is not ours to stop."""
        progress(f"cluster: {self._context} is not ours, so it is left running")

    def clean(self, progress: Progress) -> None:
        """Remove our copy of the context."""
        self._kubeconfig.unlink(missing_ok=True)
        self.down(progress)

    def status(self) -> Status:
        """Its nodes."""
        try:
            found: dict[str, Any] = json.loads(
                self._run(self._source, "get", "nodes", "--output=json")
            )
        except ClusterError as error:
            return Status(kind=self.kind, running=False, notes=(str(error),))
        nodes = tuple(node_status(node) for node in found["items"])
        notes = (f"context {self._context} of {self._source}",)
        return Status(kind=self.kind, running=True, nodes=nodes, notes=notes)

    def has_image(self, reference: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Nobody but its owner knows."""
        return False

    def load_image(self, archive: Path, reference: str) -> None:
        """Refused: only its owner can put images into it."""
        raise ClusterError(
            f"got {archive} to load into the existing cluster {self._context}, wanted a cluster of "
            f"our own: push the image to a registry that it pulls from, and name {reference} there "
            "in the stack"
        )

    def logs(self, component: str, lines: int = 100) -> str:
        """Refused: its components are its owner's."""
        raise ClusterError(
            f"got component {component!r} of the existing cluster {self._context} ({lines} lines), "
            "wanted a cluster of our own: ask its owner, or `kubectl logs` for pods"
        )

    def _run(self, kubeconfig: Path, *arguments: str) -> str:
        command = [str(self._kubectl), f"--kubeconfig={kubeconfig}", f"--context={self._context}"]
        done = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise ClusterError(
                f"the cluster of context {self._context} ({kubeconfig}) did not answer: "
                f"{done.stderr.strip()}"
            )
        return done.stdout
