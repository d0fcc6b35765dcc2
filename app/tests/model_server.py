"""A server on loopback that speaks Chat Completions and answers as a test tells it to."""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ENGLISH = {"language": {"code": "en", "confidence": 0.9}}


@dataclass
class ModelServer:
    """What each model answers, and what was asked."""

    url: str = ""
    findings: dict[str, list[Mapping[str, Any]]] = field(
        default_factory=dict[str, list[Mapping[str, Any]]]
    )
    """By model: one answer per request, the last one for all that follow."""
    failing: dict[str, int] = field(default_factory=dict[str, int])
    """By model: the status it fails with."""
    asked: Counter[str] = field(default_factory=Counter[str])
    holding: asyncio.Event | None = None
    """Answers wait for it, if there is one."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, request: Request) -> Response:
        """POST /v1/chat/completions."""
        model = (await request.json())["model"]
        self.asked[model] += 1
        self.arrived.set()
        if self.holding is not None:
            await self.holding.wait()
        if model in self.failing:
            return JSONResponse({"error": {"message": "told to"}}, self.failing[model])
        answers = self.findings.get(model, [ENGLISH])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return JSONResponse(_completion(model, answer))


@contextlib.asynccontextmanager
async def model_server() -> AsyncGenerator[ModelServer]:
    """A running one."""
    found = ModelServer()
    app = Starlette(routes=[Route("/v1/chat/completions", found.complete, methods=["POST"])])
    # Listening from the start: whoever connects before the server runs waits in the backlog.
    listener = socket.create_server(("127.0.0.1", 0))
    found.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server = _Quiet(uvicorn.Config(app, log_config=None, ws="none", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield found
    if found.holding is not None:
        found.holding.set()
    server.should_exit = True
    await serving


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _completion(model: str, findings: Mapping[str, Any]) -> dict[str, Any]:
    call = {"name": "report_findings", "arguments": json.dumps(findings)}
    return {
        "id": "completion",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "call", "type": "function", "function": call}],
                },
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30},
    }
