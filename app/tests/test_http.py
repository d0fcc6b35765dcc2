"""What every answer carries, and what the browser side and the documentation may do."""

import re
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from prometheus_client import CollectorRegistry, generate_latest

from agent_runtime import __version__
from agent_runtime.app import create_app
from agent_runtime.settings import SecuritySettings, Settings
from tests.conftest import client_of

PATH = "/api/v1/extract-features"


async def test_every_answer_has_an_id_and_its_time(client: AsyncClient) -> None:
    for answer in (await client.get("/health"), await client.get("/nothing")):
        UUID(answer.headers["x-request-id"])
        assert 0 < float(answer.headers["x-process-time"]) < 60


async def test_a_callers_id_is_kept(client: AsyncClient) -> None:
    answer = await client.get("/health", headers={"X-Request-ID": "abc-123"})
    assert answer.headers["x-request-id"] == "abc-123"


@pytest.mark.parametrize("given", ["x" * 129, "two words", 'quote"', "a\tb"])
async def test_an_id_that_could_break_a_log_is_replaced(client: AsyncClient, given: str) -> None:
    answer = await client.get("/health", headers={"X-Request-ID": given})
    UUID(answer.headers["x-request-id"])


async def test_metrics_name_routes_and_never_paths(settings: Settings) -> None:
    registry = CollectorRegistry()
    async with client_of(create_app(settings, registry)) as client:
        await client.get("/api/v1/extraction/00000000-0000-4000-8000-000000000000")
        await client.get("/secret/path")
        await client.request("BREW", "/health")
        await client.post(
            PATH, json={"document": "Hello there.", "options": {"quality_threshold": 0.123}}
        )
    figures = generate_latest(registry).decode()
    labels = set(re.findall(r'api_requests_total\{endpoint="([^"]*)",method="([^"]*)"', figures))
    assert labels == {
        ("/api/v1/extraction/{extraction_id}", "GET"),
        ("unmatched", "GET"),
        ("/health", "other"),
        (PATH, "POST"),
    }
    assert "secret" not in figures
    assert "0.123" not in figures
    assert 'feature_extractions_total{quality_threshold="low",status="success"} 1.0' in figures
    assert f'version="{__version__}"' in figures
    for name in (
        "api_request_duration_seconds_bucket",
        "feature_extraction_duration_seconds_count",
        "active_extractions",
        "model_request_duration_seconds_sum",
        "cache_requests_total",
        "application_info",
        "process_resident_memory_bytes",
    ):
        assert name in figures, name


async def test_the_gates_fall_on_bucket_bounds(settings: Settings) -> None:
    registry = CollectorRegistry()
    async with client_of(create_app(settings, registry)) as client:
        await client.get("/health")
    bounds = set(
        re.findall(
            r'api_request_duration_seconds_bucket\{[^}]*le="([^"]*)"',
            generate_latest(registry).decode(),
        )
    )
    assert {"0.3", "0.5", "2.0"} <= bounds


async def test_another_host_is_refused_but_probes_come_to_any(settings: Settings) -> None:
    security = SecuritySettings(allowed_hosts=("api.example.com", "*.agents.example.com"))
    app = create_app(settings.model_copy(update={"security": security}))
    async with client_of(app) as client:

        async def status(path: str, host: str) -> int:
            return (await client.get(path, headers={"Host": host})).status_code

        assert await status("/api/v1/nothing", "api.example.com") == 404
        assert await status("/api/v1/nothing", "API.example.com:8000") == 404
        assert await status("/api/v1/nothing", "a.agents.example.com") == 404
        assert await status("/api/v1/nothing", "agents.example.com") == 400
        assert await status("/api/v1/nothing", "evil.example.com") == 400
        assert await status("/api/v1/nothing", "evilagents.example.com") == 400
        assert await status("/health", "10.244.0.7:8000") == 200
        refused = await client.get("/api/v1/nothing", headers={"Host": "evil.example.com"})
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["x-request-id"]


async def test_only_the_origins_set_may_ask_from_a_browser(settings: Settings) -> None:
    security = SecuritySettings(allowed_origins=("https://app.example.com",))
    app = create_app(settings.model_copy(update={"security": security}))
    ask = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    async with client_of(app) as client:
        allowed = await client.options(PATH, headers={"Origin": "https://app.example.com", **ask})
        refused = await client.options(PATH, headers={"Origin": "https://evil.example.com", **ask})
    assert allowed.headers["access-control-allow-origin"] == "https://app.example.com"
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


async def test_without_origins_no_browser_is_let_in(client: AsyncClient) -> None:
    answer = await client.get("/health", headers={"Origin": "https://app.example.com"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("environment", "docs", "status"),
    [("dev", None, 200), ("prod", None, 404), ("prod", True, 200), ("dev", False, 404)],
)
async def test_the_documentation_is_off_in_prod_unless_asked_for(
    settings: Settings, environment: str, docs: bool | None, status: int
) -> None:
    changes = {"environment": environment, "security": SecuritySettings(docs=docs)}
    async with client_of(create_app(settings.model_copy(update=changes))) as client:
        for path in ("/api/docs", "/api/redoc", "/api/openapi.json"):
            assert (await client.get(path)).status_code == status
