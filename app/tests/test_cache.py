"""The cache: quick when it is there, not missed when it is not."""

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest
from prometheus_client import CollectorRegistry

from agent_runtime.app import create_app
from agent_runtime.cache import Breaker, Cache
from agent_runtime.flight import SingleFlight
from agent_runtime.metrics import Metrics
from agent_runtime.settings import DatabaseSettings, RedisSettings, Settings
from tests.certificates import Certificates
from tests.conftest import client_of, settings_for
from tests.servers import Server

PATH = "/api/v1/extract-features"
PATIENT = 5.0
"""Seconds: a busy machine must not look like a dead Redis."""


def patient(settings: Settings, **changes: float) -> Settings:
    """The same with time for a slow machine."""
    redis = settings.redis.model_copy(update={"timeout": PATIENT, **changes})
    return settings.model_copy(update={"redis": redis})


@pytest.fixture
async def cache(settings: Settings) -> AsyncGenerator[Cache]:
    """A cache of a namespace of its own."""
    metrics = Metrics(CollectorRegistry(), settings)
    found = Cache(patient(settings).redis, settings.tenant, metrics)
    yield found
    await found.close()


async def test_what_is_kept_is_found_again_and_nothing_else(cache: Cache) -> None:
    await cache.set("a", b"value")
    assert await cache.get("a") == b"value"
    assert await cache.get("b") is None


async def test_namespaces_do_not_see_each_other(cache: Cache, settings: Settings) -> None:
    metrics = Metrics(CollectorRegistry(), settings)
    other = Cache(patient(settings).redis, "another", metrics)
    await cache.set("a", b"mine")
    assert await other.get("a") is None
    await other.close()


async def test_what_is_kept_is_gone_after_its_time(settings: Settings) -> None:
    metrics = Metrics(CollectorRegistry(), settings)
    brief = Cache(patient(settings, ttl=1).redis, settings.tenant, metrics)
    await brief.set("a", b"value")
    async with asyncio.timeout(10):
        while await brief.get("a") is not None:
            await asyncio.sleep(0.05)
    await brief.close()


async def test_the_second_request_for_a_document_is_answered_from_the_cache(
    settings: Settings,
) -> None:
    registry = CollectorRegistry()
    async with client_of(create_app(patient(settings), registry)) as client:
        first = (await client.post(PATH, json={"document": "Hello there."})).json()
        second = (await client.post(PATH, json={"document": "Hello there."})).json()
        other = (
            await client.post(
                PATH, json={"document": "Hello there.", "options": {"max_key_phrases": 1}}
            )
        ).json()
    assert (first["cached"], second["cached"], other["cached"]) == (False, True, False)
    assert first["data"] == second["data"]
    assert first["extraction_id"] != second["extraction_id"]
    model = {"model": "offline-rules-1", "status": "success"}
    assert registry.get_sample_value("model_requests_total", model) == 2


async def test_a_redis_user_that_reaches_only_its_tenants_keys_is_enough(
    settings: Settings,
) -> None:
    redis = settings.redis.model_copy(update={"user": "guest", "timeout": PATIENT})
    guest = settings.model_copy(update={"redis": redis, "tenant": "guest"})
    async with client_of(create_app(guest)) as client:
        answers = [await client.post(PATH, json={"document": "Hello guest."}) for _ in range(2)]
        assert (await client.get("/ready")).json()["checks"]["cache"]["ok"] is True
    assert [answer.json()["cached"] for answer in answers] == [False, True]


async def test_the_same_document_at_the_same_time_is_computed_once(settings: Settings) -> None:
    registry = CollectorRegistry()
    async with client_of(create_app(patient(settings), registry)) as client:
        answers = await asyncio.gather(
            *(client.post(PATH, json={"document": "Hello there."}) for _ in range(10))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["extraction_id"] for answer in answers}) == 10
    model = {"model": "offline-rules-1", "status": "success"}
    assert registry.get_sample_value("model_requests_total", model) == 1


async def test_requests_go_on_when_redis_dies_and_the_cache_comes_back_with_it(
    database: DatabaseSettings, own_redis: Server, certificates: Certificates
) -> None:
    settings = patient(settings_for(database, own_redis, certificates), breaker_open=0.2)
    registry = CollectorRegistry()

    def breaker_open() -> float | None:
        return registry.get_sample_value("cache_breaker_open")

    async with client_of(create_app(settings, registry)) as client:

        async def cached() -> bool:
            answer = await client.post(PATH, json={"document": "Hello there."})
            assert answer.status_code == 200
            value: bool = answer.json()["cached"]
            return value

        assert not await cached()
        assert await cached()
        own_redis.stop()
        for _ in range(5):
            assert not await cached()
        assert breaker_open() == 1
        ready = await client.get("/ready")
        assert ready.status_code == 200, "without Redis the process is still ready"
        assert ready.json()["checks"]["cache"]["ok"] is False
        own_redis.start()
        async with asyncio.timeout(15):
            while not await cached():
                await asyncio.sleep(0.05)
        assert breaker_open() == 0


async def test_a_redis_that_swallows_everything_slows_few_requests_and_those_little(
    settings: Settings,
) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    redis = RedisSettings.model_validate(
        {**settings.redis.model_dump(), "port": port, "timeout": 0.2, "breaker_open": 60}
    )
    metrics = Metrics(CollectorRegistry(), settings)
    cache = Cache(redis, "namespace", metrics)
    begin = time.monotonic()
    for number in range(100):
        assert await cache.get(str(number)) is None
    took = time.monotonic() - begin
    await cache.close()
    silent.close()
    await silent.wait_closed()
    # Three tries of at most 0.4 s, then nothing is asked any more.
    assert took < 3


async def test_a_breaker_opens_at_its_number_and_tries_once_per_period(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    breaker = Breaker(failures=2, open_seconds=5)
    breaker.failed()
    assert breaker.lets_through()
    breaker.failed()
    assert breaker.is_open
    assert not breaker.lets_through()
    now = 105.0
    assert breaker.lets_through()
    assert not breaker.lets_through(), "one try, not one per caller"
    breaker.succeeded()
    assert breaker.lets_through()


async def test_a_cancelled_caller_leaves_the_others_their_answer() -> None:
    flight = SingleFlight[str]()
    released = asyncio.Event()

    async def compute() -> str:
        await released.wait()
        return "answer"

    first, second = (asyncio.create_task(flight.do("key", compute)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    released.set()
    assert await second == "answer"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_what_still_runs_for_callers_that_have_gone_ends_with_the_flight() -> None:
    flight = SingleFlight[str]()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def compute() -> str:
        begun.set()
        try:
            return str(await asyncio.Event().wait())
        finally:
            ended.set()

    caller = asyncio.create_task(flight.do("key", compute))
    await begun.wait()
    caller.cancel()
    await flight.close()
    assert ended.is_set()


async def test_a_failed_computation_fails_all_its_callers_and_is_forgotten() -> None:
    flight = SingleFlight[str]()

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def succeed() -> str:
        return "yes"

    outcomes = await asyncio.gather(
        *(flight.do("key", fail) for _ in range(3)), return_exceptions=True
    )
    assert [str(outcome) for outcome in outcomes] == ["no"] * 3
    assert await flight.do("key", succeed) == "yes"
