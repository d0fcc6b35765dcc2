"""Findings that the team lives with for a while: each with its reason and an end."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from toolchain.paths import PROJECT
from toolchain.scans.programs import ScanError
from toolchain.scans.sarif import Document, Result

FILE = PROJECT / "toolchain" / "scans" / "accepted.yaml"


class Accepted(BaseModel):
    """One finding that does not fail a scan until a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=4)
    """As the scanner names it, such as CVE-2026-1234 or GO-2026-1234."""
    reason: str = Field(min_length=15)
    until: date

    def covers(self, result: Result) -> bool:
        """Whether it is about this result. A scanner of images appends the package to the name."""
        return result.rule == self.id or result.rule.startswith(f"{self.id}-")


_FILE = TypeAdapter(tuple[Accepted, ...])


def read(file: Path = FILE, today: date | None = None) -> tuple[Accepted, ...]:
    """What is accepted today. Raises `ScanError` where one has ended: somebody has to look again."""
    try:
        listed = _FILE.validate_python(yaml.safe_load(file.read_text()) or ())
    except (yaml.YAMLError, ValidationError) as error:
        raise ScanError(
            f"got {file.name} of another form ({error}); wanted a list of id, reason and until"
        ) from error
    now = today or datetime.now(UTC).date()
    if over := [one for one in listed if one.until < now]:
        names = ", ".join(f"{one.id} (until {one.until})" for one in over)
        raise ScanError(
            f"got {names} in {file.name}, wanted nothing that has ended: look whether it is mended, "
            "then take the entry out or give it a new day and reason"
        )
    return listed


def suppress(document: Document, accepted: Sequence[Accepted]) -> None:
    """Note in the document what is accepted and why; code hosts show it as dismissed."""
    for result in document.results:
        for one in accepted:
            if one.covers(result):
                result.suppressions = [{"kind": "external", "justification": one.reason}]
