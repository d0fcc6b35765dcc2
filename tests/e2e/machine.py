"""A cluster of a test's own: how it is made, what is asked of it, and what it leaves behind."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import psutil

from tests.e2e.platform import eventually
from toolchain import images
from toolchain.cluster.embedded import EmbeddedCluster
from toolchain.cluster.layout import Layout
from toolchain.cluster.settings import Settings
from toolchain.image_archive import BuiltImage
from toolchain.paths import Paths

PATHS = Paths.from_environment()
SPACE = "restricted"
SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 1001,
    "runAsGroup": 1001,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
SERVE = ["python3", "-m", "http.server", "8000", "--directory", "/data"]


def free_network() -> IPv4Network:
    """One of its own per test run: several may be under way on a machine."""
    third, fourth = 192 + os.getpid() % 60, os.getpid() // 60 % 64 * 4
    return IPv4Network(f"192.168.{third}.{fourth}/30")


@dataclass(frozen=True)
class Machine:
    """The cluster under test, and what its tests ask of it."""

    cluster: EmbeddedCluster
    layout: Layout
    settings: Settings
    image: str

    def kubectl(self, *arguments: str, stdin: object = None, check: bool = True) -> str:
        command = [str(PATHS.bin / "kubectl"), f"--kubeconfig={self.cluster.kubeconfig}"]
        done = subprocess.run(
            [*command, *arguments],
            input=json.dumps(stdin) if stdin else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def apply(self, *manifests: dict[str, Any]) -> None:
        everything = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self.kubectl("apply", "-f", "-", stdin=everything)

    def python(self, pod: str, code: str) -> str:
        arguments = ("exec", "-n", SPACE, pod, "--", "python3", "-c", code)
        return self.kubectl(*arguments, check=False).strip()

    def fetch(self, pod: str, url: str) -> str:
        code = (
            "import urllib.request as r\n"
            f"try: print(r.urlopen({url!r}, timeout=3).status)\n"
            "except OSError as e: print('refused', e)"
        )
        return self.python(pod, code)

    def ready(self, pod: str) -> None:
        condition = ("--for=condition=Ready", "--timeout=120s")
        self.kubectl("wait", "-n", SPACE, f"pod/{pod}", *condition)


def system_images(names: Sequence[str], progress: Callable[[str], None]) -> list[BuiltImage]:
    return images.build_all(names, progress, images.workshop(PATHS))


def said(line: str) -> None:
    print(f"{time.monotonic():.1f} {line}")  # shown by pytest when a test fails


def pod(
    machine: Machine, name: str, command: list[str], volume: dict[str, Any] | None = None
) -> dict[str, Any]:
    container = {
        "name": "main",
        "image": machine.image,
        "imagePullPolicy": "Never",
        "command": command,
        "securityContext": SECURITY,
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "readinessProbe": {"tcpSocket": {"port": 8000}, "periodSeconds": 1},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": SPACE, "labels": {"app": name}},
        "spec": {
            "containers": [container],
            "volumes": [{"name": "data", **(volume or {"emptyDir": {}})}],
        },
    }


def service(name: str, node_port: int | None = None) -> dict[str, Any]:
    port: dict[str, Any] = {"port": 80, "targetPort": 8000}
    if node_port:
        port["nodePort"] = node_port
    kind = "NodePort" if node_port else "ClusterIP"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": SPACE},
        "spec": {"selector": {"app": name}, "ports": [port], "type": kind},
    }


def prepare(machine: Machine) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    machine.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE, "labels": labels}}
    )
    account = ("get", "serviceaccount", "default", "-n", SPACE)
    eventually(
        "the account of pods", lambda: "NotFound" not in machine.kubectl(*account, check=False)
    )
    machine.apply(pod(machine, "server", SERVE), pod(machine, "client", SERVE), service("server"))
    machine.ready("server")
    machine.ready("client")


def left_behind(machine: Machine) -> list[str]:
    """Whatever on the host still bears the cluster's name or path."""
    layout = machine.layout
    found = [
        f"process {process.pid} {line}"
        for process in psutil.process_iter(["cmdline"])
        if str(layout.root) in (line := " ".join(process.info["cmdline"] or []))
    ]
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    found += [f"mount {line}" for line in mounts if str(layout.root) in line]
    for command, name in (
        (["ip", "link"], layout.link),
        (["ip", "route", "show", "table", "all"], str(machine.settings.node_network)),
        (["nft", "list", "tables"], layout.nft_table),
    ):
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found += [line for line in lines.splitlines() if name in line]
    found += [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{layout.cgroup}")]
    return found
