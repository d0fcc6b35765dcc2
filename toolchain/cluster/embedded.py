"""The embedded cluster: one node, made of namespaces of this machine."""

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from toolchain.cluster import containers, network, node_files, process, requirements
from toolchain.cluster.addons import bundles, coredns, definitions
from toolchain.cluster.addons import node as addons
from toolchain.cluster.addons.bundles import Bundle
from toolchain.cluster.addons.objects import SYSTEM
from toolchain.cluster.api import Api
from toolchain.cluster.layout import CNI_FILE, Layout
from toolchain.cluster.lock import alone
from toolchain.cluster.measures import components, shims
from toolchain.cluster.model import ClusterError, ImageSource, Modules, Progress, Status
from toolchain.cluster.node import Spec, address
from toolchain.cluster.process import Node
from toolchain.cluster.settings import API_PORT, EDGE_PORT, NODE_NETWORK, Settings
from toolchain.cluster.supervision import tail
from toolchain.cluster.waiting import until
from toolchain.image_archive import BuiltImage

SYSTEM_IMAGES = ("pause", "coredns", "metrics-server", "python")
"""What the node itself runs; `python` is the shell of the volumes' helper pods."""


CILIUM_MODULE = "github.com/cilium/cilium"

TAIL_LINES = 25
BUILT = ("etcd", "cilium-agent", "local-path-provisioner")
"""Components whose version nobody but their build tells."""


class EmbeddedCluster:
    """Real pods on this machine, from Debian packages and the toolchain's own builds."""

    kind = "embedded"

    def __init__(
        self,
        layout: Layout,
        settings: Settings,
        images: ImageSource,
        modules: Modules,
        locked: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`locked` tells the references that stay in the node although no pod names them yet."""
        self._layout = layout
        self._settings = settings
        self._images = images
        self._modules = modules
        self._locked = locked

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way in, through the host's loopback port."""
        return self._layout.kubeconfig

    def up(self, progress: Progress) -> None:
        """Start what is not running; return when the node is ready and names resolve."""
        with alone(self._layout.root, progress):
            requirements.ensure(self._layout.root, progress)
            self._require_same_network()
            built = {image.name: image for image in self._images(SYSTEM_IMAGES, progress)}
            began = time.monotonic()
            spec = node_files.write(
                self._layout,
                self._settings,
                pause=built["pause"].reference,
                python=built["python"].reference,
                cilium_module=self._modules("cilium-agent", CILIUM_MODULE),
            )
            node = self._node(spec, progress)
            with closing(self._api()) as asked:
                self._bring_up(node, asked, built, progress)
            progress(f"cluster: ready after {time.monotonic() - began:.1f} s")

    def _require_same_network(self) -> None:
        if process.find(self._layout) is None:
            return
        running = address(self._layout.spec)
        if running != self._settings.node_ip:
            raise ClusterError(
                f"got {NODE_NETWORK} with the node at {self._settings.node_ip}, and the running "
                f"node has {running}: stop it first (make down), or leave the setting as it was"
            )

    def _node(self, spec: Spec, progress: Progress) -> Node:
        node = process.find(self._layout)
        if node is not None and node.supervisor.answers():
            progress("cluster: running already; looking for changes")
            node.supervisor.apply()
            return self._let_out(node)
        process.sweep(self._layout)
        network.require_free_port(self._settings.api_port, API_PORT)
        network.require_free_port(self._settings.edge_port, EDGE_PORT)
        network.require_free_network(self._layout, self._settings)
        progress("cluster: making the node's namespaces")
        return self._let_out(process.start(self._layout, spec))

    def _let_out(self, node: Node) -> Node:
        way = node.record.way_out or network.plan_way_out(self._layout)
        if way is None:
            return node
        record = replace(node.record, way_out=way)
        record.write(self._layout.node_record)
        network.open_way_out(way, self._layout, self._settings)
        return replace(node, record=record)

    def _bring_up(
        self, node: Node, asked: Api, built: Mapping[str, BuiltImage], progress: Progress
    ) -> None:
        for name in ("etcd", "containerd", "haproxy", "kube-apiserver"):
            node.supervisor.start(name)
        self._await(node, "containerd", lambda: containers.answers(node), seconds=30)
        for image in built.values():
            containers.import_image(node, image.archive, image.reference, image.tag)
        progress("cluster: waiting for the API server")
        self._await(node, "kube-apiserver", asked.ready, seconds=90)
        for name in ("kube-controller-manager", "kube-scheduler"):
            node.supervisor.start(name)
        self._apply(asked, addons.access(self._modules("cilium-agent", CILIUM_MODULE)), progress)
        for name in ("cilium-agent", "kube-proxy", "local-path-provisioner"):
            node.supervisor.start(name)
        if not asked.nodes():
            # Cilium waits for the node that the kubelet registers. Later on it is the other
            # way round: pods that are begun without a network are put off for seconds.
            node.supervisor.start("kubelet")
        self._apply(asked, self._services(built), progress)
        self._apply(
            asked, addons.gateway(self._modules("traefik", definitions.TRAEFIK_MODULE)), progress
        )
        progress("cluster: waiting for the node")
        configured = node.path(CNI_FILE)
        self._await(node, "cilium-agent", configured.exists, seconds=120, what="pod network")
        node.supervisor.start("kubelet")
        since = node.record.started
        self._await(
            node, "kubelet", lambda: asked.node_ready(since), seconds=120, what="ready node"
        )
        self._await(
            node,
            "kubelet",
            lambda: not asked.stale_pods(since),
            what="report on every pod",
            seconds=60,
        )
        progress("cluster: waiting for CoreDNS")
        selector = f"app.kubernetes.io/name={coredns.NAME}"
        self._await(
            node,
            "kubelet",
            lambda: asked.unready_pods(SYSTEM, selector) == [],
            what="ready CoreDNS pod",
            seconds=120,
        )
        self._prune(node, asked, built, progress)

    def _prune(
        self, node: Node, asked: Api, built: Mapping[str, BuiltImage], progress: Progress
    ) -> None:
        used = asked.image_digests()
        if used is None:
            return
        system = {image.digest for image in built.values()}
        locked = {reference.partition("@")[2] for reference in self._locked()}
        removed = containers.prune(node, used | system | locked)
        if removed:
            progress(f"cluster: removed {len(removed)} images that nothing names any more")

    def _services(self, built: Mapping[str, BuiltImage]) -> Bundle:
        return addons.services(
            self._settings,
            self._layout.pki,
            coredns_image=built["coredns"].reference,
            metrics_image=built["metrics-server"].reference,
            upstream=bool((self._layout.config / "resolv.conf").read_text()),
        )

    def _apply(self, asked: Api, bundle: Bundle, progress: Progress) -> None:
        kubectl = self._layout.tools / "kubectl"
        if bundles.apply(asked, kubectl, self._layout.kubeconfig, bundle):
            progress(f"cluster: applied {len(bundle.manifests)} objects ({bundle.name})")

    def _await(
        self,
        node: Node,
        component: str,
        condition: Callable[[], bool],
        *,
        seconds: float,
        what: str | None = None,
    ) -> None:
        path = self._layout.logs / f"{component}.log"
        until(
            condition,
            seconds=seconds,
            what=what or f"ready {component}",
            explain=lambda: f"The last lines of {path}:\n{tail(path, TAIL_LINES)}",
            failed=lambda: _given_up(node, self._layout),
        )

    def _api(self) -> Api:
        return Api(f"https://127.0.0.1:{self._settings.api_port}", self._layout.pki)

    def down(self, progress: Progress) -> None:
        """End pods, then the node; remove link, rules, cgroups and mount points."""
        with alone(self._layout.root, progress):
            self._down(progress)

    def _down(self, progress: Progress) -> None:
        node = process.find(self._layout)
        if node is not None:
            progress("cluster: ending the pods")
            if node.supervisor.answers():
                # First the kubelet, or it would start again what ends.
                for name in ("kubelet", "local-path-provisioner"):
                    node.supervisor.stop(name)
            process.end_pods(self._layout, seconds=15)
            progress("cluster: ending the node")
            process.stop(node, seconds=60)
        process.sweep(self._layout)

    def clean(self, progress: Progress) -> None:
        """`down`, and the data: database, images, volumes, certificates."""
        with alone(self._layout.root, progress):
            self._down(progress)
            if self._layout.root.exists():
                shutil.rmtree(self._layout.root)
            progress("cluster: data removed")

    def status(self) -> Status:
        """Components with their size, and the node as the API server sees it."""
        node = process.find(self._layout)
        if node is None or not node.supervisor.answers():
            return Status(kind=self.kind, running=False, notes=("make up starts it",))
        host_pids = node.host_pids()
        rows = components(node.supervisor.processes().values(), host_pids)
        pods = shims(host_pids.values())
        with closing(self._api()) as asked:
            version = asked.version()
            nodes = asked.nodes()
        return Status(
            kind=self.kind,
            running=True,
            components=(*rows, pods) if pods else rows,
            nodes=nodes,
            versions=self._versions() | ({"kubernetes": version} if version else {}),
            notes=self._notes(node),
        )

    def _versions(self) -> dict[str, str]:
        # A tool's folder is named by its version and its recipe's hash.
        folders = {name: (self._layout.tools / name).resolve().parent.name for name in BUILT}
        return {name: folder.rpartition("-")[0] for name, folder in folders.items()}

    def _notes(self, node: Node) -> tuple[str, ...]:
        notes = [
            f"API server https://127.0.0.1:{self._settings.api_port}, "
            f"gateway http://127.0.0.1:{self._settings.edge_port}",
            "NetworkPolicy is enforced (Cilium)",
        ]
        if node.record.way_out is None:
            notes.append("pods reach nothing outside: this machine has no default route")
        return tuple(notes)

    def has_image(self, reference: str) -> bool:
        """Whether the node runs and has the image."""
        node = process.find(self._layout)
        if node is None or not containers.answers(node):
            return False
        return reference in containers.references(node)

    def load_image(self, archive: Path, reference: str) -> None:
        """Have the image in the node; instant when it is there."""
        containers.import_image(self._running(), archive, reference)

    def logs(self, component: str, lines: int = 100) -> str:
        """The last lines of a component's log."""
        path = self._layout.logs / f"{component}.log"
        if not path.exists():
            known = sorted(one.stem for one in self._layout.logs.glob("*.log"))
            raise ClusterError(f"got component {component!r}, wanted one of: {', '.join(known)}")
        return tail(path, lines)

    def _running(self) -> Node:
        node = process.find(self._layout)
        if node is None:
            raise ClusterError("got no running cluster, wanted one: start it with `make up`")
        return node


def _given_up(node: Node, layout: Layout) -> str | None:
    """The program that supervisord stopped trying to start, with the end of its log."""
    if node.record.outer() is None:
        return (
            f"the node itself ended; {layout.node_log} says:\n{tail(layout.node_log, TAIL_LINES)}"
        )
    for one in node.supervisor.processes().values():
        if one.state == "FATAL":
            path = layout.logs / f"{one.name}.log"
            return f"{one.name} keeps ending; {path} says:\n{tail(path, TAIL_LINES)}"
    return None
