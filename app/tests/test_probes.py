"""Alive and ready, through the store's absence and return."""

import asyncio
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from agent_runtime import __version__
from agent_runtime.app import create_app
from agent_runtime.migrate import MigrationError, migrate
from agent_runtime.settings import Settings
from tests import servers
from tests.certificates import Certificates, issue
from tests.conftest import client_of, database_settings, new_database, settings_for
from tests.servers import Server

PATH = "/api/v1/extract-features"


async def test_health_tells_version_and_uptime(client: AsyncClient) -> None:
    body = (await client.get("/health")).json()
    assert body["status"] == "alive"
    assert body["version"] == __version__
    assert body["uptime_seconds"] >= 0


async def test_ready_tells_how_long_each_dependency_took(client: AsyncClient) -> None:
    answer = await client.get("/ready")
    assert answer.status_code == 200, answer.text
    checks = answer.json()["checks"]
    assert checks["database"]["ok"] is True
    assert 0 < checks["database"]["latency_ms"] < 2000
    assert checks["cache"]["required"] is False


async def test_without_the_schema_it_is_not_ready_and_says_what_to_run(
    postgres: Server, redis: Server, certificates: Certificates
) -> None:
    empty = settings_for(await new_database(postgres, certificates), redis, certificates)
    async with client_of(create_app(empty)) as client:
        answer = await client.get("/ready")
        assert answer.status_code == 503
        assert "run `agent_runtime migrate`" in answer.json()["reasons"][0]
        await migrate(empty, "head")
        assert (await client.get("/ready")).status_code == 200


async def test_a_lost_database_makes_it_not_ready_but_alive_and_no_result_is_lost(
    own_postgres: Server, redis: Server, certificates: Certificates
) -> None:
    settings = settings_for(await new_database(own_postgres, certificates), redis, certificates)
    await migrate(settings, "head")
    async with client_of(create_app(settings)) as client:
        kept = (await client.post(PATH, json={"document": "Hello there."})).json()
        own_postgres.stop()
        assert (await client.get("/health")).status_code == 200
        ready = await client.get("/ready")
        assert ready.status_code == 503
        assert ready.json()["reasons"][0].startswith("database: ")
        refused = await client.post(PATH, json={"document": "Hello there."})
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "5"
        assert refused.json()["type"].endswith("store-unavailable")
        gone = await client.get(f"/api/v1/extraction/{kept['extraction_id']}")
        assert gone.status_code == 503
        own_postgres.start()
        async with asyncio.timeout(20):
            while (await client.get("/ready")).status_code != 200:
                await asyncio.sleep(0.05)
        again = await client.get(f"/api/v1/extraction/{kept['extraction_id']}")
        assert again.json() == kept
        assert (await client.post(PATH, json={"document": "And again."})).status_code == 200


async def test_a_database_that_hangs_holds_requests_no_longer_than_set(
    own_postgres: Server, redis: Server, certificates: Certificates
) -> None:
    database = (await new_database(own_postgres, certificates)).model_copy(
        update={"command_timeout": 1, "connect_timeout": 1}
    )
    settings = settings_for(database, redis, certificates)
    await migrate(settings, "head")
    loop = asyncio.get_running_loop()
    async with client_of(create_app(settings)) as client:
        assert (await client.post(PATH, json={"document": "Hello there."})).status_code == 200
        with own_postgres.frozen():
            begin = loop.time()
            answers = await asyncio.gather(
                client.get("/health"),
                client.get("/ready"),
                *(client.post(PATH, json={"document": "Hello there."}) for _ in range(5)),
            )
            took = loop.time() - begin
        assert [answer.status_code for answer in answers] == [200, *[503] * 6]
        assert took < 10
        async with asyncio.timeout(20):
            while (await client.get("/ready")).status_code != 200:
                await asyncio.sleep(0.05)
        assert (await client.post(PATH, json={"document": "And again."})).status_code == 200


async def test_a_database_with_another_authoritys_certificate_is_refused(
    postgres: Server, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = issue(tmp_path_factory.mktemp("stranger"))
    database = database_settings(postgres, stranger, settings.database.name)
    async with client_of(create_app(settings.model_copy(update={"database": database}))) as client:
        answer = await client.get("/ready")
    assert answer.status_code == 503
    assert "SSLCertVerificationError" in answer.json()["reasons"][0]


async def test_a_database_whose_certificate_is_for_another_name_is_refused(
    folder: Path, redis: Server, certificates: Certificates
) -> None:
    home = folder / "elsewhere"
    home.mkdir()
    issued = home / "issued"
    issued.mkdir()
    others = issue(issued, name="elsewhere.example.com")
    server = servers.postgres(home, others)
    server.start()
    try:
        database = database_settings(server, others, "postgres")
        with pytest.raises(MigrationError, match="Hostname mismatch"):
            await migrate(settings_for(database, redis, certificates), "head", patience=0.5)
    finally:
        server.stop()
