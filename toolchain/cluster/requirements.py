"""Can containers run here? Asked by trying, with the reason when they cannot."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from toolchain import debian
from toolchain.cluster import cgroups
from toolchain.cluster.model import ClusterError, Progress

PACKAGES = (
    "containerd",
    "runc",
    "containernetworking-plugins",
    "conntrack",
    "nftables",
    "iptables",
    "ipset",
    "iproute2",
    "util-linux",
    "mount",
    "clang-16",
    "llvm-16",
    "bpftool",
    "haproxy",
)
NEEDED_BYTES = 2 * 2**30

# What the node is made of, in miniature: namespaces, their mounts, a link, a bpffs, an overlay.
_PROBE = """\
set -e
mount -t tmpfs tmpfs /run
mkdir "$1/lower" "$1/upper" "$1/work" "$1/merged"
mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged"
mount -t sysfs sysfs /sys
mount -t bpf bpf /sys/fs/bpf
# Neither has to be on a fresh machine; `ensure` asks again once the packages are installed.
if command -v ip > /dev/null; then ip link add probe type veth peer name eb0rp; fi
if command -v nft > /dev/null; then nft add table ip probe; fi
"""


def reason_against_containers(root: Path) -> str | None:
    """Why no container can run on this machine, as this user, from `root`; None when they can."""
    if os.geteuid() != 0:
        return f"this user (uid {os.geteuid()}) is not root, and namespaces and cgroups need it"
    if shutil.which("unshare") is None:
        return "the program unshare (package util-linux) is not installed"
    return _reason_against_namespaces(root) or _reason_against_cgroups()


def _reason_against_namespaces(root: Path) -> str | None:
    namespaces = ("--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--uts", "--ipc")
    unshare = ("unshare", "--mount", "--propagation", "private", *namespaces, "--")
    root.mkdir(parents=True, exist_ok=True)
    # On the disk of the images: an overlay cannot lie on every file system.
    with tempfile.TemporaryDirectory(dir=root, prefix="probe-") as folder:
        done = subprocess.run(
            [*unshare, "sh", "-c", _PROBE, "probe", folder],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode == 0:
        return None
    return f"the kernel refuses a node's namespaces or mounts (in {root}): {done.stderr.strip()}"


def _reason_against_cgroups() -> str | None:
    name = f"agent-platform-probe-{os.getpid()}"
    try:
        cgroups.make(name)
    except (OSError, ClusterError) as error:
        return f"no cgroup can be made: {error}"
    try:
        cgroups.remove(name)
    except (OSError, ClusterError) as error:
        return f"a cgroup was made and could not be removed: {error}"
    return None


def ensure(root: Path, progress: Progress) -> None:
    """Have the packages, the disk and the rights that the embedded cluster needs."""
    if os.geteuid() != 0:
        raise ClusterError(
            f"got uid {os.geteuid()}, wanted root: the embedded cluster makes namespaces and "
            "cgroups. Run with sudo, or name another cluster in the stack"
        )
    try:
        debian.ensure(PACKAGES, progress)
    except debian.PackagesMissingError as error:
        raise ClusterError(str(error)) from error
    require_disk(root)
    reason = reason_against_containers(root)
    if reason is not None:
        raise ClusterError(
            f"containers cannot run here: {reason}. Run it again for a simulated cluster"
        )


def require_disk(root: Path, needed: int = NEEDED_BYTES) -> None:
    """Have room for images and the database."""
    root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if free < needed:
        raise ClusterError(
            f"got {free / 2**30:.1f} GiB free at {root}, wanted {needed / 2**30:.0f} GiB: "
            "free some, or set AGENT_PLATFORM_CACHE to a folder on a larger disk"
        )
    with tempfile.TemporaryFile(dir=root):
        return
