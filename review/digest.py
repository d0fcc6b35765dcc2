"""The digest: what `pulumi preview --json --show-sames` prints when the engine is done."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from pydantic import ValidationError

from review.notices import Said
from review.steps import Step
from review.wire import Known, PrintedDigest, PrintedStep

_STEPS: Final = re.compile(r'"steps"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"[\s,]*")
_NANOSECONDS: Final = 1e9


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What could be read of a digest."""

    whole: bool = False
    """It is there, to its last brace, and every step in it could be read."""
    steps: tuple[Step, ...] = ()
    said: tuple[Said, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many resources the engine itself counts, by its words for operations."""
    seconds: float | None = None
    config: Mapping[str, object] = field(default_factory=dict[str, object])
    unreadable: int = 0
    """Steps of a form that is not known."""
    unknown: Counter[str] = field(default_factory=Counter[str])
    """Fields that are not known."""


def digest(file: Path) -> Digest:
    """What the file holds. Of one that breaks off, the steps before that."""
    text = file.read_bytes().decode(errors="replace")
    try:
        document = json.loads(text[max(text.find("{"), 0) :])
        printed = PrintedDigest.model_validate(document)
    except (ValueError, RecursionError):
        # A pydantic.ValidationError is a ValueError, too.
        steps, unreadable, unknown = _steps(_salvaged(text))
        return Digest(steps=steps, unreadable=unreadable, unknown=unknown)
    steps, unreadable, unknown = _steps(printed.steps or ())
    unknown.update(printed.unknown())
    said = printed.diagnostics or []
    return Digest(
        # An engine that failed before it began prints a digest, too, but no duration.
        whole=not unreadable and printed.duration is not None,
        steps=steps,
        said=tuple(Said(one.severity, one.urn, one.prefix + one.message) for one in said),
        counts=printed.change_summary or {},
        seconds=None if printed.duration is None else printed.duration / _NANOSECONDS,
        config=cast("Known", printed.config or {}),
        unreadable=unreadable,
        unknown=unknown,
    )


def _steps(
    documents: Iterator[object] | list[object] | tuple[()],
) -> tuple[tuple[Step, ...], int, Counter[str]]:
    found: list[Step] = []
    unreadable = 0
    unknown: Counter[str] = Counter()
    for document in documents:
        try:
            printed = PrintedStep.model_validate(document)
        except (ValidationError, RecursionError):
            unreadable += 1
            continue
        unknown.update(printed.unknown())
        found.append(printed.step())
    return tuple(found), unreadable, unknown


def _salvaged(text: str) -> Iterator[object]:
    """The steps of a digest that breaks off somewhere behind them."""
    begin = _STEPS.search(text)
    if begin is None:
        return
    decoder = json.JSONDecoder()
    at = begin.end()
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if not text.startswith("{", at):
            return
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield document
