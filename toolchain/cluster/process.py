"""The process that is the node: started, recognised again, ended without trace."""

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from toolchain.cluster import cgroups, network
from toolchain.cluster.layout import RUN, Layout
from toolchain.cluster.model import ClusterError
from toolchain.cluster.network import WayOut
from toolchain.cluster.node import Spec, outer_command
from toolchain.cluster.pki import write_private
from toolchain.cluster.supervision import Supervisor, tail
from toolchain.paths import PROJECT

SOCKET = RUN / "supervisor.sock"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, kw_only=True)
class Record:
    """Which process the node is, and what was changed on the host for it."""

    pid: int
    started: float
    """With the pid it names one process: numbers are used again."""
    way_out: WayOut | None = None

    def write(self, path: Path) -> None:
        """Keep it for the next command."""
        write_private(path, json.dumps(asdict(self), indent=2).encode())

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        """The record of the last start, if there is one."""
        try:
            found = json.loads(path.read_text())
            way = found.pop("way_out")
            return cls(**found, way_out=WayOut(**way) if way else None)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            # Cut off half-way by a crash: the names on the host are known without it.
            return None

    def outer(self) -> psutil.Process | None:
        """The living process, or None when it ended (or its number belongs to another)."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True)
class Node:
    """A running node."""

    layout: Layout
    record: Record
    init: int
    """The host's number of the node's pid 1, which is supervisord."""

    @property
    def supervisor(self) -> Supervisor:
        """Its supervisor, through its own view of the file system."""
        return Supervisor(self.path(SOCKET))

    def inside(self, *command: str) -> list[str]:
        """The same command line, inside the node."""
        return ["nsenter", "--target", str(self.init), "--all", "--", *command]

    def path(self, inside: Path) -> Path:
        """A file of the node, as the host can reach it."""
        return Path(f"/proc/{self.init}/root{inside}")

    def host_pids(self) -> dict[int, int]:
        """The node's process numbers → the host's."""
        namespace = Path(f"/proc/{self.init}/ns/pid").readlink()
        found: dict[int, int] = {}
        for pid in psutil.pids():
            try:
                if Path(f"/proc/{pid}/ns/pid").readlink() == namespace:
                    found[_number_inside(pid)] = pid
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue  # it ended while we looked
        return found


def _number_inside(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("NSpid:"):
            return int(line.split()[-1])
    raise ProcessLookupError(pid)


def find(layout: Layout) -> Node | None:
    """The running node of this cluster, if any."""
    record = Record.read(layout.node_record)
    outer = record.outer() if record else None
    if record is None or outer is None:
        return None
    children = outer.children()
    return Node(layout, record, children[0].pid) if children else None


def start(layout: Layout, spec: Spec, seconds: float = 20) -> Node:
    """Make the namespaces; return once supervisord answers in them."""
    layout.spec.write_text(spec.dumps())
    layout.node_record.unlink(missing_ok=True)
    cgroups.make(layout.cgroup)
    environment = {
        "PATH": PATH,
        "HOME": str(layout.root),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PROJECT),
    }
    pid_file = Path(spec.pid_file)
    pid_file.unlink(missing_ok=True)
    with layout.node_log.open("wb") as log:
        subprocess.run(
            # Of nobody's family: it outlives this command, and this command need not reap it.
            ["setsid", "--fork", *outer_command(layout.spec)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment,
            check=True,
        )
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        _note_pid(pid_file, layout)
        node = find(layout)
        if node is not None and node.supervisor.answers():
            return node
        time.sleep(0.05)
    raise ClusterError(
        f"got no answer from supervisord within {seconds:.0f} s. {layout.node_log} says:\n"
        f"{tail(layout.node_log, 20)}"
    )


def _note_pid(pid_file: Path, layout: Layout) -> None:
    if layout.node_record.exists() or not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    try:
        started = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess as error:
        raise ClusterError(
            f"making the node's namespaces ended early, wanted them to stay. "
            f"{layout.node_log} says:\n{tail(layout.node_log, 20)}"
        ) from error
    Record(pid=pid, started=started).write(layout.node_record)


def end_pods(layout: Layout, seconds: float) -> None:
    """Ask every process of every pod to end, and give them a while to do so."""
    asked = _pod_processes(layout)
    for process in asked:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(asked, timeout=seconds)


def _pod_processes(layout: Layout) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for pid in cgroups.pod_members(layout.cgroup):
        try:
            process = psutil.Process(pid)
            # `pause` holds the pod's network until the others have said goodbye through it.
            if process.name() != "pause":
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def stop(node: Node, seconds: float) -> None:
    """Have supervisord stop everything in order; end the namespaces when it takes too long."""
    outer = node.record.outer()
    if outer is None:
        return
    if node.supervisor.answers():
        node.supervisor.shutdown()
        _, alive = psutil.wait_procs([outer], timeout=seconds)
    else:
        alive = [outer]
    for process in alive:
        # The kernel ends the child of `unshare --kill-child`, and with pid 1 all the rest.
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(alive, timeout=10)


def sweep(layout: Layout) -> None:
    """Remove what a node leaves on the host, whether it ended well, badly, or before a reboot."""
    record = Record.read(layout.node_record)
    for pid in cgroups.members(layout.cgroup):
        if pid != os.getpid():
            _kill(pid)
    if record and record.way_out:
        network.close_way_out(record.way_out)
    network.remove_table(layout.nft_table)
    network.remove_link(layout.link)
    cgroups.remove(layout.cgroup)
    layout.node_record.unlink(missing_ok=True)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
