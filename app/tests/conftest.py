"""Servers for the whole run, a database for each test that wants its own."""

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from agent_runtime.app import create_app
from agent_runtime.database import create_engine
from agent_runtime.migrate import migrate
from agent_runtime.settings import (
    DatabaseSettings,
    MonitoringSettings,
    RedisSettings,
    RunSettings,
    Settings,
)
from tests import servers, services
from tests.certificates import Certificates, issue
from tests.servers import PASSWORD, Server
from tests.services import Endpoint

# Plain lines: structlog's default draws every traceback with its variables, for seconds.
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that the unprivileged servers can enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="agent-runtime-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def certificates(folder: Path) -> Certificates:
    """An authority and a certificate for localhost."""
    return issue(folder)


def _running(server: Server) -> Iterator[Server]:
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres(folder: Path, certificates: Certificates) -> Iterator[Endpoint]:
    """PostgreSQL for the run: the one that AGENT_TESTS_POSTGRES names, else one of our own."""
    if url := os.environ.get(services.POSTGRES):
        with services.postgres(url, certificates) as front:
            yield front
        return
    home = folder / "postgres"
    home.mkdir()
    yield from _running(servers.postgres(home, certificates))


@pytest.fixture(scope="session")
def redis(folder: Path, certificates: Certificates) -> Iterator[Endpoint]:
    """Redis for the run: the one that AGENT_TESTS_REDIS names, else one of our own."""
    if url := os.environ.get(services.REDIS):
        with services.redis(url, certificates) as front:
            yield front
        return
    home = folder / "redis"
    home.mkdir()
    yield from _running(servers.redis(home, certificates))


@pytest.fixture
async def own_redis(folder: Path, certificates: Certificates) -> AsyncGenerator[Server]:
    """Redis that a test may end."""
    home = folder / f"redis-{uuid4().hex[:8]}"
    home.mkdir()
    server = servers.redis(home, certificates)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def own_postgres(folder: Path, certificates: Certificates) -> AsyncGenerator[Server]:
    """PostgreSQL that a test may end."""
    home = folder / f"postgres-{uuid4().hex[:8]}"
    home.mkdir()
    server = servers.postgres(home, certificates)
    server.start()
    yield server
    server.stop()


def database_settings(server: Endpoint, certificates: Certificates, name: str) -> DatabaseSettings:
    """How to reach a database of the server."""
    return DatabaseSettings(
        host="localhost",
        port=server.port,
        name=name,
        password=SecretStr(PASSWORD),
        ca_file=certificates.ca,
    )


async def new_database(server: Endpoint, certificates: Certificates) -> DatabaseSettings:
    """An empty database of its own."""
    name = f"test_{uuid4().hex[:12]}"
    engine = create_engine(database_settings(server, certificates, "postgres"), "tests")
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    await engine.dispose()
    return database_settings(server, certificates, name)


def settings_for(
    database: DatabaseSettings,
    redis_server: Endpoint,
    certificates: Certificates,
    **changes: Any,  # noqa: ANN401 (any settings)
) -> Settings:
    """Settings of a test agent over these stores."""
    values: dict[str, Any] = {
        "name": "feature-extractor",
        "tenant": f"tenant-{uuid4().hex[:8]}",
        "environment": "test",
        "database": database,
        "redis": RedisSettings(
            host="localhost",
            port=redis_server.port,
            password=SecretStr(PASSWORD),
            ca_file=certificates.ca,
        ),
        "monitoring": MonitoringSettings(access_log=False),
        "run": RunSettings(poll_interval=0.05, drain=0.2),
    }
    return Settings(**{**values, **changes})


@pytest.fixture(scope="session")
async def database(
    postgres: Endpoint, redis: Endpoint, certificates: Certificates
) -> DatabaseSettings:
    """A migrated database; tests keep apart by their tenants."""
    fresh = await new_database(postgres, certificates)
    await migrate(settings_for(fresh, redis, certificates), "head")
    return fresh


@pytest.fixture
def settings(database: DatabaseSettings, redis: Endpoint, certificates: Certificates) -> Settings:
    """Settings of an agent of a new tenant."""
    return settings_for(database, redis, certificates)


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A client of a started app; the app is stopped after."""
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://agent.test") as client:
            yield client


@pytest.fixture
async def app(settings: Settings) -> FastAPI:
    """The app under test."""
    return create_app(settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A client of the app under test."""
    async with client_of(app) as found:
        yield found
