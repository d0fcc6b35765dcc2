"""Extractions over HTTP, answered at once. Real stores, the app in this process."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient

from agent_runtime.app import create_app
from agent_runtime.settings import RunSettings, Settings
from tests.conftest import client_of

PATH = "/api/v1/extract-features"
DOCUMENT = (
    "Acme Corp. said on 3 March 2026 that Ada Lovelace will lead its new lab in Vienna. "
    "The 12.5 million EUR programme is a great success. Contact: press@example.com"
)


async def extracted(client: AsyncClient, document: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 (any option)
    """The answer's body; the request must succeed."""
    answer = await client.post(PATH, json={"document": document, "options": options})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_document_is_answered_with_what_is_in_it(
    client: AsyncClient, settings: Settings
) -> None:
    body = await extracted(client, DOCUMENT)
    assert body["status"] == "success"
    assert (body["agent"], body["tenant"]) == (settings.name, settings.tenant)
    found = {(entity["type"], entity["text"]) for entity in body["data"]["entities"]}
    assert {
        ("organization", "Acme Corp."),
        ("date", "3 March 2026"),
        ("person", "Ada Lovelace"),
        ("location", "Vienna"),
        ("money", "12.5 million EUR"),
        ("email", "press@example.com"),
    } <= found
    assert body["data"]["language"]["code"] == "en"
    assert body["data"]["sentiment"]["label"] == "positive"
    assert body["data"]["model"]["offline"] is True


async def test_text_is_another_name_for_document(client: AsyncClient) -> None:
    answer = await client.post(PATH, json={"text": DOCUMENT})
    assert answer.status_code == 200
    assert answer.json()["data"]["statistics"]["characters"] == len(DOCUMENT)


async def test_offsets_count_code_points_of_the_document_sent(client: AsyncClient) -> None:
    document = "Ünïcödé 🎉🎉 from Ada Lovelace: ada@example.com"
    for entity in (await extracted(client, document))["data"]["entities"]:
        assert document[entity["start"] : entity["end"]] == entity["text"]


async def test_options_narrow_the_answer(client: AsyncClient) -> None:
    whole = (await extracted(client, DOCUMENT))["data"]
    narrow = (
        await extracted(client, DOCUMENT, entity_types=["person", "email"], max_key_phrases=2)
    )["data"]
    assert {entity["type"] for entity in narrow["entities"]} == {"person", "email"}
    assert narrow["key_phrases"] == whole["key_phrases"][:2]
    sure = (await extracted(client, DOCUMENT, min_confidence=0.9))["data"]["entities"]
    assert sure == [e for e in whole["entities"] if e["confidence"] >= 0.9]


async def test_the_quality_is_held_to_the_threshold_asked_for(client: AsyncClient) -> None:
    assert (await extracted(client, "Hm.", quality_threshold=0.99))["data"]["quality"][
        "meets_threshold"
    ] is False
    assert (await extracted(client, DOCUMENT, quality_threshold=0.1))["data"]["quality"][
        "meets_threshold"
    ] is True


async def test_the_result_is_kept_and_found_again_by_its_id(client: AsyncClient) -> None:
    body = await extracted(client, DOCUMENT)
    kept = (await client.get(f"/api/v1/extraction/{body['extraction_id']}")).json()
    assert kept == body
    status = (await client.get(f"/api/v1/extraction/{body['extraction_id']}/status")).json()
    assert (status["status"], status["progress"]) == ("success", 100)
    assert status["result"] == f"/api/v1/extraction/{body['extraction_id']}"


async def test_another_tenants_extraction_does_not_exist_here(
    client: AsyncClient, settings: Settings
) -> None:
    body = await extracted(client, DOCUMENT)
    other = settings.model_copy(update={"tenant": "someone-else"})
    async with client_of(create_app(other)) as stranger:
        answer = await stranger.get(f"/api/v1/extraction/{body['extraction_id']}")
    assert answer.status_code == 404


@pytest.mark.parametrize("suffix", ["", "/status"])
async def test_an_unknown_extraction_is_404(client: AsyncClient, suffix: str) -> None:
    answer = await client.get(f"/api/v1/extraction/{uuid4()}{suffix}")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("not-found")


async def test_many_requests_at_once_each_get_their_own_answer(client: AsyncClient) -> None:
    bodies = await asyncio.gather(
        *(extracted(client, f"Write to user{number}@example.com today.") for number in range(40))
    )
    for number, body in enumerate(bodies):
        assert [e["text"] for e in body["data"]["entities"]] == [f"user{number}@example.com"]
    assert len({UUID(body["extraction_id"]) for body in bodies}) == 40


async def test_health_stays_quick_while_long_documents_are_worked_on(client: AsyncClient) -> None:
    loop = asyncio.get_running_loop()
    document = (DOCUMENT + " ") * 1000
    working = [asyncio.create_task(extracted(client, f"{n} {document}")) for n in range(3)]
    waits: list[float] = []
    while not all(task.done() for task in working):
        # In this process a probe never waits for a socket, so that nothing else would run.
        await asyncio.sleep(0)
        begin = loop.time()
        assert (await client.get("/health")).status_code == 200
        waits.append(loop.time() - begin)
    await asyncio.gather(*working)
    # Generous, for busy machines; a document worked on in the loop would take it for seconds.
    assert sorted(waits)[len(waits) // 2] < 0.25
    assert len(waits) > 5


async def test_more_than_may_wait_is_refused_with_a_time_to_come_back(settings: Settings) -> None:
    run = RunSettings(concurrency=1, waiting=0)
    async with client_of(create_app(settings.model_copy(update={"run": run}))) as client:
        document = (DOCUMENT + " ") * 200
        answers = await asyncio.gather(
            *(client.post(PATH, json={"document": f"{n} {document}"}) for n in range(6))
        )
    codes = {answer.status_code for answer in answers}
    assert codes == {200, 503}
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["type"].endswith("overloaded")


async def test_an_extraction_over_its_time_is_504_and_kept_as_failed(settings: Settings) -> None:
    run = RunSettings(request_timeout=0.001)
    async with client_of(create_app(settings.model_copy(update={"run": run}))) as client:
        answer = await client.post(
            PATH, json={"document": DOCUMENT}, headers={"Idempotency-Key": "slow"}
        )
        assert answer.status_code == 504
        assert answer.json()["type"].endswith("deadline-exceeded")
        assert "0.001 s" in answer.json()["detail"]
