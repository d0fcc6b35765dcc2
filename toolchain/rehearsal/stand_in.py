"""What stands in for an EKS cluster: a real control plane without nodes, and pods that are played.

Nodes join when the program makes a node group: see the type of that name in `providers/aws`.
"""

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchain import atomic, builds
from toolchain.cluster.addons import simulation
from toolchain.cluster.api import Api, Manifest
from toolchain.cluster.kubeconfig import render
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import Progress
from toolchain.cluster.network import ports_in_a_row
from toolchain.cluster.settings import Settings
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.cluster.supervision import Program
from toolchain.paths import Paths
from toolchain.providers.aws.stand_ins import STAND_INS
from toolchain.rehearsal import definitions

PORTS = 6
"""Of one control plane."""

GIVES_TOKENS = """\
#!/bin/sh
# Stands in for `aws eks get-token --cluster-name NAME`: a rehearsal's clusters take certificates.
while [ $# -gt 0 ]; do
  if [ "$1" = --cluster-name ]; then exec cat "${%(folder)s:?}/$2.token"; fi
  shift
done
echo "got another command than eks get-token --cluster-name, wanted that one: this is a rehearsal" >&2
exit 2
"""


class StandIn(SimulatedCluster):
    """One cluster. Pods and nodes are KWOK's; the API server, with all it refuses, is real."""

    def beside(self) -> tuple[Program, ...]:
        """Nothing: no agent answers in a rehearsal."""
        return ()

    def manifests(self) -> list[Manifest]:
        """The kinds that the add-ons' charts would bring."""
        return [
            *simulation.storage(),
            *definitions.manifests(self._modules),
        ]

    def has_nodes(self, asked: Api) -> bool:
        """They come with the node groups."""
        return asked.ready()


@dataclass(frozen=True)
class StandIns:
    """The clusters of a rehearsal, and how its programs find them."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """For the engine and the plugins it starts; `PATH` has to begin with `programs`."""
        return {STAND_INS: str(self.folder)}

    @property
    def programs(self) -> Path:
        """Where the command is that gives out tokens."""
        return self.folder / "bin"

    def add(self, name: str, cluster: SimulatedCluster, pki: Path) -> None:
        """Make a running cluster known as the EKS cluster `name`."""
        kubeconfig = render(pki, "admin", cluster.addresses().server, name)
        atomic.write(self.folder / f"{name}.kubeconfig", kubeconfig, mode=0o600)
        atomic.write(self.folder / f"{name}.token", _credential(pki), mode=0o600)

    def write_command(self) -> None:
        """Write the command that gives out tokens."""
        self.programs.mkdir(parents=True, exist_ok=True)
        text = GIVES_TOKENS % {"folder": STAND_INS}
        atomic.write(self.programs / "aws", text, mode=0o755)


@contextmanager
def running(
    folder: Path, names: Sequence[str], paths: Paths, progress: Progress
) -> Generator[StandIns]:
    """Run one stand-in for each name; none, nor its data, outlives this."""
    found = StandIns(folder / "clusters")
    found.folder.mkdir(parents=True)
    found.write_command()
    started: list[SimulatedCluster] = []
    try:
        for name in names:
            layout = Layout(folder / "stand-ins" / name, paths.bin)
            settings = Settings(api_port=ports_in_a_row(PORTS))
            reason = f"it stands in for the EKS cluster {name}"
            cluster = StandIn(layout, settings, builds.module_dir, reason)
            started.append(cluster)
            cluster.up(progress)
            found.add(name, cluster, layout.pki)
        yield found
    finally:
        for cluster in started:
            cluster.clean(progress)


def sweep(folder: Path, paths: Paths, progress: Progress) -> None:
    """End the clusters of a rehearsal that was killed before it could."""
    for root in sorted(path for path in folder.glob("stand-ins/*") if path.is_dir()):
        layout = Layout(root, paths.bin)
        StandIn(layout, Settings(), builds.module_dir, "of a former rehearsal").clean(progress)


def _credential(pki: Path) -> str:
    """What `aws eks get-token` prints, with a certificate in the token's place."""
    status = {
        "clientCertificateData": (pki / "admin.crt").read_text(),
        "clientKeyData": (pki / "admin.key").read_text(),
    }
    version = "client.authentication.k8s.io/v1beta1"
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})
