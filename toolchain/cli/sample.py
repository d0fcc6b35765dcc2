"""A real document through the real gateway, and its answer in words."""

import time
from pathlib import Path

import httpx2
from pydantic import BaseModel, ValidationError
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from toolchain.commands import OnLine
from toolchain.faults import MendableError

DOCUMENT = Path(__file__).with_name("sample.txt")
PATH = "/api/v1/extract-features"
PATIENCE = 60.0
"""Seconds in which the gateway has to know the way: it learns of new pods a moment after they are ready."""
UNDECIDED = frozenset({404, 502, 503, 504})
PAUSE = 0.25


class AnswerError(MendableError):
    """The agent did not answer as it should."""


class Found(BaseModel):
    """An entity or a key phrase."""

    text: str
    type: str = ""


class Language(BaseModel):
    """Which language, and how sure."""

    code: str
    confidence: float


class Sentiment(BaseModel):
    """How the document speaks."""

    label: str
    score: float


class Model(BaseModel):
    """Who found it."""

    name: str
    offline: bool


class Features(BaseModel):
    """What of the answer is shown."""

    entities: list[Found]
    key_phrases: list[Found]
    language: Language
    sentiment: Sentiment | None
    statistics: dict[str, float]
    model: Model


class Answer(BaseModel):
    """The agent's answer."""

    agent: str
    tenant: str
    processing_time: float | None = None
    cached: bool = False
    data: Features


def ask(url: str, on_line: OnLine) -> str:
    """The agent's answer to the sample, as it came. Raises `AnswerError` when there is none."""
    document = DOCUMENT.read_text().strip()
    deadline = time.monotonic() + PATIENCE
    on_line(f"POST {url}{PATH}: {len(document)} characters")
    # No proxy of the environment: it could not reach this machine's loopback.
    with httpx2.Client(base_url=url, timeout=30, trust_env=False) as client:
        while True:
            got = _post(client, document)
            if isinstance(got, httpx2.Response) and got.status_code == 200:
                return got.text
            final = isinstance(got, httpx2.Response) and got.status_code not in UNDECIDED
            if final or time.monotonic() > deadline:
                raise AnswerError(_explain(url, got))
            # The gateway could only be asked again; it tells nobody when it learns of a route.
            time.sleep(PAUSE)


def _post(client: httpx2.Client, document: str) -> httpx2.Response | httpx2.TransportError:
    try:
        return client.post(PATH, json={"document": document})
    except httpx2.TransportError as error:
        return error


def _explain(url: str, got: httpx2.Response | httpx2.TransportError) -> str:
    if isinstance(got, httpx2.Response):
        said = f"{got.status_code} {got.text[:500].strip()}"
    else:
        said = f"no answer ({got})"
    return (
        f"got {said} from POST {url}{PATH}, wanted 200 with features; "
        "see `make status` and `make logs`"
    )


def read(text: str) -> Answer:
    """The answer, checked."""
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:
        raise AnswerError(f"got an answer that cannot be read: {error}\n{text[:500]}") from error


def shown(answer: Answer) -> RenderableType:
    """The answer as a person reads it."""
    data = answer.data
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    grouped: dict[str, list[str]] = {}
    for entity in data.entities:
        grouped.setdefault(entity.type, []).append(entity.text)
    for number, (kind, texts) in enumerate(grouped.items()):
        entities = Text.assemble((f"{kind}: ", "dim"), ", ".join(dict.fromkeys(texts)))
        table.add_row("entities" if number == 0 else "", entities)
    table.add_row("key phrases", Text(", ".join(phrase.text for phrase in data.key_phrases)))
    table.add_row("language", f"{data.language.code} ({data.language.confidence:.0%} sure)")
    if data.sentiment:
        table.add_row("sentiment", f"{data.sentiment.label} ({data.sentiment.score:+.2f})")
    counts = ("characters", "words", "sentences", "reading_seconds")
    table.add_row(
        "statistics",
        ", ".join(
            f"{data.statistics[c]:.0f} {c.replace('_', ' ')}"
            for c in counts
            if c in data.statistics
        ),
    )
    took = (
        f" in {answer.processing_time * 1000:.0f} ms" if answer.processing_time is not None else ""
    )
    known = ", known from the cache" if answer.cached else ""
    offline = (
        " (the offline model: rules, no language model, no key needed)"
        if data.model.offline
        else ""
    )
    who = f"{data.model.name}{offline}{took}{known}"
    table.add_row("answered by", f"agent {answer.agent} of tenant {answer.tenant}, model {who}")
    return Group(table)
