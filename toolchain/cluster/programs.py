"""The command lines of what makes a node of the namespaces, and of what plays one."""

from pathlib import Path

from toolchain.cluster.addons import storage
from toolchain.cluster.layout import (
    BPF_ROOT,
    CILIUM_SOCKET,
    CNI_FILE,
    HOST_NETWORK,
    Layout,
)
from toolchain.cluster.settings import NODE_NAME, Settings
from toolchain.cluster.supervision import Program, flags


def node_programs(layout: Layout, settings: Settings, cgroup2: Path) -> tuple[Program, ...]:
    """What makes the namespaces a node, and joins it to the host."""
    return (
        haproxy(layout),
        containerd(layout),
        kubelet(layout, settings),
        kube_proxy(layout, settings),
        cilium(layout, settings, cgroup2),
        volumes(layout),
    )


def haproxy(layout: Layout) -> Program:
    """Loopback ports of the host, joined to the node: it runs in the host's network namespace."""
    command = ("nsenter", f"--net={HOST_NETWORK}", "--", "haproxy", "-db", "-f")
    return Program(
        name="haproxy",
        command=(*command, str(layout.config / "haproxy.cfg")),
        priority=100,
        autostart=True,
        # It would otherwise wait for open streams to end by themselves.
        stop_seconds=2,
    )


def containerd(layout: Layout) -> Program:
    """The container runtime."""
    return Program(
        name="containerd",
        command=("containerd", "--config", str(layout.config / "containerd.toml")),
        # A proxy of the person's shell must not be used for a socket or a local image.
        environment={"NO_PROXY": "*", "no_proxy": "*"},
        priority=100,
        autostart=True,
        # Pods live on while their runtime restarts.
        kill_children=False,
    )


def kubelet(layout: Layout, settings: Settings) -> Program:
    """The node agent."""
    options = flags(
        {
            "config": layout.config / "kubelet.yaml",
            "kubeconfig": layout.config / "kubelet.kubeconfig",
            "hostname-override": NODE_NAME,
            "node-ip": settings.node_ip,
            "node-labels": "agent-platform.dev/node=embedded",
            "v": 1,
        }
    )
    return Program(name="kubelet", command=(str(layout.tools / "kubelet"), *options), priority=400)


def kube_proxy(layout: Layout, settings: Settings) -> Program:
    """Service addresses, as nftables rules of the node's network namespace."""
    options = flags(
        {
            "kubeconfig": layout.config / "kube-proxy.kubeconfig",
            "hostname-override": NODE_NAME,
            "proxy-mode": "nftables",
            "cluster-cidr": settings.pod_cidr,
            "metrics-bind-address": "127.0.0.1:10249",
            "healthz-bind-address": "127.0.0.1:10256",
            # These belong to the whole kernel and are read-only in a network namespace.
            "conntrack-max-per-core": 0,
            "conntrack-min": 0,
            "conntrack-tcp-timeout-established": 0,
            "conntrack-tcp-timeout-close-wait": 0,
        }
    )
    return Program(
        name="kube-proxy", command=(str(layout.tools / "kube-proxy"), *options), priority=350
    )


def cilium(layout: Layout, settings: Settings, cgroup2: Path) -> Program:
    """Pod network, and enforcement of NetworkPolicy."""
    options = flags(
        {
            "k8s-kubeconfig-path": layout.config / "cilium.kubeconfig",
            "k8s-namespace": "kube-system",
            "lib-dir": layout.cilium,
            "state-dir": "/run/cilium",
            "socket-path": CILIUM_SOCKET,
            "bpf-root": BPF_ROOT,
            "cgroup-root": cgroup2,
            "write-cni-conf-when-ready": CNI_FILE,
            "cni-log-file": layout.logs / "cilium-cni.log",
            "ipam": "kubernetes",
            "identity-allocation-mode": "crd",
            "routing-mode": "native",
            "ipv4-native-routing-cidr": settings.pod_cidr,
            "enable-ipv6": False,
            "kube-proxy-replacement": False,
            "enable-l7-proxy": False,
            "enable-host-legacy-routing": True,
            "enable-hubble": False,
            "enable-health-checking": False,
            "enable-endpoint-health-checking": False,
            "enable-l2-neigh-discovery": False,
            "preallocate-bpf-maps": False,
            # As NetworkPolicy has it elsewhere: an ipBlock covers a node's address too, which is
            # where the API server is.
            "policy-cidr-match-mode": "nodes",
        }
    )
    return Program(
        name="cilium-agent",
        command=(str(layout.tools / "cilium-agent"), *options),
        environment={
            # clang and llc under the names it looks for.
            "PATH": f"{layout.node_bin}:/usr/sbin:/usr/bin:/sbin:/bin",
            # It moves its file from there into CNI_CONFIG when both are on one file system,
            # and containerd 1.6 takes no notice of a file that was moved in.
            "TMPDIR": "/var/tmp",  # noqa: S108 - only its file system matters
        },
        priority=350,
    )


def volumes(layout: Layout) -> Program:
    """local-path-provisioner: volumes of the storage class `standard`."""
    config = layout.config
    return Program(
        name="local-path-provisioner",
        command=(
            str(layout.tools / "local-path-provisioner"),
            "start",
            f"--config={config / 'volumes.json'}",
            f"--helper-pod-file={config / 'volumes-helper.yaml'}",
            f"--kubeconfig={config / 'volumes.kubeconfig'}",
            f"--namespace={storage.NAMESPACE}",
            f"--configmap-name={storage.SCRIPTS}",
            f"--provisioner-name={storage.PROVISIONER}",
        ),
        priority=450,
    )


def kwok(layout: Layout, settings: Settings) -> Program:
    """Plays the node and its pods where no container can run."""
    options = flags(
        {
            "kubeconfig": layout.kubeconfig,
            "config": layout.config / "kwok.yaml",
            "cidr": settings.pod_cidr,
            "node-ip": settings.node_ip,
            "manage-nodes-with-annotation-selector": "kwok.x-k8s.io/node=fake",
            "node-lease-duration-seconds": 40,
        }
    )
    return Program(name="kwok", command=(str(layout.tools / "kwok"), *options), priority=400)
