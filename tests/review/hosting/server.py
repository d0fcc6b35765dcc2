"""A real HTTP server on the loopback for a host that a test describes, with what can go wrong on the way."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class FakeClock:
    """Time that passes only while somebody sleeps."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list[float])

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True, kw_only=True)
class Request:
    """What came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By names in small letters."""
    body: Mapping[str, object]

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What goes out."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class DroppedError(Exception):
    """The connection ends without an answer."""


Incident = Callable[[Request, Callable[[], Answer]], Answer]
"""Something that happens to one request; the second argument lets it through."""


class Host(ABC):
    """What a server stands for. One request at a time is answered, as a database would see to."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.requests: list[Request] = []
        self._incidents: list[tuple[str, Incident]] = []
        self._lock = threading.RLock()

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """What the host says when nothing goes wrong on the way."""

    def happen(self, method: str, incident: Incident, times: int = 1) -> None:
        """Let something happen to the next requests of a method; `GRAPHQL` is one of its own."""
        self._incidents += [(method, incident)] * times

    def recover(self) -> None:
        """Nothing goes wrong any more."""
        self._incidents.clear()

    @property
    def incidents_left(self) -> int:
        return len(self._incidents)

    @property
    def writes(self) -> list[str]:
        """What was asked for that changes something."""
        return [
            r.line for r in self.requests if r.method != "GET" and not r.path.endswith("/graphql")
        ]

    def receive(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            incident = self._incident(request)
        if incident is None:
            return self._through(request)
        # Outside of the lock: an incident may wait for another request.
        return incident(request, lambda: self._through(request))

    def _incident(self, request: Request) -> Incident | None:
        asked = "GRAPHQL" if request.path.endswith("/graphql") else request.method
        for index, (method, incident) in enumerate(self._incidents):
            if method == asked:
                del self._incidents[index]
                return incident
        return None

    def _through(self, request: Request) -> Answer:
        with self._lock:
            return self.answer(request)


@contextmanager
def serving(host: Host) -> Generator[str]:
    """The address at which the host answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        # Head and body are written one after the other; each would wait for the other's receipt.
        disable_nagle_algorithm = True

        def do_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=json.loads(self.rfile.read(length)) if length else {},
            )
            try:
                answer = host.receive(request)
            except DroppedError:
                self.close_connection = True
                return
            self._send(answer)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_any  # noqa: N815 - the library's names

        def _send(self, answer: Answer) -> None:
            body = answer.body
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            content = b"" if body is None else content
            try:
                self.send_response_only(answer.status)
                self.send_header("Date", formatdate(host.clock.now, usegmt=True))
                self.send_header("Content-Length", str(len(content)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                # Who waited has gone away; that is what a test of slow answers is about.
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Requests are kept in `Host.requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def drop(request: Request, through: Callable[[], Answer]) -> Answer:
    """Nothing is done and nothing is said."""
    raise DroppedError


def drop_after(request: Request, through: Callable[[], Answer]) -> Answer:
    """It is done, and nobody is told."""
    through()
    raise DroppedError


def answering(answer: Answer) -> Incident:
    """Nothing is done; this is said."""
    return lambda _request, _through: answer


def answering_after(answer: Answer) -> Incident:
    """It is done; this is said."""

    def incident(request: Request, through: Callable[[], Answer]) -> Answer:
        through()
        return answer

    return incident


def first(action: Callable[[], object]) -> Incident:
    """Something else comes in between, then the request goes through."""

    def incident(request: Request, through: Callable[[], Answer]) -> Answer:
        action()
        return through()

    return incident
