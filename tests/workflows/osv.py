"""OSV's protocol on the loopback, with the vulnerabilities that a test wants there to be."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from pydantic import BaseModel


class Asked(BaseModel):
    """A question on one version of one package."""

    class Package(BaseModel):
        name: str
        ecosystem: str

    package: Package
    version: str


def vulnerability(name: str, identity: str, fixed: str) -> dict[str, Any]:
    """One of a package, in all versions before `fixed`, as OSV tells it."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    return {
        "id": identity,
        "summary": "Whoever asks gets everything.",
        "details": "Whoever asks gets everything.",
        "aliases": ["CVE-2026-0001"],
        "modified": "2026-01-01T00:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"name": name, "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }


@contextmanager
def osv(known: Mapping[str, dict[str, Any]]) -> Generator[tuple[str, list[Asked]]]:
    """Its address, and what was asked of it. `known`: package → its vulnerability."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            question = Asked.model_validate_json(self.rfile.read(length))
            asked.append(question)
            found = known.get(question.package.name)
            body = json.dumps({"vulns": [found]} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nothing: pytest shows what fails."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
        finally:
            server.shutdown()
