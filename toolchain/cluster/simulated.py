"""The simulated cluster: a real control plane on loopback, and pods that KWOK only plays."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil

from toolchain import atomic
from toolchain.cluster import control_plane, kubeconfig, network, programs, supervision
from toolchain.cluster.addons import bundles, definitions, simulation
from toolchain.cluster.addons.bundles import Bundle
from toolchain.cluster.api import Api, Manifest
from toolchain.cluster.control_plane import Addresses
from toolchain.cluster.layout import Layout
from toolchain.cluster.local_agent import LocalAgent
from toolchain.cluster.lock import alone
from toolchain.cluster.measures import components
from toolchain.cluster.model import ClusterError, Modules, Progress, Status
from toolchain.cluster.node_files import certificates, require_tools, stamped
from toolchain.cluster.process import Record
from toolchain.cluster.settings import API_PORT, NODE_NAME, Settings
from toolchain.cluster.supervision import Program, Supervisor, tail
from toolchain.cluster.waiting import until

TOOLS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
    "kwok",
)
CLIENTS = ("controller-manager", "scheduler")
KWOK_MODULE = "sigs.k8s.io/kwok"
SOCKET_LENGTH = 100
"""A unix socket's path has 108 bytes, and supervisord adds a suffix while it makes it."""


class SimulatedCluster:
    """For where containers cannot run: the Kubernetes part is real, the pods are not."""

    kind = "simulated"

    def __init__(self, layout: Layout, settings: Settings, modules: Modules, reason: str) -> None:
        self._layout = layout
        self._settings = settings
        self._modules = modules
        self._reason = reason

    @property
    def edge_port(self) -> int:
        """Where the local agent answers, on loopback."""
        return self._settings.edge_port

    @property
    def _local(self) -> LocalAgent:
        return LocalAgent(self._layout, self._settings)

    def beside(self) -> tuple[Program, ...]:
        """Programs that run beside the control plane: the agent and its stores, once it is served."""
        return self._local.programs()

    def manifests(self) -> list[Manifest]:
        """What the cluster has from the start: one node, and the kinds that the stack uses."""
        return [
            *simulation.manifests(NODE_NAME),
            *definitions.traefik(self._modules("traefik", definitions.TRAEFIK_MODULE)),
        ]

    def has_nodes(self, asked: Api) -> bool:
        """Whether pods can be placed, as far as that is this cluster's to see to."""
        return any(node.ready for node in asked.nodes())

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way in."""
        return self._layout.kubeconfig

    @property
    def _socket(self) -> Path:
        inside = self._layout.root / "supervisor.sock"
        if len(str(inside)) <= SOCKET_LENGTH:
            return inside
        return Path(tempfile.gettempdir()) / f"agent-platform-{self._layout.instance}.sock"

    @property
    def _supervisor(self) -> Supervisor:
        return Supervisor(self._socket)

    def addresses(self) -> Addresses:
        """Everything on loopback, on the ports that follow the API server's."""
        port = self._settings.api_port
        return Addresses(
            bind="127.0.0.1",
            # Loopback may not be advertised; this address is for documentation, so nobody's.
            advertise="192.0.2.1",
            api_port=port,
            etcd_client_port=port + 1,
            etcd_peer_port=port + 2,
            controller_manager_port=port + 3,
            scheduler_port=port + 4,
        )

    def up(self, progress: Progress) -> None:
        """Start the control plane and one simulated node."""
        with alone(self._layout.root, progress):
            progress(f"cluster: SIMULATED, no container will run: {self._reason}")
            began = time.monotonic()
            self._write()
            if not self._supervisor.answers():
                self._start(progress)
            else:
                self._supervisor.apply()
            with closing(self._api()) as asked:
                self._bring_up(asked, progress)
            progress(f"cluster: ready after {time.monotonic() - began:.1f} s (simulated)")

    def _programs(self) -> tuple[Program, ...]:
        addresses = self.addresses()
        layout = self._layout
        plane = control_plane.control_plane(layout, self._settings, addresses)
        # Nobody should find a `kubernetes` service that leads to the advertised address.
        apiserver = replace(
            plane[1], command=(*plane[1].command, "--endpoint-reconciler-type=none")
        )
        kwok = programs.kwok(layout, self._settings)
        own = tuple(stamped(layout, one) for one in (plane[0], apiserver, *plane[2:], kwok))
        # What the local processes read is made later, and they see to their own restarts.
        return tuple(_ended_with_supervisor(one) for one in (*own, *self.beside()))

    def serve(self, name: str, tenant: str, progress: Progress) -> None:
        """Run this agent as a process of this machine, behind the gateway's port."""
        with alone(self._layout.root, progress):
            self._local.prepare(name, tenant, progress)
            self._local.serve(self._supervisor, progress, self._given_up)

    def _write(self) -> None:
        layout = self._layout
        require_tools(layout.tools, TOOLS)
        layout.make()
        certificates(layout, self._settings)
        for client in CLIENTS:
            path = layout.config / f"{client}.kubeconfig"
            kubeconfig.write(path, layout.pki, client, self.addresses().server)
        stages = simulation.stages(self._modules("kwok", KWOK_MODULE))
        atomic.write(layout.config / "kwok.yaml", stages)
        rendered = supervision.render(
            self._programs(),
            socket=self._socket,
            logs=layout.logs,
            run=layout.root,
        )
        atomic.write(layout.supervisor_config, rendered)

    def _start(self, progress: Progress) -> None:
        self._sweep()
        addresses = self.addresses()
        ports = (
            addresses.api_port,
            addresses.etcd_client_port,
            addresses.etcd_peer_port,
            addresses.controller_manager_port,
            addresses.scheduler_port,
            *(self._local.ports if self.beside() else ()),
        )
        for port in ports:
            network.require_free_port(port, API_PORT)
        progress("cluster: starting the control plane")
        command = [sys.executable, "-m", "supervisor.supervisord", "-c"]
        with self._layout.node_log.open("wb") as log:
            subprocess.run(
                # Of nobody's family: it outlives this command.
                ["setsid", "--fork", *command, str(self._layout.supervisor_config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=True,
            )
        until(
            self._supervisor.answers,
            seconds=20,
            what="answer from supervisord",
            explain=lambda: tail(self._layout.node_log, 25),
        )
        pid = self._supervisor.pid()
        started = psutil.Process(pid).create_time()
        Record(pid=pid, started=started).write(self._layout.node_record)

    def _bring_up(self, asked: Api, progress: Progress) -> None:
        for name in ("etcd", "kube-apiserver"):
            self._supervisor.start(name)
        self._await("kube-apiserver", asked.ready, seconds=90)
        for name in ("kube-controller-manager", "kube-scheduler"):
            self._supervisor.start(name)
        bundle = Bundle(name="simulation", manifests=self.manifests())
        if bundles.apply(asked, self._layout.tools / "kubectl", self.kubeconfig, bundle):
            progress(f"cluster: applied {len(bundle.manifests)} objects")
        self._supervisor.start("kwok")
        self._await("kwok", lambda: self.has_nodes(asked), seconds=60)

    def _await(self, component: str, condition: Callable[[], bool], *, seconds: float) -> None:
        path = self._layout.logs / f"{component}.log"
        until(
            condition,
            seconds=seconds,
            what=f"ready {component}",
            explain=lambda: f"The last lines of {path}:\n{tail(path, 25)}",
            failed=self._given_up,
        )

    def _given_up(self) -> str | None:
        record = Record.read(self._layout.node_record)
        if record is None or record.outer() is None:
            return f"supervisord ended; its last lines:\n{tail(self._layout.node_log, 25)}"
        if not self._supervisor.answers():
            return None
        for one in self._supervisor.processes().values():
            if one.state == "FATAL":
                log = tail(self._layout.logs / f"{one.name}.log", 25)
                return f"{one.name} keeps ending; its last lines:\n{log}"
        return None

    def _api(self) -> Api:
        return Api(self.addresses().server, self._layout.pki)

    def down(self, progress: Progress) -> None:
        """End the control plane; its data stays."""
        with alone(self._layout.root, progress):
            self._down(progress)

    def _down(self, progress: Progress) -> None:
        record = Record.read(self._layout.node_record)
        outer = record.outer() if record else None
        if outer is not None:
            progress("cluster: ending the control plane")
            if self._supervisor.answers():
                self._supervisor.shutdown()
            else:
                outer.terminate()
            _, alive = psutil.wait_procs([outer], timeout=60)
            for process in alive:
                # Its programs end with it: see `_ended_with_supervisor`.
                process.kill()
        self._sweep()

    def _sweep(self) -> None:
        self._socket.unlink(missing_ok=True)
        self._layout.node_record.unlink(missing_ok=True)

    def clean(self, progress: Progress) -> None:
        """`down`, and the data."""
        with alone(self._layout.root, progress):
            self._down(progress)
            if self._layout.root.exists():
                shutil.rmtree(self._layout.root)

    def status(self) -> Status:
        """Components with their size, and the label that nothing really runs."""
        notes = (f"SIMULATED: pods are not run, for containers cannot run here: {self._reason}",)
        if not self._supervisor.answers():
            return Status(kind=self.kind, running=False, notes=(*notes, "make up starts it"))
        local = {program.name for program in self.beside()}
        known = self._supervisor.processes().values()
        # Without an agent to serve, there is nothing wrong with its processes not running.
        processes = [one for one in known if one.name not in local or one.state != "STOPPED"]
        pids = {one.pid: one.pid for one in processes}
        with closing(self._api()) as asked:
            version = asked.version()
            nodes = asked.nodes()
        return Status(
            kind=self.kind,
            running=True,
            components=components(processes, pids),
            nodes=nodes,
            versions={"kubernetes": version} if version else {},
            notes=notes,
        )

    def has_image(self, reference: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Never: a simulated node holds no images."""
        return False

    def load_image(self, archive: Path, reference: str) -> None:
        """Check that it could be loaded; a simulated node holds no images."""
        if not archive.exists():
            raise ClusterError(f"got no {archive} to load as {reference}, wanted an OCI archive")

    def logs(self, component: str, lines: int = 100) -> str:
        """The last lines of a component's log."""
        path = self._layout.logs / f"{component}.log"
        if not path.exists():
            known = sorted(one.stem for one in self._layout.logs.glob("*.log"))
            raise ClusterError(f"got component {component!r}, wanted one of: {', '.join(known)}")
        return tail(path, lines)


def _ended_with_supervisor(program: Program) -> Program:
    """Without a pid namespace, the kernel is asked to end it when supervisord is killed."""
    with_parent: Sequence[str] = ("setpriv", "--pdeathsig", "KILL", "--")
    return replace(program, command=(*with_parent, *program.command))
