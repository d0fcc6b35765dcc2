"""The Kubernetes control planes that stand in for EKS clusters in a rehearsal."""

import base64
import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import yaml

from toolchain.providers.aws.errors import Refusal

STAND_INS = "AGENT_PLATFORM_STAND_INS"
"""Variable that names a folder with a kubeconfig for each cluster: `<name>.kubeconfig`."""
PATCH = "application/merge-patch+json"


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """One of them, and the certificate it knows its administrator by."""

    name: str
    """Name of the EKS cluster."""
    endpoint: str
    authority: str
    """Certificate of the API server's authority: PEM in base64."""
    certificate: str = field(repr=False)
    key: str = field(repr=False)

    def api(self) -> "Api":
        """The API server; to be closed."""
        context = ssl.create_default_context(cadata=_plain(self.authority))
        # Python takes a client's certificate from files, and from nothing else.
        with tempfile.TemporaryDirectory() as folder:
            for file, content in (("certificate", self.certificate), ("key", self.key)):
                (Path(folder) / file).write_text(_plain(content))
            context.load_cert_chain(Path(folder) / "certificate", Path(folder) / "key")
        # No proxy of the person's shell comes between us and loopback.
        client = httpx2.Client(base_url=self.endpoint, verify=context, timeout=10, trust_env=False)
        return Api(self.name, client)


@dataclass(frozen=True)
class Api:
    """Questions to one API server. What it refuses is a `Refusal` with its reason."""

    cluster: str
    client: httpx2.Client

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: str
    ) -> dict[str, Any] | None:
        """The answer as an object; None if there is nothing at `path`."""
        kind = PATCH if method == "PATCH" else "application/json"
        try:
            answer = self.client.request(
                method, path, json=body, params=query, headers={"Content-Type": kind}
            )
        except httpx2.TransportError as error:
            raise Refusal(
                f"the control plane that stands in for cluster {self.cluster} does not answer at "
                f"{self.client.base_url}: {error}; start the rehearsal again"
            ) from error
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if not answer.is_success:
            raise Refusal(
                f"the control plane that stands in for cluster {self.cluster} refuses {method} "
                f"{path}: {answer.text}"
            )
        found: dict[str, Any] = answer.json()
        return found


def find(cluster: str) -> StandIn | None:
    """What stands in for a cluster; None outside of a rehearsal that has something for it."""
    folder = os.environ.get(STAND_INS)
    path = Path(folder) / f"{cluster}.kubeconfig" if folder else None
    if path is None or not path.is_file():
        return None
    config: dict[str, Any] = yaml.safe_load(path.read_text())
    server, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    return StandIn(
        name=cluster,
        endpoint=str(server["server"]),
        authority=str(server["certificate-authority-data"]),
        certificate=str(user["client-certificate-data"]),
        key=str(user["client-key-data"]),
    )


def _plain(encoded: str) -> str:
    return base64.b64decode(encoded).decode()
