"""As much of a Kubernetes API server as nodes need, in memory; a node is ready as soon as it is there."""

import datetime as dt
import json
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from toolchain.cluster import pki
from toolchain.cluster.kubeconfig import render
from toolchain.cluster.settings import Settings

REFUSED = "refused"
"""A value of the label `team` that it does not take."""

Node = dict[str, Any]


class ApiServer(ThreadingHTTPServer):
    """It takes calls of those with a certificate of its authority, and of no others."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.nodes: dict[str, Node] = {}
        pki.ensure(folder, pki.leaves(Settings()), dt.datetime.now(dt.UTC))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "apiserver.crt", folder / "apiserver.key")
        context.load_verify_locations(folder / "ca.crt")
        context.verify_mode = ssl.CERT_REQUIRED
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self._folder = folder

    def kubeconfig(self, name: str) -> str:
        """The administrator's way in."""
        return render(self._folder, "admin", self.url, name)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers about nodes."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    @property
    def nodes(self) -> dict[str, Node]:
        return cast("ApiServer", self.server).nodes

    @property
    def body(self) -> Node:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, code: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        key, _, value = parse_qs(urlsplit(self.path).query)["labelSelector"][0].partition("=")
        found = list(self.nodes.values())
        chosen = [each for each in found if each["metadata"]["labels"].get(key) == value]
        self.answer(200, {"items": chosen})

    def do_POST(self) -> None:
        node = self.body
        if node["metadata"]["labels"].get("team") == REFUSED:
            self.answer(422, {"message": "the label is not taken"})
            return
        node["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
        self.nodes[node["metadata"]["name"]] = node
        self.answer(201, node)

    def do_PATCH(self) -> None:
        name = urlsplit(self.path).path.split("/")[4]
        self.nodes[name] = cast("Node", merged(self.nodes[name], self.body))
        self.answer(200, self.nodes[name])

    def do_DELETE(self) -> None:
        self.answer(200, self.nodes.pop(self.path.rsplit("/", 1)[-1]))


def merged(old: object, patch: object) -> object:
    """The merge patch of RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    kept: Node = dict(cast("Node", old)) if isinstance(old, dict) else {}
    for name, value in cast("Node", patch).items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept


@contextmanager
def serving(folder: Path) -> Generator[ApiServer]:
    """A server whose certificates are in the folder."""
    with ApiServer(folder) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
