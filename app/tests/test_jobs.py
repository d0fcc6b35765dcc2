"""Extractions asked for now and answered later, by whichever replica lives."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_runtime.app import create_app
from agent_runtime.database import create_engine
from agent_runtime.settings import RunSettings, Settings
from agent_runtime.store import Order, Store
from tests.conftest import client_of

PATH = "/api/v1/extract-features"
DOCUMENT = "Ada Lovelace wrote to ada@example.com about the great engine."


@asynccontextmanager
async def engine_of(settings: Settings) -> AsyncGenerator[AsyncEngine]:
    """A connection pool of the test's own."""
    engine = create_engine(settings.database, "tests")
    yield engine
    await engine.dispose()


def store_of(engine: AsyncEngine, settings: Settings, owner: str) -> Store:
    """The store as another replica has it."""
    return Store(engine, tenant=settings.tenant, agent=settings.name, owner=owner)


def order(document: str = DOCUMENT) -> Order:
    """A job to queue."""
    return Order(
        id=uuid4(),
        document=document,
        options={},
        request_hash="hash",
        request_id="request",
        idempotency_key=None,
    )


async def until_ended(client: AsyncClient, extraction_id: str) -> dict[str, Any]:
    """The extraction once it has ended."""
    async with asyncio.timeout(20):
        while True:
            body: dict[str, Any] = (await client.get(f"/api/v1/extraction/{extraction_id}")).json()
            if body["status"] in {"success", "failed"}:
                return body
            await asyncio.sleep(0.02)


def without_workers(settings: Settings) -> FastAPI:
    """A replica that takes orders but never works on them."""
    run = settings.run.model_copy(update={"workers": 0})
    return create_app(settings.model_copy(update={"run": run}))


@pytest.mark.parametrize(
    ("params", "headers"),
    [({"mode": "async"}, {}), ({}, {"Prefer": "wait=5, respond-async"})],
)
async def test_a_job_is_taken_with_202_and_its_answer_found_where_it_says(
    client: AsyncClient, params: dict[str, str], headers: dict[str, str]
) -> None:
    answer = await client.post(PATH, params=params, headers=headers, json={"document": DOCUMENT})
    assert answer.status_code == 202
    status = answer.json()
    assert status["status"] == "queued"
    assert answer.headers["location"] == f"/api/v1/extraction/{status['extraction_id']}/status"
    assert (await client.get(answer.headers["location"])).status_code == 200
    ended = await until_ended(client, status["extraction_id"])
    assert "Ada Lovelace" in {entity["text"] for entity in ended["data"]["entities"]}
    assert ended["request_id"] == answer.headers["x-request-id"]


async def test_a_queued_job_shows_progress_and_when_it_should_be_done(settings: Settings) -> None:
    async with client_of(without_workers(settings)) as client:
        await client.post(PATH, json={"document": DOCUMENT})
        answer = await client.post(PATH, params={"mode": "async"}, json={"document": DOCUMENT})
        status = (await client.get(answer.headers["location"])).json()
    assert (status["status"], status["progress"]) == ("queued", 0)
    assert status["estimated_completion"] is not None


async def test_a_job_queued_on_one_replica_is_done_by_another(settings: Settings) -> None:
    async with client_of(without_workers(settings)) as first:
        answer = await first.post(PATH, params={"mode": "async"}, json={"document": DOCUMENT})
    async with client_of(create_app(settings)) as second:
        ended = await until_ended(second, answer.json()["extraction_id"])
    assert ended["status"] == "success"


async def test_every_job_is_done_once_however_many_replicas_look(settings: Settings) -> None:
    async with engine_of(settings) as engine:
        store = store_of(engine, settings, "writer")
        orders = [order(f"{DOCUMENT} {number}") for number in range(30)]
        for wanted in orders:
            await store.create(wanted, lease=None)
        replicas = [store_of(engine, settings, f"replica-{number}") for number in range(6)]

        async def drain(replica: Store) -> list[Any]:
            taken: list[Any] = []
            while record := await replica.claim(30):
                taken.append(record.id)
            return taken

        taken = [each for part in await asyncio.gather(*map(drain, replicas)) for each in part]
    assert sorted(taken) == sorted(wanted.id for wanted in orders)


async def test_a_job_of_a_dead_replica_is_taken_over_when_its_lease_ends(
    settings: Settings,
) -> None:
    async with engine_of(settings) as engine:
        dead = store_of(engine, settings, "dead")
        record, _ = await dead.create(order(), lease=None)
        assert await dead.claim(lease=0.5) is not None
        assert await store_of(engine, settings, "eager").claim(lease=5) is None
        async with client_of(create_app(settings)) as client:
            ended = await until_ended(client, str(record.id))
        assert ended["status"] == "success"
        late = await dead.succeed(record.id, {"late": True}, model="none", seconds=1)
    assert late is None, "the dead replica's late result must not replace the kept one"


async def test_a_job_that_keeps_ending_its_replica_is_given_up(settings: Settings) -> None:
    async with engine_of(settings) as engine:
        dead = store_of(engine, settings, "dead")
        record, _ = await dead.create(order(), lease=None)
        for _ in range(settings.run.max_attempts):
            while await dead.claim(lease=0.01) is None:
                await asyncio.sleep(0.01)
        async with client_of(create_app(settings)) as client:
            ended = await until_ended(client, str(record.id))
    assert ended["status"] == "failed"
    assert ended["error"]["type"].endswith("gave-up")
    assert "started 3 times" in ended["error"]["detail"]


async def test_a_job_at_hand_when_the_app_stops_is_put_back_for_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunSettings(poll_interval=0.05, grace=0.1, workers=1)
    app = create_app(settings.model_copy(update={"run": run}))
    begun = asyncio.Event()

    async def never(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with client_of(app) as client:
        monkeypatch.setattr(app.state.resources.runs, "_extract", never)
        answer = await client.post(PATH, params={"mode": "async"}, json={"document": DOCUMENT})
        async with asyncio.timeout(10):
            await begun.wait()
    extraction_id = answer.json()["extraction_id"]
    async with engine_of(settings) as engine, engine.connect() as connection:
        row = (
            await connection.execute(
                text("SELECT status, attempts, document FROM extractions WHERE id = :id"),
                {"id": extraction_id},
            )
        ).one()
    assert tuple(row) == ("queued", 0, DOCUMENT)


async def test_a_finished_job_keeps_its_result_and_forgets_its_document(
    client: AsyncClient, settings: Settings
) -> None:
    answer = await client.post(PATH, params={"mode": "async"}, json={"document": DOCUMENT})
    extraction_id = answer.json()["extraction_id"]
    await until_ended(client, extraction_id)
    async with engine_of(settings) as engine, engine.connect() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT document, document_characters, model, lease_owner, tenant, agent "
                    "FROM extractions WHERE id = :id"
                ),
                {"id": extraction_id},
            )
        ).one()
    assert tuple(row) == (
        None,
        len(DOCUMENT),
        "offline-rules-1",
        None,
        settings.tenant,
        settings.name,
    )


async def test_a_job_with_the_same_key_is_the_same_job(client: AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}
    answers = [
        await client.post(
            PATH, params={"mode": "async"}, json={"document": DOCUMENT}, headers=headers
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["extraction_id"] == answers[1].json()["extraction_id"]
    assert "idempotency-replayed" not in answers[0].headers
    assert answers[1].headers["idempotency-replayed"] == "true"
