"""What a reader has to know of a stack before anything else."""

from dataclasses import dataclass
from typing import Final

from review.html.text import clipped, counted, listed, spaced
from review.model import DESTRUCTIVE, Level, Operation, Outcome, Review

DONE: Final = {
    Operation.REPLACE: "replaced",
    Operation.DELETE: "deleted",
    Operation.CREATE: "created",
    Operation.UPDATE: "updated",
    Operation.IMPORT: "imported",
    Operation.FORGET: "left where it is",
    Operation.OTHER: "changed in a way that this report does not know",
}
NAMED: Final = 2
"""Losses that are told by name."""
PART: Final = "What stands here may be only a part of the change."


@dataclass(frozen=True)
class Alarm:
    """Something that makes the rest of a report doubtful, or stops the deployment."""

    title: str
    text: str


def alarms(review: Review) -> tuple[Alarm, ...]:
    """What a reader may not overlook, the gravest first."""
    found: list[Alarm] = []
    if review.outcome is Outcome.FAILED:
        found.append(Alarm("The preview failed", PART))
    if review.outcome is Outcome.INCOMPLETE:
        if review.incomplete:
            found.append(Alarm("This is not the change", clipped(review.incomplete, 2_000)))
        else:
            found.append(Alarm("The preview breaks off", PART))
    found += [Alarm("A gate is shut", clipped(text, 2_000)) for text in review.stopped]
    if review.policies.failed:
        reason = clipped(review.policies.failed, 2_000)
        found.append(
            Alarm("The policies did not judge", f"Nothing found means nothing. Why: {reason}")
        )
    mandatory = sum(finding.level is Level.MANDATORY for finding in review.policies.findings)
    if mandatory:
        broken = counted(mandatory, "mandatory policy is", "mandatory policies are")
        found.append(Alarm(f"{broken} broken", "The deployment will be refused."))
    return tuple(found)


def verdict(review: Review) -> str:
    """The change in one sentence."""
    counts = review.counts
    said = [f"{counts[op]:,} {word}" for op, word in DONE.items() if counts[op]]
    if not said:
        return "Nothing changes." if review.outcome is Outcome.SUCCEEDED else "No change is told."
    return f"{listed(said)}."


def losses(review: Review) -> tuple[str, ...]:
    """What is lost, a sentence each, the first by name."""
    lost = [r for r in review.changed if r.operation in DESTRUCTIVE and r.loss]
    said = [
        f"{clipped(r.identity.name, 80)} loses {clipped(spaced(r.loss or ''), 120)}."
        for r in lost[:NAMED]
    ]
    rest = len(lost) - NAMED
    return (*said, f"{rest:,} more lose something.") if rest > 0 else tuple(said)
