"""Inside the node's namespaces: `python -m toolchain.cluster.node <stage> <spec>` makes the node.

Stage `mounts` runs in a mount namespace of its own, still in the host's network: it keeps a
handle on that network for haproxy. Stage `init` is pid 1 of the finished namespaces: it mounts
what the node's programs expect, joins the node to the host, and becomes supervisord.
"""

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchain.cluster import cgroups
from toolchain.cluster.layout import BPF_ROOT, CNI_CONFIG, HOST_NETWORK, RUN
from toolchain.cluster.settings import NODE_NAME

UNSHARE = ("--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--uts", "--ipc")

# The kubelet and Cilium insist on these and would set them for the whole machine. In the
# node's mount namespace they find files that already say so.
KERNEL_SETTINGS = {
    "/proc/sys/kernel/timer_migration": "0",
    "/proc/sys/kernel/unprivileged_bpf_disabled": "1",
    "/proc/sys/vm/overcommit_memory": "1",
    "/proc/sys/vm/panic_on_oom": "0",
    "/proc/sys/kernel/panic": "10",
    "/proc/sys/kernel/panic_on_oops": "1",
    "/proc/sys/kernel/keys/root_maxkeys": "1000000",
    "/proc/sys/kernel/keys/root_maxbytes": "25000000",
}


VAR_LIB = "/var/lib"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What the stages need to know."""

    pid_file: str
    """Where the outermost process notes its number, for it has no parent that knows it."""
    cgroup: str
    link: str
    host_ip: str
    node_ip: str
    prefix: int
    mounts: dict[str, str]
    """Source → place."""
    kept: list[str]
    """Folders that must stay what they are, wherever they lie."""
    supervisord: list[str]

    def dumps(self) -> str:
        """As it is handed to the stages."""
        return json.dumps(asdict(self), indent=2)


def address(spec: Path) -> str:
    """The address of the node that was made of this; of an older toolchain's node, too."""
    return str(json.loads(spec.read_text())["node_ip"])


def outer_command(spec: Path) -> list[str]:
    """What the host starts; it is the parent of the node's pid 1, and its end ends the node."""
    stage = [sys.executable, "-m", __name__ if __name__ != "__main__" else _MODULE, "mounts"]
    return ["unshare", "--mount", "--propagation", "private", "--", *stage, str(spec)]


_MODULE = "toolchain.cluster.node"


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def mounts(spec_path: Path, spec: Spec) -> None:
    """Keep the host's network reachable by a file, then go on in namespaces of our own."""
    # Moved into place, so that nobody reads half a number.
    noted = Path(f"{spec.pid_file}.new")
    noted.write_text(str(os.getpid()))
    noted.replace(spec.pid_file)
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    RUN.mkdir(mode=0o700)
    HOST_NETWORK.touch()
    _run("mount", "--bind", "/proc/self/ns/net", str(HOST_NETWORK))
    cgroups.enter(spec.cgroup)
    stage = [sys.executable, "-m", _MODULE, "init", str(spec_path)]
    os.execvp("unshare", ["unshare", *UNSHARE, "--", *stage])  # noqa: S606 - no shell wanted


def init(_: Path, spec: Spec) -> None:
    """Mount, join the network, become supervisord."""
    socket.sethostname(NODE_NAME)
    _mount_sysfs()
    _mount_var_lib([folder for folder in spec.kept if _inside(folder, VAR_LIB)])
    for source, place in spec.mounts.items():
        Path(place).mkdir(exist_ok=True)
        _run("mount", "--bind", source, place)
    _mask_kernel_settings()
    CNI_CONFIG.mkdir()
    # Within this mount namespace only: volumes that pods mount must be seen by the kubelet.
    _run("mount", "--make-rshared", "/")
    _join_network(spec)
    os.execv(spec.supervisord[0], spec.supervisord)  # noqa: S606 - no shell wanted


def _mount_sysfs() -> None:
    # The host's sysfs shows the host's interfaces; one mounted here shows the node's.
    kept = RUN / "cgroup"
    kept.mkdir()
    _run("mount", "--rbind", "/sys/fs/cgroup", str(kept))
    _run("mount", "-t", "sysfs", "sysfs", "/sys")
    _run("mount", "--rbind", str(kept), "/sys/fs/cgroup")
    _run("umount", "--recursive", "--lazy", str(kept))
    _run("mount", "-t", "bpf", "bpf", str(BPF_ROOT))


def _mount_var_lib(kept: list[str]) -> None:
    # The kubelet and the CNI library insist on folders there. An overlay of the node's own
    # gives them without one appearing on the host.
    work = RUN / "var-lib"
    held = {folder: work / f"kept-{number}" for number, folder in enumerate(kept)}
    for part in ("upper", "work", *(place.name for place in held.values())):
        (work / part).mkdir(parents=True)
    for folder, place in held.items():
        _run("mount", "--rbind", folder, str(place))
    layers = f"lowerdir={VAR_LIB},upperdir={work / 'upper'},workdir={work / 'work'}"
    _run("mount", "-t", "overlay", "-o", layers, "overlay", VAR_LIB)
    for folder, place in held.items():
        _run("mount", "--rbind", str(place), folder)


def _inside(folder: str, parent: str) -> bool:
    return Path(folder).is_relative_to(parent)


def _mask_kernel_settings() -> None:
    for name, value in KERNEL_SETTINGS.items():
        mask = RUN / "sysctl" / name.removeprefix("/proc/sys/").replace("/", ".")
        mask.parent.mkdir(exist_ok=True)
        mask.write_text(f"{value}\n")
        _run("mount", "--bind", str(mask), name)


def _join_network(spec: Spec) -> None:
    on_host = ("nsenter", f"--net={HOST_NETWORK}", "--", "ip")
    peer = ("type", "veth", "peer", "name", "eth0", "netns", str(os.getpid()))
    _run(*on_host, "link", "add", spec.link, *peer)
    _run(*on_host, "address", "add", f"{spec.host_ip}/{spec.prefix}", "dev", spec.link)
    _run(*on_host, "link", "set", spec.link, "up")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "address", "add", f"{spec.node_ip}/{spec.prefix}", "dev", "eth0")
    _run("ip", "link", "set", "eth0", "up")
    _run("ip", "route", "add", "default", "via", spec.host_ip)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def main(arguments: list[str]) -> None:
    """Run one stage."""
    stage, path = arguments[0], Path(arguments[1])
    spec = Spec(**json.loads(path.read_text()))
    {"mounts": mounts, "init": init}[stage](path, spec)


if __name__ == "__main__":
    main(sys.argv[1:])
