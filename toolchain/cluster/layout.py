"""Where the files of the cluster are, on the host and inside the node."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

TABLE_PREFIX = "agent_platform_"
RUN = Path("/run/agent-platform")
"""Sockets of the node; on a tmpfs of its own mount namespace, so short and never left behind."""

HOST_NETWORK = RUN / "host.netns"
"""The host's network namespace, kept by a bind mount that only the node sees."""
CONTAINERD_SOCKET = Path("/run/containerd/containerd.sock")
CILIUM_SOCKET = Path("/run/cilium/cilium.sock")
CNI_CONFIG = RUN / "net.d"
"""Empty when the node starts: the node is ready once Cilium has written its file."""
CNI_FILE = CNI_CONFIG / "05-cilium.conflist"
BPF_ROOT = Path("/sys/fs/bpf")


@dataclass(frozen=True)
class Layout:
    """All run-time data of one cluster, under one folder."""

    root: Path
    tools: Path
    """The folder with the toolchain's binaries."""

    @property
    def instance(self) -> str:
        """Eight hex digits that tell this cluster's host-side names from another's."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.root / "pki"

    @property
    def config(self) -> Path:
        """Generated configuration of the components."""
        return self.root / "config"

    @property
    def logs(self) -> Path:
        """One log per component, rotated."""
        return self.root / "logs"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way in."""
        return self.root / "kubeconfig"

    @property
    def data(self) -> Path:
        """What survives `down`: etcd, images, volumes."""
        return self.root / "data"

    @property
    def etcd(self) -> Path:
        """The database of the API server."""
        return self.data / "etcd"

    @property
    def containerd(self) -> Path:
        """Images and snapshots."""
        return self.data / "containerd"

    @property
    def volumes(self) -> Path:
        """Persistent volumes, a folder each."""
        return self.data / "volumes"

    @property
    def cni_bin(self) -> Path:
        """The plugins of the container network interface."""
        return self.root / "cni"

    @property
    def cilium(self) -> Path:
        """Cilium's `<lib-dir>`: `bpf/` and the compiled templates."""
        return self.root / "cilium"

    @property
    def node_bin(self) -> Path:
        """Programs that components look for on PATH under names that Debian does not give them."""
        return self.root / "bin"

    @property
    def node_record(self) -> Path:
        """Which process is the node, and what it changed on the host."""
        return self.root / "node.json"

    @property
    def spec(self) -> Path:
        """What the node's namespaces were made of."""
        return self.config / "node.json"

    @property
    def node_log(self) -> Path:
        """What making the namespaces printed."""
        return self.logs / "node.log"

    @property
    def supervisor_config(self) -> Path:
        """The configuration supervisord runs with."""
        return self.config / "supervisord.conf"

    @property
    def link(self) -> str:
        """The host's end of the veth pair (interface names have 15 characters at most)."""
        return f"ap-{self.instance}"

    @property
    def nft_table(self) -> str:
        """The table in the host's ruleset that lets pods reach the outside."""
        return f"{TABLE_PREFIX}{self.instance}"

    @property
    def cgroup(self) -> str:
        """The cgroup that holds the node's programs and its pods."""
        return f"agent-platform-{self.instance}"

    @property
    def mounts(self) -> dict[Path, Path]:
        """Folder of this cluster → place where the node's programs expect it."""
        return {
            self.data / "kubelet": Path("/var/lib/kubelet"),
            self.root / "var" / "cni": Path("/var/lib/cni"),
            self.root / "var" / "log": Path("/var/log"),
        }

    def make(self) -> None:
        """Create the folders; keys and databases are for their owner alone."""
        for folder in (
            self.config,
            self.logs,
            self.containerd,
            self.volumes,
            self.node_bin,
            self.cni_bin,
            self.cilium,
            *self.mounts,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.pki, self.etcd):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
