"""A bare Kubernetes control plane for tests: etcd, API server, controller manager; no node.

Everything listens on loopback, on free ports, and lives in one folder. Pods are never scheduled: a
test that needs a pod in some state writes its status, as a kubelet would.
"""

import json
import os
import secrets
import signal
import ssl
import subprocess
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests import ports
from toolchain.cluster.waiting import until
from toolchain.paths import Paths

CONTEXT = "bare"
START_SECONDS = 90
STOP_SECONDS = 20
NEEDED = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl")

Manifest = dict[str, Any]


@dataclass(frozen=True)
class ControlPlane:
    """A running API server, and how to reach it."""

    folder: Path
    port: int
    bin: Path
    token: str

    @cached_property
    def api(self) -> httpx2.Client:
        """The API server, asked directly: a kubectl for each question takes longer than its answer."""
        return httpx2.Client(
            base_url=self.server,
            headers={"Authorization": f"Bearer {self.token}"},
            verify=ssl.create_default_context(cafile=str(self.folder / "apiserver.crt")),
            timeout=30,
            trust_env=False,
        )

    @property
    def kubeconfig(self) -> Path:
        """Its one context is `CONTEXT`, with every right."""
        return self.folder / "kubeconfig"

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl; its output. A failure raises with what it said."""
        command = [str(self.bin / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        result = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        if result.returncode:
            raise AssertionError(f"`{' '.join(command)}`: {result.stderr.strip()}")
        return result.stdout

    def apply(self, *manifests: Manifest, manager: str = "somebody-else") -> None:
        """Apply on the server under another field manager than Pulumi's."""
        self.kubectl(
            "apply",
            "--server-side",
            f"--field-manager={manager}",
            "-f-",
            stdin=yaml.safe_dump_all(manifests),
        )

    def get(self, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """The live object, None if there is none."""
        answer = self.api.get(f"{_collection(kind, namespace)}/{name}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        return answer.raise_for_status().json()

    def every(self, kind: str, namespace: str) -> list[Manifest]:
        """The live objects of a kind."""
        return self.api.get(_collection(kind, namespace)).raise_for_status().json()["items"]

    def set_status(self, kind: str, name: str, namespace: str, status: Manifest) -> None:
        """Write a status, as a kubelet or a controller would."""
        self.api.patch(
            f"{_collection(kind, namespace)}/{name}/status",
            content=json.dumps({"status": status}),
            headers={"Content-Type": "application/merge-patch+json"},
        ).raise_for_status()

    def offer(self, manifest: Manifest) -> httpx2.Response:
        """The answer to a request to create the object, which keeps nothing."""
        path = _collection(manifest["kind"].lower(), manifest["metadata"]["namespace"])
        return self.api.post(path, params={"dryRun": "All"}, json=manifest)


def _collection(kind: str, namespace: str | None) -> str:
    """Where the objects of a kind are: `pod`, or `robots.example.org` of a group of one's own."""
    name, _, group = kind.partition(".")
    plural = f"{name.removesuffix('s')}s"
    group = group or {"deployments": "apps", "statefulsets": "apps", "jobs": "batch"}.get(plural)
    scope = "" if namespace is None else f"/namespaces/{namespace}"
    return f"/apis/{group}/v1{scope}/{plural}" if group else f"/api/v1{scope}/{plural}"


def missing(paths: Paths) -> str | None:
    """Why the control plane cannot run here, None if it can."""
    absent = [name for name in NEEDED if not (paths.bin / name).exists()]
    if absent:
        return (
            f"{paths.bin} lacks {', '.join(absent)}; build them with "
            "`python -m toolchain.builds build etcd kubernetes`"
        )
    return None


@contextmanager
def running(folder: Path, paths: Paths) -> Generator[ControlPlane]:
    """Start a control plane in `folder`, and end it afterwards."""
    etcd, peer, api, manager = ports.free(4)
    token = secrets.token_hex(16)
    (folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
    _service_account_keys(folder)
    plane = ControlPlane(folder=folder, port=api, bin=paths.bin, token=token)
    with ExitStack() as stack:
        stack.enter_context(_process(folder, _etcd(paths, folder, etcd, peer)))
        server = stack.enter_context(_process(folder, _api_server(paths, folder, api, etcd)))
        until(
            lambda: _ready(plane),
            seconds=START_SECONDS,
            what=f"API server at {plane.server}",
            explain=lambda: _tail(folder / "kube-apiserver.log"),
            failed=lambda: _ended(server),
        )
        stack.callback(plane.api.close)
        _write_kubeconfig(plane)
        controllers = stack.enter_context(_process(folder, _controllers(paths, plane, manager)))
        until(
            lambda: plane.get("serviceaccount", "default", "default") is not None,
            seconds=START_SECONDS,
            what="controller manager",
            explain=lambda: _tail(folder / "kube-controller-manager.log"),
            failed=lambda: _ended(controllers),
        )
        yield plane


def _etcd(paths: Paths, folder: Path, client: int, peer: int) -> list[str]:
    client_url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        str(paths.bin / "etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client_url}",
        f"--advertise-client-urls={client_url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=default={peer_url}",
        # The data does not outlive the test.
        "--unsafe-no-fsync",
    ]


def _api_server(paths: Paths, folder: Path, port: int, etcd: int) -> list[str]:
    return [
        str(paths.bin / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={port}",
        # It makes a certificate of its own there, with the authority behind it.
        f"--cert-dir={folder}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--service-account-key-file={folder / 'service-account.pub'}",
        f"--service-account-signing-key-file={folder / 'service-account.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.0.0.0/24",
    ]


def _controllers(paths: Paths, plane: ControlPlane, port: int) -> list[str]:
    return [
        str(paths.bin / "kube-controller-manager"),
        f"--kubeconfig={plane.kubeconfig}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={plane.folder / 'controllers'}",
        f"--service-account-private-key-file={plane.folder / 'service-account.key'}",
        f"--root-ca-file={plane.folder / 'apiserver.crt'}",
        "--leader-elect=false",
    ]


def _service_account_keys(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "service-account.key").write_bytes(private)
    (folder / "service-account.pub").write_bytes(public)


@contextmanager
def _process(folder: Path, command: Sequence[str]) -> Generator["subprocess.Popen[bytes]"]:
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ended(process: "subprocess.Popen[bytes]") -> str | None:
    code = process.poll()
    return None if code is None else f"its process ended with {code}"


def _ready(plane: ControlPlane) -> bool:
    if not (plane.folder / "apiserver.crt").exists():
        return False
    try:
        return plane.api.get("/readyz").is_success
    except httpx2.TransportError:
        return False


def _write_kubeconfig(plane: ControlPlane) -> None:
    cluster = {
        "server": plane.server,
        "certificate-authority": str(plane.folder / "apiserver.crt"),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": {"token": plane.token}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    plane.kubeconfig.write_text(yaml.safe_dump(content))


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return f"The end of {log}:\n" + "\n".join(lines[-20:])
