"""Whether a report tells of drift."""

from pydantic import BaseModel


class Verdict(BaseModel):
    """What of a report decides."""

    outcomes: dict[str, int]
    counts: dict[str, int]


class Told(BaseModel):
    """The report."""

    summary: Verdict


def drifted(document: str) -> bool:
    """Whether something differs from what the program says, or could not be compared."""
    summary = Told.model_validate_json(document).summary
    return bool(summary.counts) or set(summary.outcomes) != {"succeeded"}
