"""The app, built from settings: nothing is opened before it starts or kept after it stops."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from prometheus_client import CollectorRegistry
from pydantic.json_schema import models_json_schema

from agent_runtime import __version__
from agent_runtime.agent import offline
from agent_runtime.agent.extractor import FeatureExtractor
from agent_runtime.agent.models import build_model
from agent_runtime.api import extraction, probes
from agent_runtime.api.errors import install_errors
from agent_runtime.api.middleware import RequestScope, TrustedHosts
from agent_runtime.api.resources import Life, Resources
from agent_runtime.api.schemas import ExtractionRequest, ProblemBody
from agent_runtime.cache import Cache
from agent_runtime.database import create_engine
from agent_runtime.metrics import Metrics
from agent_runtime.runs import Runs
from agent_runtime.settings import Settings
from agent_runtime.store import Store
from agent_runtime.worker import Workers

_EXPOSED = ["X-Request-ID", "X-Process-Time", "Location", "Retry-After", "Idempotency-Replayed"]


def create_app(settings: Settings, registry: CollectorRegistry | None = None) -> FastAPI:
    """The app for these settings, its figures in this registry."""
    metrics = Metrics(registry or CollectorRegistry(), settings)
    life = Life()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            app.state.resources = await _open(settings, metrics, life, stack)
            yield

    app = FastAPI(
        title=f"Agent {settings.name}",
        version=__version__,
        lifespan=lifespan,
        docs_url="/api/docs" if settings.docs else None,
        redoc_url="/api/redoc" if settings.docs else None,
        openapi_url="/api/openapi.json" if settings.docs else None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.life = life
    install_errors(app)
    app.include_router(probes.router)
    app.include_router(extraction.router)
    _describe(app)
    # The last one added is the outermost.
    if settings.security.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.security.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Idempotency-Key", "Prefer", "X-Request-ID"],
            expose_headers=_EXPOSED,
        )
    app.add_middleware(TrustedHosts, allowed=settings.security.allowed_hosts)
    app.add_middleware(
        RequestScope, metrics=metrics, life=life, access_log=settings.monitoring.access_log
    )
    return app


async def _open(
    settings: Settings, metrics: Metrics, life: Life, stack: AsyncExitStack
) -> Resources:
    executor = ThreadPoolExecutor(settings.run.concurrency, thread_name_prefix="rules")
    stack.callback(executor.shutdown, wait=False, cancel_futures=True)
    engine = create_engine(settings.database, application=settings.pod)
    stack.push_async_callback(engine.dispose)
    cache = Cache(settings.redis, f"{settings.tenant}:{settings.name}", metrics)
    stack.push_async_callback(cache.close)
    store = Store(
        engine,
        tenant=settings.tenant,
        agent=settings.name,
        # A pod that restarts has its old name: the suffix tells its lives apart.
        owner=f"{settings.pod}/{secrets.token_hex(4)}",
    )
    model = await build_model(settings.model, executor, metrics, stack)
    if settings.model.offline:
        await asyncio.get_running_loop().run_in_executor(executor, offline.warm_up)
    runs = Runs(
        settings=settings,
        store=store,
        cache=cache,
        extractor=FeatureExtractor(model, settings.model, executor),
        metrics=metrics,
    )
    stack.push_async_callback(runs.close)
    workers = Workers(runs, store, settings.run, metrics)

    async def close_workers() -> None:
        leave_by = life.leave_by or time.monotonic() + settings.run.grace
        await workers.close(max(leave_by - time.monotonic(), 0))

    stack.push_async_callback(close_workers)
    workers.start()
    return Resources(store=store, cache=cache, runs=runs, workers=workers)


def _describe(app: FastAPI) -> None:
    """Add what FastAPI does not see: the body that `body.py` reads, and the problems."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        schema = generate()
        _, definitions = models_json_schema(
            [(ExtractionRequest, "validation"), (ProblemBody, "serialization")],
            ref_template="#/components/schemas/{model}",
        )
        schema["components"]["schemas"].update(definitions["$defs"])
        return schema

    app.openapi = openapi
