"""The configuration files of the node's components, as text."""

import base64
import ipaddress
import json
import os
from pathlib import Path

import yaml

from toolchain.cluster.layout import CNI_CONFIG, CONTAINERD_SOCKET, Layout
from toolchain.cluster.pki import write_private
from toolchain.cluster.settings import NODE_NAME, Settings

STREAM_TIMEOUT = "30m"
"""How long a quiet connection through a host port may stay open: streams, logs -f, exec."""


def kubelet(layout: Layout, settings: Settings) -> str:
    """The kubelet's configuration."""
    pki = layout.pki
    never = "0%"
    return yaml.safe_dump(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": settings.node_ip,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(pki / "ca.crt")},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(pki / "kubelet-server.crt"),
            "tlsPrivateKeyFile": str(pki / "kubelet-server.key"),
            "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{layout.cgroup}",
            "failCgroupV1": False,
            "failSwapOn": False,
            "oomScoreAdj": 0,
            "clusterDNS": [settings.dns_ip],
            "clusterDomain": settings.domain,
            "resolvConf": str(layout.config / "resolv.conf"),
            "volumePluginDir": "/var/lib/kubelet/volume-plugins",
            "serializeImagePulls": False,
            # A removed image cannot be pulled again, so images are never collected,
            # and no pod is evicted for the sake of a disk that others fill as well.
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
            "evictionHard": {
                "memory.available": "100Mi",
                "nodefs.available": never,
                "nodefs.inodesFree": never,
                "imagefs.available": never,
                "imagefs.inodesFree": never,
            },
            "logging": {"flushFrequency": "5s"},
        },
        sort_keys=False,
    )


def containerd(layout: Layout, sandbox_image: str) -> str:
    """containerd's configuration: overlayfs, runc, and no plugin that asks for more."""
    text = json.dumps  # a JSON string is a TOML basic string
    unused = ("btrfs", "aufs", "devmapper", "zfs")
    disabled = [f"io.containerd.snapshotter.v1.{name}" for name in unused]
    # The last of them would make /opt/containerd on the host.
    disabled.append("io.containerd.internal.v1.opt")
    return f"""\
version = 2
root = {text(str(layout.containerd))}
state = "/run/containerd"
disabled_plugins = {json.dumps(disabled)}

[grpc]
  address = {text(str(CONTAINERD_SOCKET))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = {text(sandbox_image)}
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = {text(str(layout.cni_bin))}
    conf_dir = {text(str(CNI_CONFIG))}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
"""


def haproxy(settings: Settings) -> str:
    """Two loopback ports of the host, passed on byte by byte."""

    def forward(name: str, port: int, target: int) -> str:
        return (
            f"listen {name}\n  bind 127.0.0.1:{port}\n  server node {settings.node_ip}:{target}\n"
        )

    return f"""\
global
  maxconn 4096

defaults
  mode tcp
  timeout connect 5s
  timeout client {STREAM_TIMEOUT}
  timeout server {STREAM_TIMEOUT}
  timeout tunnel {STREAM_TIMEOUT}

{forward("api", settings.api_port, 6443)}
{forward("edge", settings.edge_port, settings.edge_node_port)}"""


def encryption(key: bytes) -> str:
    """Secrets are encrypted before etcd sees them; what was stored before stays readable."""
    secretbox = {"keys": [{"name": "key1", "secret": base64.b64encode(key).decode()}]}
    return yaml.safe_dump(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [
                {
                    "resources": ["secrets"],
                    "providers": [{"secretbox": secretbox}, {"identity": {}}],
                }
            ],
        },
        sort_keys=False,
    )


def volumes(layout: Layout) -> str:
    """local-path-provisioner's configuration: every volume is a folder of the cluster's data."""
    node_paths = [{"node": NODE_NAME, "paths": [str(layout.volumes)]}]
    return json.dumps({"nodePathMap": node_paths}, indent=2)


def volumes_helper(image: str) -> str:
    """The pod that makes or removes a volume's folder."""
    resources = {"cpu": "50m", "memory": "32Mi"}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "volume"},
            "spec": {
                "priorityClassName": "system-node-critical",
                "automountServiceAccountToken": False,
                "containers": [
                    {
                        "name": "helper",
                        "image": image,
                        "imagePullPolicy": "Never",
                        "resources": {"requests": resources, "limits": resources},
                        "securityContext": {"runAsUser": 0, "runAsGroup": 0},
                    }
                ],
            },
        },
        sort_keys=False,
    )


def resolv_conf(candidates: tuple[Path, ...]) -> str:
    """The host's name servers that can be reached from the node: not those on its loopback."""
    for path in candidates:
        if not path.exists():
            continue
        lines = path.read_text().splitlines()
        servers = [line.split()[1] for line in lines if line.startswith("nameserver ")]
        reachable = [server for server in servers if _reachable(server)]
        if reachable:
            return "".join(f"nameserver {server}\n" for server in reachable)
    return ""


def _reachable(server: str) -> bool:
    address = ipaddress.ip_address(server.partition("%")[0])
    return address.version == 4 and not address.is_loopback


def write_encryption(path: Path) -> None:
    """Make the key once: another one would leave every stored secret unreadable."""
    if not path.exists():
        write_private(path, encryption(os.urandom(32)).encode())
