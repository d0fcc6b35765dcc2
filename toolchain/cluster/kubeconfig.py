"""kubeconfig files: who calls the API server, and where it is."""

import base64
from pathlib import Path

import yaml

from toolchain.cluster.pki import write_private
from toolchain.cluster.settings import CONTEXT


def render(pki: Path, leaf: str, server: str, name: str = CONTEXT) -> str:
    """A kubeconfig with exactly one context, called `name`, that carries its certificates."""

    def embedded(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    cluster = {"server": server, "certificate-authority-data": embedded("ca.crt")}
    user = {
        "client-certificate-data": embedded(f"{leaf}.crt"),
        "client-key-data": embedded(f"{leaf}.key"),
    }
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": f"{name}-{leaf}", "user": user}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": f"{name}-{leaf}"}}],
            "current-context": name,
        },
        sort_keys=False,
    )


def write(path: Path, pki: Path, leaf: str, server: str) -> None:
    """Write it for its owner alone."""
    write_private(path, render(pki, leaf, server).encode())
