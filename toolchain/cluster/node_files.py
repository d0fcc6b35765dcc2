"""Every file that the node starts with, written from settings alone."""

import hashlib
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from toolchain import atomic
from toolchain.cluster import (
    cgroups,
    configuration,
    control_plane,
    kubeconfig,
    pki,
    programs,
    supervision,
)
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import ClusterError
from toolchain.cluster.node import Spec
from toolchain.cluster.process import SOCKET
from toolchain.cluster.settings import Settings
from toolchain.cluster.supervision import Program
from toolchain.paths import PROJECT

TOOLS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubectl",
    "cilium-agent",
    "cilium-cni",
    "local-path-provisioner",
)
CLIENTS = ("controller-manager", "scheduler", "kubelet", "kube-proxy", "cilium", "volumes")
"""Certificates that get a kubeconfig for use inside the node."""

RESOLV_CONF = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
_CNI_PLUGINS = Path("/usr/lib/cni")
_LLVM = {"clang": "/usr/bin/clang-16", "llc": "/usr/bin/llc-16"}
_READS = {
    "kube-apiserver": ("encryption.yaml",),
    "kubelet": ("kubelet.yaml", "resolv.conf"),
    "containerd": ("containerd.toml",),
    "haproxy": ("haproxy.cfg",),
    "kwok": ("kwok.yaml",),
    "local-path-provisioner": ("volumes.json", "volumes-helper.yaml"),
}
"""Program → the configuration files whose change means a restart."""


def require_tools(tools: Path, wanted: Iterable[str] = TOOLS) -> None:
    """Have every binary built."""
    absent = [name for name in wanted if not (tools / name).exists()]
    if absent:
        raise ClusterError(
            f"got no {', '.join(absent)} in {tools}, wanted the toolchain's builds: run `make up`, "
            "which builds what is missing"
        )


def write(
    layout: Layout, settings: Settings, *, pause: str, python: str, cilium_module: Path
) -> Spec:
    """Write everything, keep what fits, and say what the node's namespaces are made of."""
    require_tools(layout.tools)
    layout.make()
    certificates(layout, settings)
    addresses = control_plane.node_addresses(settings)
    for client in CLIENTS:
        path = layout.config / f"{client}.kubeconfig"
        kubeconfig.write(path, layout.pki, client, addresses.server)
    atomic.write(layout.config / "kubelet.yaml", configuration.kubelet(layout, settings))
    atomic.write(layout.config / "containerd.toml", configuration.containerd(layout, pause))
    atomic.write(layout.config / "haproxy.cfg", configuration.haproxy(settings))
    atomic.write(layout.config / "resolv.conf", configuration.resolv_conf(RESOLV_CONF))
    atomic.write(layout.config / "volumes.json", configuration.volumes(layout))
    atomic.write(layout.config / "volumes-helper.yaml", configuration.volumes_helper(python))
    _links(layout)
    _bpf_sources(cilium_module / "bpf", layout.cilium / "bpf")
    hierarchies = cgroups.present()
    if hierarchies.v2 is None:
        raise ClusterError(
            "got no cgroup2 mount, wanted one beside cgroup v1 for Cilium: "
            "mount -t cgroup2 none /sys/fs/cgroup/unified"
        )
    wanted = (
        *control_plane.control_plane(layout, settings, addresses),
        *programs.node_programs(layout, settings, hierarchies.v2),
    )
    rendered = supervision.render(
        (stamped(layout, program) for program in wanted),
        socket=SOCKET,
        logs=layout.logs,
        run=SOCKET.parent,
    )
    atomic.write(layout.supervisor_config, rendered)
    return _spec(layout, settings)


def certificates(layout: Layout, settings: Settings) -> None:
    """Certificates, the key for stored secrets, and the administrator's kubeconfig."""
    pki.ensure(layout.pki, pki.leaves(settings))
    configuration.write_encryption(layout.config / "encryption.yaml")
    server = f"https://127.0.0.1:{settings.api_port}"
    kubeconfig.write(layout.kubeconfig, layout.pki, "admin", server)


def stamped(layout: Layout, program: Program) -> Program:
    """The program with a mark of what it reads: supervisord restarts it when the mark changes."""
    digest = hashlib.sha256()
    # A rebuilt tool is another folder behind the same link.
    binaries = (Path(one).resolve() for one in program.command if one.startswith("/"))
    digest.update(" ".join(map(str, binaries)).encode())
    for name in _READS.get(program.name, ()):
        digest.update((layout.config / name).read_bytes())
    for name in _certificates(program):
        digest.update(Path(name).read_bytes())
    mark = {"AGENT_PLATFORM_INPUT": digest.hexdigest()[:16]}
    return replace(program, environment={**program.environment, **mark})


def _certificates(program: Program) -> list[str]:
    values = (argument.partition("=")[2] for argument in program.command)
    return [one for one in values if one.endswith((".crt", ".kubeconfig"))]


def _spec(layout: Layout, settings: Settings) -> Spec:
    return Spec(
        pid_file=str(layout.config / "node.pid"),
        cgroup=layout.cgroup,
        link=layout.link,
        host_ip=settings.host_ip,
        node_ip=settings.node_ip,
        prefix=settings.node_network.prefixlen,
        kept=[
            str(layout.root),
            str(layout.tools.parent),
            str(PROJECT),
            sys.prefix,
            sys.base_prefix,
        ],
        mounts={str(source): str(place) for source, place in layout.mounts.items()},
        supervisord=[
            sys.executable,
            "-m",
            "supervisor.supervisord",
            "-c",
            str(layout.supervisor_config),
        ],
    )


def _links(layout: Layout) -> None:
    links = {layout.node_bin / name: Path(target) for name, target in _LLVM.items()}
    links[layout.cni_bin / "cilium-cni"] = layout.tools / "cilium-cni"
    links[layout.cni_bin / "loopback"] = _CNI_PLUGINS / "loopback"
    for link, target in links.items():
        atomic.link(link, target)


def _bpf_sources(source: Path, place: Path) -> None:
    # A copy: the agent writes what it found out about the kernel into it, and the module
    # cache is read-only.
    stamp = place.with_name("bpf.source")
    if stamp.exists() and stamp.read_text() == str(source):
        return
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place, ignore=shutil.ignore_patterns("tests", "complexity-tests"))
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    stamp.write_text(str(source))
