"""From what the engine printed to a review of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from review.costs import costs
from review.digest import Digest, digest
from review.events import Log, log
from review.findings import policies
from review.masking import Masking
from review.merging import merged
from review.model import Costs, Outcome, Review
from review.notices import Said, notices
from review.outcome import hides_deletions, lacking, outcome
from review.plaintexts import Plaintexts
from review.printed import Read
from review.properties import Properties
from review.redaction import Redactor
from review.remarks import remarks_on
from review.resources import Names, resources
from review.speech import said


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What the engine left of one preview."""

    events: Path | None
    """Its event log. None if it was not asked for one."""
    digest: Path | None
    """What `pulumi preview --json --show-sames` printed. None if it was not run so."""
    code: int | None
    """Its exit code; None if nobody noted it."""
    stderr: str = ""
    """What it printed besides."""


def read(
    stack: str,
    printed: Printed,
    *,
    compared_with: str,
    incomplete: str = "",
    remarks: Collection[str] = (),
    withheld: Collection[str] = (),
) -> Review:
    """One stack's review. `withheld` are secrets known to the caller, which are told nowhere.

    `incomplete` says why the preview does not show the change though the engine went through.
    What is missing, broken off or not known here never raises an error; it is told in the remarks.
    """
    found = _found(printed)
    redactor = Redactor(_secrets(found, withheld))
    names = Names(redactor)
    properties = Properties(Masking(redactor), redactor)
    ended = outcome(found.digest, found.log, printed.code)
    if (incomplete or lacking(found) or hides_deletions(found)) and ended is Outcome.SUCCEEDED:
        ended = Outcome.INCOMPLETE
    told = resources(found.steps, properties, names)
    return Review(
        stack=redactor.name(stack),
        outcome=ended,
        compared_with=redactor.name(compared_with),
        resources=told,
        policies=policies(found.log, printed.stderr, redactor.text, names.of),
        notices=notices(
            [*_why(incomplete), *said(found, ended, printed.code)], redactor.text, names.of
        ),
        costs=_costs(found, redactor, names),
        outputs=properties.outputs(*found.outputs) if found.outputs else (),
        seconds=_seconds(found),
        incomplete=redactor.text(incomplete),
        remarks=tuple(map(redactor.name, (*remarks, *remarks_on(found, told)))),
    )


def _why(incomplete: str) -> list[Said]:
    return [Said("error", "", incomplete)] if incomplete else []


def _costs(found: Read, redactor: Redactor, names: Names) -> Costs | None:
    """Under the names that resources are told by."""
    reckoned = costs(found.steps)
    return reckoned and replace(
        reckoned,
        by_resource={names.of(urn): price for urn, price in reckoned.by_resource.items()},
        unpriced=tuple(map(redactor.name, reckoned.unpriced)),
        untold={names.of(urn): redactor.text(why) for urn, why in reckoned.untold.items()},
    )


def _found(printed: Printed) -> Read:
    plan = None if printed.digest is None else _digest(printed.digest)
    described = {(step.urn, step.op) for step in plan.steps} if plan else set[tuple[str, str]]()
    events = None if printed.events is None else _log(printed.events, described)
    every = merged(plan.steps if plan else (), events.steps if events else ())
    return Read(digest=plan, log=events, merged=every, stderr=printed.stderr)


def _digest(file: Path) -> Digest:
    try:
        return digest(file)
    except OSError:
        return Digest()


def _log(file: Path, described: Collection[tuple[str, str]]) -> Log:
    try:
        return log(file, described)
    except OSError:
        return Log()


def _secrets(found: Read, withheld: Collection[str]) -> frozenset[str]:
    plaintexts = Plaintexts()
    for step in found.steps:
        for state in (step.old, step.new):
            if state is not None:
                plaintexts.look(state.inputs, step.type)
                plaintexts.look(state.outputs, step.type)
    for outputs in found.outputs or ():
        plaintexts.look(outputs)
    for source in (found.digest, found.log):
        if source is not None:
            plaintexts.look(source.config)
            for one in source.said:
                plaintexts.listen(one.text)
    for finding in found.log.findings if found.log else ():
        plaintexts.listen(finding.message)
    plaintexts.listen(found.stderr)
    return plaintexts.all((step.urn for step in found.steps), withheld)


def _seconds(found: Read) -> float | None:
    if found.digest is not None and found.digest.seconds is not None:
        return found.digest.seconds
    summary = found.log.summary if found.log is not None else None
    return summary.duration_seconds if summary is not None else None
