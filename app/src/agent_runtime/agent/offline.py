"""The model that needs no key and no network: rules, behind the same interface as the others."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agent_runtime.features import Findings
from agent_runtime.text import entities, language, phrases, sentiment

NAME = "offline-rules-1"
"""The number rises whenever the rules answer differently: stored and cached answers name it."""


class OfflineModel(Model[None]):
    """Answers from rules alone: same document, same answer. It cannot chat and calls no tools."""

    def __init__(self, executor: Executor) -> None:
        super().__init__()
        self._executor = executor

    @property
    def model_name(self) -> str:
        """The rules' name and number."""
        return NAME

    @property
    def system(self) -> str:
        """The vendor, for traces: there is none."""
        return "offline"

    @property
    def provider(self) -> None:
        """No provider: nothing leaves the process."""
        return None

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Find what is asked for in the document, which is the last user prompt."""
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        if not parameters.output_tools:
            raise UserError("the offline model got no output tool; it wants a typed agent")
        document = _document(messages)
        # Off the event loop: rules over a long document take a second, probes may not wait for it.
        loop = asyncio.get_running_loop()
        findings = await loop.run_in_executor(self._executor, find, document)
        arguments: dict[str, Any] = findings.model_dump(mode="json")
        return ModelResponse(
            parts=[ToolCallPart(parameters.output_tools[0].name, arguments)],
            usage=RequestUsage(),  # rules read no tokens
            model_name=NAME,
            provider_name=self.system,
        )


def find(document: str) -> Findings:
    """Everything the rules find in the document, and what they cannot do for its language."""
    told = language.language(document)
    notes: list[str] = []
    key_phrases = phrases.key_phrases(document, told.code) if phrases.supports(told.code) else ()
    if not phrases.supports(told.code):
        notes.append(f"no key phrases: the offline model has no stop words for {told.code!r}")
    mood = sentiment.sentiment(document) if told.code in sentiment.LANGUAGES else None
    if mood is None:
        known = ", ".join(sorted(sentiment.LANGUAGES))
        notes.append(f"no sentiment: the offline model knows it for {known}, not for {told.code!r}")
    return Findings(
        entities=entities.entities(document, told.code),
        key_phrases=key_phrases,
        language=told,
        sentiment=mood,
        notes=tuple(notes),
    )


def warm_up() -> None:
    """Load what the rules read, so that the first request is as quick as the second."""
    language.warm_up()
    sentiment.warm_up()
    find("Warm up: Ada Lovelace wrote to ada@example.com on 10 December 2025.")


def _document(messages: Sequence[ModelMessage]) -> str:
    for message in reversed(messages):
        if isinstance(message, ModelRequest):
            for part in message.parts:
                if isinstance(part, UserPromptPart) and isinstance(part.content, str):
                    return part.content
    raise UserError("the offline model got no document; it wants it as the user prompt's text")
