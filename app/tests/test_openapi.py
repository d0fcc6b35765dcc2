"""The API does what its description says, for requests made up from that description."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from agent_runtime.settings import Settings
from tests.process import environment_of, runtime, write_secrets

ROOT = Path(__file__).parents[1]
PATH = "/api/v1/extract-features"


async def described(client: AsyncClient) -> dict[str, Any]:
    """The description."""
    answer = await client.get("/api/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_every_reference_in_the_description_leads_somewhere(client: AsyncClient) -> None:
    text = json.dumps(await described(client))
    names = set((await described(client))["components"]["schemas"])
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= names
    assert {"ExtractionRequest", "Extraction", "ExtractionStatus", "ProblemBody"} <= referred


async def test_the_examples_in_the_description_are_answered(client: AsyncClient) -> None:
    content = (await described(client))["paths"][PATH]["post"]["requestBody"]["content"]
    examples = content["application/json"]["examples"]
    assert len(examples) >= 2
    for example in examples.values():
        answer = await client.post(PATH, json=example["value"])
        assert answer.status_code == 200, answer.text


@pytest.mark.timeout(300)
async def test_made_up_requests_find_no_answer_that_is_not_described(
    settings: Settings, tmp_path: Path
) -> None:
    environment = environment_of(settings, write_secrets(tmp_path), AGENT_LOG_LEVEL="ERROR")
    async with runtime(environment) as process:
        tool = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            *("--url", str(process.client.base_url), "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "2026"),
            str(process.client.base_url) + "/api/openapi.json",
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzzing", "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await tool.communicate()
    assert tool.returncode == 0, said.decode()
    assert not process.lines, "a fault of ours was logged"
