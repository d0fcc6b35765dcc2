"""Serving, and leaving without losing a request.

On SIGTERM the endpoints of a Kubernetes service still name the pod for a while. So the process
says it is not ready, keeps taking requests for the drain, then closes its listener and gives what
is running its grace.
"""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import AsyncGenerator, Generator
from typing import cast

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from prometheus_client import (
    CollectorRegistry,
    disable_created_metrics,
    make_asgi_app,  # pyright: ignore[reportUnknownVariableType] (typed as any callable)
)
from starlette.types import ASGIApp

from agent_runtime import __version__
from agent_runtime.api.resources import Life, Resources
from agent_runtime.app import create_app
from agent_runtime.metrics import Metrics
from agent_runtime.settings import Settings

_log = structlog.get_logger(__name__)
_KEEP_ALIVE = 120
"""Longer than a proxy keeps an idle connection (Traefik: 90 s), so that it never sends a request
into one that this side is closing."""


class ListenError(Exception):
    """A port cannot be had."""


class _Server(uvicorn.Server):
    """Leaves the signals to `_Departure`: uvicorn's own handler closes the listener at once."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class _Departure:
    """From the first signal to the listener's end. A second signal ends the drain early."""

    def __init__(self, settings: Settings, app: FastAPI, server: uvicorn.Server) -> None:
        self._settings = settings.run
        self._app = app
        self._server = server
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def on_signal(self, signal_number: int) -> None:
        """Begin to leave."""
        if self._task is not None:
            self._hurry.set()
            return
        _log.info(
            "leaving",
            signal=signal.Signals(signal_number).name,
            drain=self._settings.drain,
            grace=self._settings.grace,
        )
        self._task = asyncio.create_task(self._leave())

    async def _leave(self) -> None:
        life = cast(Life, self._app.state.life)
        life.leave_by = time.monotonic() + self._settings.drain + self._settings.grace
        cast(Metrics, self._app.state.metrics).draining.set(1)
        # Absent while the app is still starting.
        resources = cast(Resources | None, getattr(self._app.state, "resources", None))
        if resources is not None:
            resources.workers.stop_claiming()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.drain):
                    await self._hurry.wait()
        self._server.should_exit = True


def run(settings: Settings) -> None:
    """Serve until told to leave; returns once everything is closed."""
    main_socket = _bind("AGENT_PORT", settings.host, settings.port)
    metrics_socket = None
    if settings.monitoring.metrics_enabled:
        metrics_socket = _bind(
            "AGENT_MONITORING__METRICS_PORT", settings.host, settings.monitoring.metrics_port
        )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, main_socket, metrics_socket))


async def _serve(
    settings: Settings, main_socket: socket.socket, metrics_socket: socket.socket | None
) -> None:
    # One series per counter and label set is enough; nothing here reads when it was created.
    disable_created_metrics()
    registry = CollectorRegistry()
    app = create_app(settings, registry)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            ws="none",
            lifespan="on",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=max(int(settings.run.grace), 1),
        )
    )
    departure = _Departure(settings, app, server)
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, departure.on_signal, signal_number)
    async with _metrics_server(registry, metrics_socket):
        _log.info(
            "starting",
            version=__version__,
            port=main_socket.getsockname()[1],
            metrics_port=metrics_socket.getsockname()[1] if metrics_socket else None,
        )
        await server.serve(sockets=[main_socket])
    _log.info("left")


@contextlib.asynccontextmanager
async def _metrics_server(
    registry: CollectorRegistry, listener: socket.socket | None
) -> AsyncGenerator[None]:
    """Serve the figures until the block ends: also during the drain, which they show."""
    if listener is None:
        yield
        return
    figures = cast(ASGIApp, make_asgi_app(registry))
    config = uvicorn.Config(
        figures,
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _bind(variable: str, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ListenError(
            f"{variable}: got {port}, wanted a port of {host} that is free ({error.strerror})"
        ) from error
    return listener
