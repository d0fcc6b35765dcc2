"""What a job shows of itself: its summary, its outputs, its annotations."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from review.hosting.errors import SettingError
from review.hosting.writing import cut

LIMIT: Final = 1024 * 1024
"""Bytes that GitHub takes as one step's summary."""
_ROOM: Final = 512
"""Bytes left for what ends a report that is cut."""


class Weight(StrEnum):
    """How an annotation is shown; the words are those of workflow commands."""

    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Job:
    """The files and lines by which a step speaks to GitHub Actions. Elsewhere it says things plainly."""

    actions: bool = False
    summary: Path | None = None
    outputs: Path | None = None

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        def path(name: str) -> Path | None:
            return Path(variables[name]) if variables.get(name) else None

        return cls(
            actions=variables.get("GITHUB_ACTIONS") == "true",
            summary=path("GITHUB_STEP_SUMMARY"),
            outputs=path("GITHUB_OUTPUT"),
        )

    def add(self, report: str) -> None:
        """Put a report into the job's summary, below what is there; cut where it has no room."""
        if self.summary is None:
            raise SettingError(
                "got no GITHUB_STEP_SUMMARY in the environment, wanted the file of the job's summary: "
                "run this in GitHub Actions, or set it to a file"
            )
        there = self.summary.stat().st_size if self.summary.exists() else 0
        text = _within_bytes(report, LIMIT - there)
        with self.summary.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n" if there else f"{text}\n")

    def tell(self, values: Mapping[str, str]) -> None:
        """Outputs for later steps, one line each."""
        if self.outputs is None:
            return
        with self.outputs.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={' '.join(text.split())}\n" for name, text in values.items())

    def annotation(self, weight: Weight, text: str) -> str:
        """A line for the job's log that GitHub shows with the run."""
        if not self.actions:
            return f"{weight}: {text}"
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        return f"::{weight} title=Preview::{escaped}"


def _within_bytes(report: str, limit: int) -> str:
    size = len(report.encode())
    if size + 2 <= limit:
        return report
    room = max(limit - _ROOM, 0)
    # Characters of which all may be as wide as the widest.
    shorter = cut(report, room * len(report) // size)
    while len(shorter.encode()) > room and shorter:
        shorter = cut(report, int(len(shorter) * 0.9))
    return shorter
