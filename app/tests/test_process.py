"""The runtime as a process: its start, its messages, and its end without a lost request."""

import asyncio
import json
import signal
import socket
import time
from pathlib import Path

import pytest
from httpx2 import AsyncClient, ConnectError

from agent_runtime.settings import Settings
from tests.certificates import Certificates
from tests.conftest import new_database, settings_for
from tests.model_server import ENGLISH, ModelServer, model_server
from tests.process import environment_of, finished, runtime, write_secrets
from tests.servers import Server, free_port

PATH = "/api/v1/extract-features"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The secret files."""
    return write_secrets(tmp_path)


@pytest.fixture
def environment(settings: Settings, secrets: Path) -> dict[str, str]:
    """The variables of an agent."""
    return environment_of(settings, secrets)


def asking(environment: dict[str, str], models: ModelServer, secrets: Path) -> dict[str, str]:
    """The same with a model of the test's own."""
    (secrets / "model__api_key").write_text("key")
    return {
        **environment,
        "AGENT_MODEL__BASE_URL": models.url,
        "AGENT_MODEL__PRIMARY": "openai:first",
        "AGENT_RUN__DRAIN": "1",
    }


async def test_it_serves_with_metrics_on_a_port_of_their_own(environment: dict[str, str]) -> None:
    async with runtime(environment) as process:
        answer = await process.client.post(PATH, json={"document": "Ada Lovelace wrote."})
        assert answer.status_code == 200
        assert (await process.client.get("/metrics")).status_code == 404
        figures = (await process.client.get(process.metrics_url)).text
        assert 'api_requests_total{endpoint="/api/v1/extract-features"' in figures
        process.terminate()
        assert await process.ended() == 0
    line = process.events("request")[0]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["agent"], line["pod"]) == ("feature-extractor", "pod-under-test")
    assert (line["route"], line["status"]) == (PATH, 200)
    assert "Lovelace" not in "".join(process.lines), "documents stay out of the logs"


async def test_on_sigterm_nothing_is_lost(environment: dict[str, str], secrets: Path) -> None:
    async with model_server() as models:
        models.holding = asyncio.Event()
        models.findings["first"] = [ENGLISH]
        async with runtime(asking(environment, models, secrets)) as process:
            slow = [
                asyncio.create_task(process.client.post(PATH, json={"document": f"Hi {number}"}))
                for number in range(5)
            ]
            await models.arrived.wait()
            process.terminate()
            await _until_not_ready(process.client)
            # What an endpoint not yet updated still sends: new connections during the drain.
            async with AsyncClient(base_url=process.client.base_url) as late:
                during = await late.get("/health")
                assert during.status_code == 200
                assert during.headers["connection"] == "close"
                also = asyncio.create_task(
                    late.post(PATH, json={"document": "Hi late"}, timeout=30)
                )
                await _until_refused(process.client)
                models.holding.set()
                answers = [*await asyncio.gather(*slow), await also]
            assert [answer.status_code for answer in answers] == [200] * 6
            assert await process.ended(25) == 0
    assert process.events("leaving")
    assert process.events("left")


async def _until_not_ready(client: AsyncClient) -> None:
    async with asyncio.timeout(10):
        while (await client.get("/ready")).status_code != 503:
            await asyncio.sleep(0.01)
    assert "draining" in (await client.get("/ready")).json()["reasons"][0]


async def _until_refused(client: AsyncClient) -> None:
    """The listener is closed once the drain is over, whoever is still being answered."""
    async with asyncio.timeout(15):
        while True:
            async with AsyncClient(base_url=client.base_url) as probe:
                try:
                    await probe.get("/health")
                except ConnectError:
                    return
            await asyncio.sleep(0.05)


async def test_callers_that_learn_late_of_the_end_lose_no_request(
    environment: dict[str, str],
) -> None:
    """As in a cluster: endpoints are taken out some time after the process stops being ready."""
    async with runtime({**environment, "AGENT_RUN__DRAIN": "5"}) as process:
        outcomes: list[int] = []
        taken_out = asyncio.Event()

        async def caller(number: int) -> None:
            while not taken_out.is_set():
                document = {"document": f"Caller {number} wrote letter {len(outcomes)}."}
                async with AsyncClient(base_url=process.client.base_url, timeout=30) as client:
                    outcomes.append((await client.post(PATH, json=document)).status_code)

        callers = [asyncio.create_task(caller(number)) for number in range(4)]
        while len(outcomes) < 20:
            await asyncio.sleep(0.01)
        process.terminate()
        await _until_not_ready(process.client)
        before = len(outcomes)
        await asyncio.sleep(1)  # the lag itself is what is tried here
        taken_out.set()
        await asyncio.gather(*callers)
        assert await process.ended(25) == 0
    assert set(outcomes) == {200}
    assert len(outcomes) > before, "requests were still taken during the drain"


async def test_a_second_signal_ends_the_drain_early(environment: dict[str, str]) -> None:
    async with runtime({**environment, "AGENT_RUN__DRAIN": "60"}) as process:
        process.terminate()
        await _until_not_ready(process.client)
        begin = time.monotonic()
        process.process.send_signal(signal.SIGINT)
        assert await process.ended(20) == 0
        assert time.monotonic() - begin < 20


async def test_a_signal_while_it_still_loads_ends_it_at_once(environment: dict[str, str]) -> None:
    async with runtime(environment, once=None) as process:
        async with asyncio.timeout(20):
            while not _handles_sigterm(process.process.pid):
                await asyncio.sleep(0.001)
        process.terminate()
        assert await process.ended(20) == 0
    assert not process.events("left"), "it was to be ended before it served"


def _handles_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


async def test_jobs_of_a_killed_process_are_done_by_the_next(
    environment: dict[str, str], secrets: Path
) -> None:
    async with model_server() as models:
        models.holding = asyncio.Event()
        variables = {**asking(environment, models, secrets), "AGENT_RUN__LEASE": "2"}
        async with runtime(variables) as first:
            answer = await first.client.post(
                PATH, params={"mode": "async"}, json={"document": "Hi there"}
            )
            await models.arrived.wait()
            first.process.kill()
            await first.ended()
        models.holding.set()
        async with runtime(variables) as second:
            async with asyncio.timeout(30):
                while True:
                    status = (await second.client.get(answer.headers["location"])).json()
                    if status["status"] == "success":
                        break
                    await asyncio.sleep(0.05)
    assert models.asked["first"] == 2


async def test_wrong_settings_are_one_message_and_exit_code_2(
    environment: dict[str, str],
) -> None:
    variables = {**environment, "AGENT_DATABASE__PORT": "abc", "AGENT_LOG_LEVEL": "LOUD"}
    del variables["AGENT_NAME"]
    for command in ("serve", "migrate"):
        code, said = await finished(variables, command)
        assert code == 2
        assert said.startswith("agent_runtime: the settings are wrong, nothing was started:")
        assert "AGENT_NAME is missing" in said
        assert "AGENT_DATABASE__PORT: got 'abc'" in said
        assert "AGENT_LOG_LEVEL: got 'LOUD'" in said
        assert "Traceback" not in said


async def test_a_taken_port_is_one_message_and_exit_code_2(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = await finished({**environment, "AGENT_PORT": str(port)}, "serve")
    assert code == 2
    assert f"AGENT_PORT: got {port}, wanted a port of 127.0.0.1 that is free" in said
    assert "Traceback" not in said


async def test_migrate_brings_the_schema_for_serve(
    postgres: Server, redis: Server, certificates: Certificates, secrets: Path
) -> None:
    settings = settings_for(await new_database(postgres, certificates), redis, certificates)
    environment = environment_of(settings, secrets)
    codes = await asyncio.gather(*(finished(environment, "migrate") for _ in range(2)))
    assert [code for code, _ in codes] == [0, 0], codes
    assert json.loads(codes[0][1].splitlines()[-1])["event"] == "migrated"
    async with runtime(environment):
        pass


async def test_it_starts_without_its_stores_and_is_ready_once_they_come(
    settings: Settings, secrets: Path
) -> None:
    database = settings.database.model_copy(update={"port": free_port()})
    redis = settings.redis.model_copy(update={"port": free_port()})
    away = settings.model_copy(update={"database": database, "redis": redis})
    async with runtime(environment_of(away, secrets), once="/health") as process:
        ready = await process.client.get("/ready")
        assert ready.status_code == 503
        assert "ConnectionRefusedError" in ready.json()["reasons"][0]
        process.terminate()
        assert await process.ended() == 0
