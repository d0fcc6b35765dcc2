"""Around every request: its id, its time, its log line, its metrics, and the last resort."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_runtime import problem
from agent_runtime.api.errors import respond
from agent_runtime.api.resources import Life
from agent_runtime.metrics import Metrics
from agent_runtime.problem import Problem

PROBES = frozenset({"/health", "/ready"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = structlog.get_logger("agent_runtime.access")


class RequestScope:
    """The outermost layer; whatever happens inside, the caller gets an answer with an id."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, life: Life, access_log: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._life = life
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Process-Time"] = f"{time.perf_counter() - begin:.6f}"
                if self._life.draining:
                    # The caller's next request shall find another process.
                    headers["Connection"] = "close"
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            self._metrics.requests_active.inc()
            try:
                await self._app(scope, receive, send_on)
            except Exception:
                _log.exception("unhandled", path=scope["path"])
                if status:  # the answer's head is out; breaking off is all that is left
                    raise
                await respond(problem.internal(), scope["path"])(scope, receive, send_on)
            finally:
                self._metrics.requests_active.dec()
                self._account(scope, status, time.perf_counter() - begin)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.request_duration.labels(method, route).observe(seconds)
        if not self._access_log or (scope["path"] in PROBES and status < 400):
            return
        client = scope.get("client")
        _log.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            route=route,
            status=status,
            seconds=round(seconds, 6),
            client=client[0] if client else None,
        )


class TrustedHosts:
    """Refuses requests for hosts that are not ours; `*.example.com` covers what is below it."""

    def __init__(self, app: ASGIApp, *, allowed: tuple[str, ...]) -> None:
        self._app = app
        self._any = "*" in allowed
        self._exact = {host.lower() for host in allowed}
        self._suffixes = tuple(host[1:].lower() for host in allowed if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Probes come to the pod's address, which no list of names holds.
        if self._any or scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        name = re.sub(r":\d+$", "", host).lower()
        if name in self._exact or (self._suffixes and name.endswith(self._suffixes)):
            await self._app(scope, receive, send)
            return
        fault = Problem(
            400,
            "unknown-host",
            "Not a host of ours",
            f"got Host {host[:100]!r}, wanted one of ours",
        )
        await respond(fault, scope["path"])(scope, receive, send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    # A caller's id goes into our logs and answers: only what cannot break either.
    return given if _REQUEST_ID.fullmatch(given) else str(uuid4())
