"""What a benchmark leaves: `reports/<name>.json` for programs and `reports/<name>.md` for people."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchain.paths import PROJECT

FOLDER = PROJECT / "reports"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number, and what it should stay under."""

    what: str
    value: float
    unit: str
    budget: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the budget is kept; without one, it is."""
        return self.budget is None or self.value <= self.budget


@dataclass(frozen=True, kw_only=True)
class Report:
    """The figures of one benchmark, and how they were taken."""

    name: str
    title: str
    method: str
    figures: Sequence[Figure]

    @property
    def kept(self) -> bool:
        """Whether all budgets are kept."""
        return all(figure.kept for figure in self.figures)

    def write(self, folder: Path = FOLDER) -> None:
        """Both files."""
        folder.mkdir(parents=True, exist_ok=True)
        machine = {"cores": os.cpu_count(), "kernel": platform.release()}
        document = {**asdict(self), "machine": machine, "kept": self.kept}
        (folder / f"{self.name}.json").write_text(json.dumps(document, indent=2) + "\n")
        (folder / f"{self.name}.md").write_text(self.markdown())

    def markdown(self) -> str:
        """For people."""
        rows = "\n".join(_row(figure) for figure in self.figures)
        return (
            f"# {self.title}\n\n{self.method} Measured on {os.cpu_count()} cores.\n\n"
            f"| what | measured | budget |\n|---|---:|---:|\n{rows}\n"
        )


def _row(figure: Figure) -> str:
    budget = "" if figure.budget is None else f"{figure.budget:g} {figure.unit}"
    mark = "" if figure.kept else " ✗"
    return f"| {figure.what} | {figure.value:.2f} {figure.unit}{mark} | {budget} |"
