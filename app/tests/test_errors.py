"""Every way of asking wrongly has its own answer, as application/problem+json."""

import json
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from starlette.types import Message

from agent_runtime.app import create_app
from agent_runtime.settings import SecuritySettings, Settings
from tests.conftest import client_of

PATH = "/api/v1/extract-features"
JSON = {"Content-Type": "application/json"}


def problem(answer: Response, status: int, kind: str) -> dict[str, Any]:
    """The problem in the answer, which must be of that kind and complete."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:agent-runtime:problem:{kind}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.request.url.path
    assert answer.headers["x-request-id"]
    return body


@pytest.mark.parametrize("document", ["", "   \n\t"])
async def test_an_empty_document_is_422(client: AsyncClient, document: str) -> None:
    body = problem(await client.post(PATH, json={"document": document}), 422, "invalid-request")
    assert body["errors"][0]["pointer"] == "/document"


async def test_a_nul_is_422_and_says_where(client: AsyncClient) -> None:
    body = problem(await client.post(PATH, json={"document": "a\0b"}), 422, "invalid-request")
    assert "got NUL at 1" in body["detail"]


@pytest.mark.parametrize(
    ("sent", "pointer", "wanted"),
    [
        ({}, "/document", "Field required"),
        ({"document": 5}, "/document", "Input should be a valid string"),
        ({"document": "a", "doc": "b"}, "/doc", "Extra inputs are not permitted"),
        ({"document": "a", "text": "b"}, "/text", "Extra inputs are not permitted"),
        ({"document": "a", "options": {"mood": 1}}, "/options/mood", "Extra inputs"),
        (
            {"document": "a", "options": {"max_key_phrases": 51}},
            "/options/max_key_phrases",
            "less than or equal to 50",
        ),
    ],
)
async def test_what_does_not_fit_is_422_with_place_got_and_wanted(
    client: AsyncClient, sent: dict[str, Any], pointer: str, wanted: str
) -> None:
    body = problem(await client.post(PATH, json=sent), 422, "invalid-request")
    error = body["errors"][0]
    assert error["pointer"] == pointer
    assert wanted in error["wanted"]
    assert error["got"]


async def test_a_long_wrong_value_is_not_repeated_whole(client: AsyncClient) -> None:
    answer = await client.post(PATH, json={"document": ["x" * 10_000]})
    assert len(problem(answer, 422, "invalid-request")["detail"]) < 300


@pytest.mark.parametrize("raw", [b"{", b"hello", b'{"document": "a"} trailing', b"", b"[1,"])
async def test_what_is_not_json_is_400(client: AsyncClient, raw: bytes) -> None:
    problem(await client.post(PATH, content=raw, headers=JSON), 400, "not-json")


async def test_a_lone_surrogate_is_400(client: AsyncClient) -> None:
    raw = b'{"document": "a \\ud800 b"}'
    problem(await client.post(PATH, content=raw, headers=JSON), 400, "not-json")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
async def test_what_is_not_utf8_is_400_and_names_the_byte(
    client: AsyncClient, encoding: str
) -> None:
    raw = json.dumps({"document": "für"}, ensure_ascii=False).encode(encoding)
    body = problem(await client.post(PATH, content=raw, headers=JSON), 400, "not-utf-8")
    assert "wanted UTF-8" in body["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", ""])
async def test_another_content_type_is_415(client: AsyncClient, content_type: str) -> None:
    answer = await client.post(
        PATH, content=b'{"document": "a"}', headers={"Content-Type": content_type}
    )
    body = problem(answer, 415, "unsupported-media-type")
    assert "wanted application/json" in body["detail"]


async def test_a_charset_beside_the_content_type_is_fine(client: AsyncClient) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = await client.post(PATH, content=b'{"document": "a"}', headers=headers)
    assert answer.status_code == 200


async def test_a_body_over_the_limit_is_413(settings: Settings) -> None:
    security = SecuritySettings(max_body_bytes=2048)
    app = create_app(settings.model_copy(update={"security": security}))
    async with client_of(app) as client:
        answer = await client.post(PATH, json={"document": "x" * 2048})
    assert "at most 2048" in problem(answer, 413, "too-large")["detail"]


async def test_a_body_without_a_length_is_cut_off_while_it_comes_in(settings: Settings) -> None:
    security = SecuritySettings(max_body_bytes=2048)
    app = create_app(settings.model_copy(update={"security": security}))
    taken = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal taken
        taken += 1024
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": [(b"host", b"a"), (b"content-type", b"application/json")],
        "http_version": "1.1",
        "scheme": "http",
    }
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    assert sent[0]["status"] == 413
    assert taken <= 4096


async def test_a_document_over_the_limit_is_413(settings: Settings) -> None:
    security = SecuritySettings(max_document_chars=100)
    app = create_app(settings.model_copy(update={"security": security}))
    async with client_of(app) as client:
        assert (await client.post(PATH, json={"document": "x" * 100})).status_code == 200
        body = problem(await client.post(PATH, json={"document": "x" * 101}), 413, "too-large")
    assert "101 characters, wanted at most 100" in body["detail"]


async def test_an_unknown_path_is_404(client: AsyncClient) -> None:
    problem(await client.get("/api/v1/nothing"), 404, "not-found")


async def test_the_wrong_method_is_405_and_names_the_right_one(client: AsyncClient) -> None:
    answer = await client.put(PATH, json={"document": "a"})
    body = problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"
    assert "wanted POST" in body["detail"]


async def test_an_id_that_is_none_is_422(client: AsyncClient) -> None:
    body = problem(await client.get("/api/v1/extraction/seven"), 422, "invalid-request")
    assert body["errors"][0]["pointer"] == "/path/extraction_id"


async def test_an_unknown_mode_is_422(client: AsyncClient) -> None:
    answer = await client.post(PATH, params={"mode": "later"}, json={"document": "a"})
    body = problem(answer, 422, "invalid-request")
    assert body["errors"][0]["pointer"] == "/query/mode"


@pytest.mark.parametrize("key", ["with blank", "x" * 256, "ü".encode()])
async def test_an_idempotency_key_that_is_none_is_422(client: AsyncClient, key: str) -> None:
    answer = await client.post(PATH, json={"document": "a"}, headers={"Idempotency-Key": key})
    problem(answer, 422, "invalid-request")


async def test_an_internal_fault_tells_nothing_but_its_request_id(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings)
    async with client_of(app) as client:

        async def explode(*_: object, **__: object) -> None:
            raise RuntimeError("the password is swordfish")

        monkeypatch.setattr(app.state.resources.store, "get", explode)
        answer = await client.get("/api/v1/extraction/00000000-0000-4000-8000-000000000000")
    problem(answer, 500, "internal")
    assert "swordfish" not in answer.text
    assert "RuntimeError" not in answer.text
