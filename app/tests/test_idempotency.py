"""One key, one extraction."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from httpx2 import AsyncClient
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from agent_runtime.app import create_app
from agent_runtime.settings import ModelSettings, Settings
from tests.conftest import client_of
from tests.model_server import ENGLISH, model_server

PATH = "/api/v1/extract-features"
KEY = {"Idempotency-Key": "3f1c"}


async def test_the_same_key_and_body_replays_the_first_answer(client: AsyncClient) -> None:
    first = await client.post(PATH, json={"document": "Hello there."}, headers=KEY)
    second = await client.post(PATH, json={"document": "Hello there."}, headers=KEY)
    assert first.json()["extraction_id"] == second.json()["extraction_id"]
    assert first.json()["data"] == second.json()["data"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


async def test_the_same_key_with_another_body_is_422(client: AsyncClient) -> None:
    await client.post(PATH, json={"document": "Hello there."}, headers=KEY)
    answer = await client.post(PATH, json={"document": "Goodbye."}, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("idempotency-key-reused")
    assert "'3f1c'" in answer.json()["detail"]


@pytest.mark.parametrize("replicas", [1, 3])
async def test_many_at_once_with_one_key_are_one_extraction(
    settings: Settings, replicas: int
) -> None:
    async with model_server() as models:
        models.holding = asyncio.Event()
        model = ModelSettings(
            primary="openai:first",
            fallback=None,
            api_key=SecretStr("key"),
            base_url=models.url,
            retries=0,
        )
        changed = settings.model_copy(update={"model": model})
        apps = [create_app(changed, CollectorRegistry()) for _ in range(replicas)]
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(client_of(app)) for app in apps]
            asking = [
                asyncio.create_task(
                    opened[number % replicas].post(PATH, json={"document": "Hi."}, headers=KEY)
                )
                for number in range(12)
            ]
            await models.arrived.wait()
            models.holding.set()
            answers = await asyncio.gather(*asking)
    assert models.asked == {"first": 1}
    done = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert done
    assert len({answer.json()["extraction_id"] for answer in done}) == 1
    assert all(answer.status_code == 409 for answer in refused)
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    if replicas == 1:
        assert not refused, "in one process the others wait for the first"


async def test_a_failed_extraction_may_be_tried_again_with_its_key(settings: Settings) -> None:
    async with model_server() as models:
        model = ModelSettings(
            primary="openai:first",
            fallback=None,
            offline=False,
            api_key=SecretStr("key"),
            base_url=models.url,
            retries=0,
        )
        models.failing["first"] = 500
        models.findings["first"] = [ENGLISH]
        app = create_app(settings.model_copy(update={"model": model}))
        async with client_of(app) as client:
            first = await client.post(PATH, json={"document": "Hi."}, headers=KEY)
            models.failing.clear()
            second = await client.post(PATH, json={"document": "Hi."}, headers=KEY)
    assert (first.status_code, second.status_code) == (503, 200)


async def test_keys_of_different_tenants_do_not_meet(settings: Settings) -> None:
    ids: set[str] = set()
    for tenant in ("a", "b"):
        app = create_app(settings.model_copy(update={"tenant": f"{settings.tenant}-{tenant}"}))
        async with client_of(app) as client:
            answer = await client.post(PATH, json={"document": "Hi."}, headers=KEY)
        assert answer.status_code == 200
        ids.add(answer.json()["extraction_id"])
    assert len(ids) == 2
