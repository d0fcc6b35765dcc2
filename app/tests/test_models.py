"""Models over HTTP: order, fallback, grounding and limits, against a server on loopback."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from agent_runtime.app import create_app
from agent_runtime.settings import ModelSettings, Settings
from tests.conftest import client_of
from tests.model_server import ENGLISH, ModelServer, model_server

PATH = "/api/v1/extract-features"
DOCUMENT = "Ada Lovelace met Charles Babbage. Ada Lovelace wrote notes."


@pytest.fixture
async def models() -> AsyncGenerator[ModelServer]:
    """A server of models."""
    async with model_server() as found:
        yield found


def with_models(settings: Settings, models: ModelServer, **changes: Any) -> Settings:  # noqa: ANN401 (any setting)
    """Settings of an agent that asks these models."""
    values: dict[str, Any] = {
        "primary": "openai:first",
        "fallback": "openai:second",
        "api_key": SecretStr("key"),
        "base_url": models.url,
        "retries": 0,
        "timeout": 5,
        **changes,
    }
    return settings.model_copy(update={"model": ModelSettings(**values)})


async def ask(client: AsyncClient, document: str = DOCUMENT) -> Response:
    """One extraction."""
    return await client.post(PATH, json={"document": document})


def person(name: str) -> dict[str, Any]:
    """A mention as a model reports it."""
    return {"text": name, "type": "person", "confidence": 0.9}


async def test_with_a_key_the_primary_model_answers_and_is_named(
    settings: Settings, models: ModelServer
) -> None:
    models.findings["first"] = [{**ENGLISH, "entities": [person("Ada Lovelace")]}]
    async with client_of(create_app(with_models(settings, models))) as client:
        body = (await ask(client)).json()
    assert body["data"]["model"] == {
        "name": "first",
        "offline": False,
        "requests": 1,
        "input_tokens": 20,
        "output_tokens": 10,
    }
    assert body["data"]["statistics"]["words"] == 9
    assert models.asked == {"first": 1}


async def test_when_the_primary_fails_the_fallback_answers(
    settings: Settings, models: ModelServer
) -> None:
    models.failing["first"] = 500
    registry = CollectorRegistry()
    async with client_of(create_app(with_models(settings, models), registry)) as client:
        body = (await ask(client)).json()
    assert body["data"]["model"]["name"] == "second"
    assert models.asked == {"first": 1, "second": 1}
    count = "model_requests_total"
    assert registry.get_sample_value(count, {"model": "first", "status": "error"}) == 1
    assert registry.get_sample_value(count, {"model": "second", "status": "success"}) == 1


async def test_when_all_others_fail_the_offline_model_answers_and_says_so(
    settings: Settings, models: ModelServer
) -> None:
    models.failing.update(first=500, second=429)
    async with client_of(create_app(with_models(settings, models))) as client:
        body = (await ask(client)).json()
    assert body["data"]["model"]["offline"] is True
    assert "Ada Lovelace" in {entity["text"] for entity in body["data"]["entities"]}


async def test_without_the_offline_model_all_failing_is_503(
    settings: Settings, models: ModelServer
) -> None:
    models.failing.update(first=500, second=500)
    async with client_of(create_app(with_models(settings, models, offline=False))) as client:
        answer = await ask(client)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert answer.json()["type"].endswith("model-unavailable")
    assert "told to" not in answer.text


async def test_a_failing_model_is_asked_again_as_often_as_set(
    settings: Settings, models: ModelServer
) -> None:
    models.failing["first"] = 503
    changed = with_models(settings, models, retries=1, fallback=None)
    async with client_of(create_app(changed)) as client:
        await ask(client)
    assert models.asked == {"first": 2}


async def test_every_mention_gets_its_own_place(settings: Settings, models: ModelServer) -> None:
    twice = [person("Ada Lovelace"), person("Ada Lovelace"), person("Charles Babbage")]
    models.findings["first"] = [{**ENGLISH, "entities": twice}]
    async with client_of(create_app(with_models(settings, models))) as client:
        entities = (await ask(client)).json()["data"]["entities"]
    assert [(e["text"], e["start"]) for e in entities] == [
        ("Ada Lovelace", 0),
        ("Charles Babbage", 17),
        ("Ada Lovelace", 34),
    ]
    assert all(DOCUMENT[e["start"] : e["end"]] == e["text"] for e in entities)


async def test_a_model_that_invents_a_name_is_told_and_asked_again(
    settings: Settings, models: ModelServer
) -> None:
    models.findings["first"] = [
        {**ENGLISH, "entities": [person("Alan Turing")]},
        {**ENGLISH, "entities": [person("Charles Babbage")]},
    ]
    async with client_of(create_app(with_models(settings, models, retries=1))) as client:
        data = (await ask(client)).json()["data"]
    assert [e["text"] for e in data["entities"]] == ["Charles Babbage"]
    assert models.asked == {"first": 2}


async def test_a_name_invented_to_the_end_is_left_out_with_a_note(
    settings: Settings, models: ModelServer
) -> None:
    models.findings["first"] = [{**ENGLISH, "entities": [person("Alan Turing")]}]
    async with client_of(create_app(with_models(settings, models, retries=1))) as client:
        data = (await ask(client)).json()["data"]
    assert data["entities"] == []
    assert data["notes"] == ["left out: 1 entities that are not in the document"]


async def test_an_answer_of_the_wrong_shape_is_502(settings: Settings, models: ModelServer) -> None:
    models.findings["first"] = [{"language": "English"}]
    async with client_of(create_app(with_models(settings, models))) as client:
        answer = await ask(client)
    assert answer.status_code == 502
    assert answer.json()["type"].endswith("model-misbehaved")


async def test_more_tokens_than_allowed_is_422(settings: Settings, models: ModelServer) -> None:
    # Three answers of 30 tokens each, of which the first two name someone absent.
    models.findings["first"] = [{**ENGLISH, "entities": [person("Alan Turing")]}]
    changed = with_models(settings, models, retries=5, total_tokens_limit=100)
    async with client_of(create_app(changed)) as client:
        answer = await ask(client)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("too-costly")
    assert "100 tokens" in answer.json()["detail"]
