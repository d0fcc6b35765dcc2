"""kind: a Kubernetes node in a container, where a docker engine runs."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from toolchain.cluster import api, pki
from toolchain.cluster.addons import definitions, metrics_server
from toolchain.cluster.api import node_status
from toolchain.cluster.layout import Layout
from toolchain.cluster.lock import alone
from toolchain.cluster.model import ClusterError, ImageSource, Modules, Progress, Status
from toolchain.cluster.pki import write_private
from toolchain.cluster.settings import CONTEXT, Settings

SYSTEM_IMAGES = (metrics_server.NAME,)

NAME = "agent-platform-dev"
NODE = f"{NAME}-control-plane"
IN_NODE = ("docker", "exec", NODE, "ctr", "--namespace=k8s.io", "images")


class KindCluster:
    """One kind node with the gateway's node port on the host's loopback."""

    kind = "kind"

    def __init__(
        self, layout: Layout, settings: Settings, images: ImageSource, modules: Modules
    ) -> None:
        self._layout = layout
        self._settings = settings
        self._images = images
        self._modules = modules

    @property
    def kubeconfig(self) -> Path:
        """kind's own, with the context renamed."""
        return self._layout.kubeconfig

    def up(self, progress: Progress) -> None:
        """Create the cluster, or start the stopped container of an earlier one."""
        with alone(self._layout.root, progress):
            if NAME not in _run("kind", "get", "clusters").split():
                progress("cluster: kind creates its node")
                _run(
                    *("kind", "create", "cluster", f"--name={NAME}", "--wait=180s"),
                    # Not the user's file: only ours gets the context.
                    f"--kubeconfig={self._layout.root / 'kind.kubeconfig'}",
                    "--config=-",
                    stdin=yaml.safe_dump(node_configuration(self._settings), sort_keys=False),
                )
            _run("docker", "start", NODE)
            found = yaml.safe_load(_run("kind", "get", "kubeconfig", f"--name={NAME}"))
            text = yaml.safe_dump(renamed(found), sort_keys=False)
            write_private(self.kubeconfig, text.encode())
            progress("cluster: waiting for the node")
            ready = ("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=180s")
            self._kubectl(*ready)
            dns = ("deployment/coredns", "--timeout=180s")
            self._kubectl("--namespace=kube-system", "rollout", "status", *dns)
            self._add(progress)

    def _add(self, progress: Progress) -> None:
        """What a bare kind node lacks: the gateway's own kinds, and figures for the autoscaler."""
        (metrics,) = self._images(SYSTEM_IMAGES, progress)
        self.load_image(metrics.archive, metrics.reference)
        self._layout.pki.mkdir(parents=True, exist_ok=True)
        wanted = [one for one in pki.leaves(self._settings) if one.name == metrics_server.NAME]
        pki.ensure(self._layout.pki, wanted)
        manifests = [
            *definitions.traefik(self._modules("traefik", definitions.TRAEFIK_MODULE)),
            # kind's kubelets sign their own certificates.
            *metrics_server.manifests(metrics.reference, self._layout.pki, kubelets_signed=False),
        ]
        progress(f"cluster: applying {len(manifests)} objects")
        api.apply(self._program("kubectl"), self.kubeconfig, manifests)

    def down(self, progress: Progress) -> None:
        """Stop the container; its data stays in it."""
        with alone(self._layout.root, progress):
            if NAME in _run("kind", "get", "clusters").split():
                _run("docker", "stop", NODE)

    def clean(self, progress: Progress) -> None:
        """Remove the container and its data."""
        with alone(self._layout.root, progress):
            _run("kind", "delete", "cluster", f"--name={NAME}")
            self.kubeconfig.unlink(missing_ok=True)

    def status(self) -> Status:
        """The node as the API server sees it."""
        if not self.kubeconfig.exists():
            return Status(kind=self.kind, running=False, notes=("make up starts it",))
        try:
            found: dict[str, Any] = json.loads(self._kubectl("get", "nodes", "--output=json"))
        except ClusterError as error:
            return Status(kind=self.kind, running=False, notes=(str(error),))
        nodes = tuple(node_status(node) for node in found["items"])
        notes = ("NetworkPolicy is enforced by kindnet from kind 0.24 on",)
        return Status(kind=self.kind, running=True, nodes=nodes, notes=notes)

    def has_image(self, reference: str) -> bool:
        """Whether the node runs and has the image."""
        try:
            return reference in _run(*IN_NODE, "ls", "--quiet").split()
        except ClusterError:
            return False

    def load_image(self, archive: Path, reference: str) -> None:
        """Have the image in the node under its digest: `kind load` knows only the archive's tag."""
        if self.has_image(reference):
            return
        _run("kind", "load", "image-archive", str(archive), f"--name={NAME}")
        name = named_by_digest(_run(*IN_NODE, "ls"), reference.partition("@")[2])
        if name is None:
            raise ClusterError(
                f"kind took {archive}, and no image in the node has the digest of {reference}: "
                "build the image again (python -m toolchain.images build)"
            )
        _run(*IN_NODE, "tag", "--force", name, reference)

    def logs(self, component: str, lines: int = 100) -> str:
        """What a unit of the node's systemd wrote, or a static pod of the control plane."""
        if component in {"kubelet", "containerd"}:
            journal = ("journalctl", f"--unit={component}", f"--lines={lines}", "--no-pager")
            return _run("docker", "exec", NODE, *journal)
        pod = f"{component}-{NODE}"
        return self._kubectl("--namespace=kube-system", "logs", f"--tail={lines}", pod)

    def _kubectl(self, *arguments: str) -> str:
        return _run(str(self._program("kubectl")), f"--kubeconfig={self.kubeconfig}", *arguments)

    def _program(self, name: str) -> Path:
        ours = self._layout.tools / name
        return ours if ours.exists() else Path(name)


def node_configuration(settings: Settings) -> dict[str, Any]:
    """What `kind create cluster` is told."""
    edge = {
        "containerPort": settings.edge_node_port,
        "hostPort": settings.edge_port,
        "listenAddress": "127.0.0.1",
        "protocol": "TCP",
    }
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": {
            "apiServerAddress": "127.0.0.1",
            "apiServerPort": settings.api_port,
            "podSubnet": settings.pod_cidr,
            "serviceSubnet": settings.service_cidr,
        },
        "nodes": [{"role": "control-plane", "extraPortMappings": [edge]}],
    }


def renamed(kubeconfig: dict[str, Any]) -> dict[str, Any]:
    """The same access under the one name that the stack knows."""
    cluster, user = kubeconfig["clusters"][0], kubeconfig["users"][0]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster["cluster"]}],
        "users": [{"name": CONTEXT, "user": user["user"]}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }


def named_by_digest(listing: str, digest: str) -> str | None:
    """The first image in `ctr images ls` (name, type, digest, …) with this digest."""
    for line in listing.splitlines()[1:]:
        columns = line.split()
        if len(columns) > 2 and columns[2] == digest:
            return columns[0]
    return None


def _run(*command: str, stdin: str | None = None) -> str:
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ClusterError(
            f"got no {command[0]} on PATH, wanted it installed for the kind cluster"
        ) from error
    if done.returncode:
        raise ClusterError(
            f"`{' '.join(command)}` ended with {done.returncode}, wanted 0: "
            f"{(done.stderr or done.stdout).strip()}"
        )
    return done.stdout
