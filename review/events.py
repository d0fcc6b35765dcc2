"""The engine's event log: one JSON document a line, the policies' word and the outcome among them."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar, cast

from pydantic import ValidationError

from policies.urn import STACK, Urn
from review.notices import Said
from review.shapes import members
from review.steps import Step
from review.wire import (
    Known,
    Printed,
    PrintedDiagnostic,
    PrintedFinding,
    PrintedJudgement,
    PrintedStep,
    PrintedSummary,
)

_FRAME: Final = frozenset({"sequence", "timestamp"})
_P = TypeVar("_P", bound=Printed)


def _counter() -> Counter[str]:
    return Counter()


@dataclass(kw_only=True)
class Log:
    """What could be read of a log; it grows line by line."""

    described: Collection[tuple[str, str]] = frozenset()
    """URN and operation of steps that are known better from elsewhere: the log only has to say when."""
    steps: list[Step] = field(default_factory=list[Step])
    """In the order in which they are taken."""
    outputs: tuple[Mapping[str, object], Mapping[str, object]] | None = None
    """The stack's own, before and after. None if the log does not come to them."""
    said: list[Said] = field(default_factory=list[Said])
    findings: list[PrintedFinding] = field(default_factory=list[PrintedFinding])
    remediations: Counter[str] = field(default_factory=_counter)
    """Policy → how many resources it has changed."""
    packs_loaded: int = 0
    """How many packs the engine was asked to load."""
    judgements: list[PrintedJudgement] = field(default_factory=list[PrintedJudgement])
    """Of single resources."""
    judged: dict[str, PrintedJudgement] = field(default_factory=dict[str, PrintedJudgement])
    """Pack → its last word, on the stack as a whole."""
    summary: PrintedSummary | None = None
    """The engine's own last word. None if it does not come to it."""
    closed: bool = False
    """The engine has closed it, whether it came to a last word or not."""
    config: Mapping[str, object] = field(default_factory=dict[str, object])
    unreadable: int = 0
    """Lines that are no events, and events that must be missing by their numbers."""
    unknown_kinds: Counter[str] = field(default_factory=_counter)
    unknown_fields: Counter[str] = field(default_factory=_counter)
    refreshed: dict[str, int] = field(default_factory=dict[str, int])
    """URN → which of the steps looks at what there is."""
    _next: int = 0

    @property
    def whole(self) -> bool:
        """It goes to its end, and every line of it could be read."""
        return self.summary is not None and not self.unreadable

    def take(self, line: str) -> None:
        """Read one line."""
        try:
            document: object = json.loads(line)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            self.unreadable += 1
            return
        event = cast("Known", document)
        self._number(event.get("sequence"))
        for kind in event.keys() - _FRAME:
            try:
                self._take(kind, event[kind])
            except (ValidationError, RecursionError):
                self.unreadable += 1

    def _number(self, sequence: object) -> None:
        if isinstance(sequence, int):
            self.unreadable += sequence != self._next
            self._next = sequence + 1

    def _take(self, kind: str, body: object) -> None:
        if kind in _TAKEN:
            _TAKEN[kind](self, body)
        else:
            self.unknown_kinds[kind] += 1

    def known(self, printed: _P) -> _P:
        """Note the fields of it that are not known."""
        self.unknown_fields.update(printed.unknown())
        return printed


def log(file: Path, described: Collection[tuple[str, str]] = frozenset()) -> Log:
    """What the file holds, as far as it goes."""
    found = Log(described=described)
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for line in lines:
            if line.strip():
                found.take(line)
    return found


class _About(Printed):
    """An event on a resource."""

    metadata: PrintedStep
    planning: bool = False


class _Prelude(Printed):
    """The settings of the program; secrets among them are hidden by the engine."""

    config: dict[str, str] | None = None


class _Error(Printed):
    """The engine itself has failed."""

    error: str = ""


def _before(found: Log, body: object) -> None:
    urn, op = _about(body)
    if (urn, op) in found.described:
        step = Step(urn=urn, op=op, custom=False, type=Urn.parse(urn).type)
    else:
        step = found.known(_About.model_validate(body)).metadata.step()
    if step.op == "refresh":
        found.refreshed[step.urn] = len(found.steps)
    found.steps.append(step)


def _after(found: Log, body: object) -> None:
    urn, _ = _about(body)
    at = found.refreshed.get(urn)
    if at is None and Urn.parse(urn).type != STACK:
        return
    step = _About.model_validate(body).metadata.step()
    if step.is_stack and step.new is not None:
        found.outputs = (step.old.outputs if step.old else {}, step.new.outputs)
    # What a refresh found is told only now, under the name of what it comes to.
    if at is not None and (step.op == "delete" or (step.op == "update" and step.diff is not None)):
        found.steps[at] = step


def _about(body: object) -> tuple[str, str]:
    """URN and operation of an event on a resource."""
    metadata = members((members(body) or {}).get("metadata")) or {}
    urn, op = metadata.get("urn"), metadata.get("op")
    return (urn if isinstance(urn, str) else "", op if isinstance(op, str) else "")


def _said(found: Log, body: object) -> None:
    one = found.known(PrintedDiagnostic.model_validate(body))
    if not one.ephemeral and one.severity != "debug":
        found.said.append(Said(one.severity, one.urn, one.prefix + one.message))


def _failed(found: Log, body: object) -> None:
    found.said.append(Said("error", "", found.known(_Error.model_validate(body)).error))


def _finding(found: Log, body: object) -> None:
    found.findings.append(found.known(PrintedFinding.model_validate(body)))


def _remediation(found: Log, body: object) -> None:
    found.remediations[found.known(PrintedFinding.model_validate(body)).policy_name] += 1


def _load(found: Log, body: object) -> None:
    found.packs_loaded += body is not None


def _judgement(found: Log, body: object) -> None:
    found.judgements.append(found.known(PrintedJudgement.model_validate(body)))


def _judged(found: Log, body: object) -> None:
    last = found.known(PrintedJudgement.model_validate(body))
    found.judged[last.policy_pack_name] = last


def _prelude(found: Log, body: object) -> None:
    found.config = dict(found.known(_Prelude.model_validate(body)).config or {})


def _summary(found: Log, body: object) -> None:
    found.summary = found.known(PrintedSummary.model_validate(body))


def _cancel(found: Log, body: object) -> None:
    found.closed = body is not None


def _nothing(found: Log, body: object) -> None:
    """Known, and of no use here."""


_TAKEN: Final[Mapping[str, Callable[[Log, object], None]]] = {
    "resourcePreEvent": _before,
    "resOutputsEvent": _after,
    "diagnosticEvent": _said,
    "errorEvent": _failed,
    "policyLoadEvent": _load,
    "policyEvent": _finding,
    "policyRemediationEvent": _remediation,
    "policyAnalyzeSummaryEvent": _judgement,
    "policyAnalyzeStackSummaryEvent": _judged,
    "preludeEvent": _prelude,
    "summaryEvent": _summary,
    "cancelEvent": _cancel,
    **dict.fromkeys(
        (
            "policyRemediateSummaryEvent",
            "progressEvent",
            "resOpFailedEvent",
            "startDebuggingEvent",
            "stdoutEvent",
        ),
        _nothing,
    ),
}
