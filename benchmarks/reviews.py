"""Reports on changes such as pull requests make, by the real engine, and how long each takes.

They are left in `reports/reviews/` to be looked at. The one that people wait for, of both stacks as
they are, is run as they run it.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.changes import CHANGES, Change, many_agents, nothing, tree
from benchmarks.report import FOLDER, Figure, Report
from review.run import Run
from toolchain.paths import PROJECT, Paths
from toolchain.previews.baseline import Baseline, recorded
from toolchain.previews.plan import preview_tree
from toolchain.previews.revision import here

STACKS: Final = ("dev", "prod")
BUDGET: Final = 30.0
"""Seconds for both stacks as they are, the base known, on two cores."""
HERE: Final = "the program as it is"
EMPTY: Final = Baseline("nothing")


def report(name: str, change: Change, stacks: Sequence[str], before: dict[str, Baseline]) -> float:
    """Preview the changed program against `before` and write the report: seconds for all of it."""
    with tempfile.TemporaryDirectory(prefix="agent-platform-") as scratch:
        head = tree(Path(scratch) / "head", change)
        began = time.monotonic()
        folders: list[str] = []
        for stack in stacks:
            found = before.get(stack, EMPTY)
            folder = Path(scratch) / stack
            paths = Paths.from_environment()
            code = preview_tree(head, stack, found, folder=folder, paths=paths, say=_quiet)
            Run(stack=stack, code=code, commit=here(), compared_with=found.phrase).write(folder)
            folders += ["--run", str(folder)]
        out = FOLDER / "reviews" / name
        command = [sys.executable, "-m", "review", "report", *folders, "--out", str(out)]
        done = subprocess.run(command, cwd=PROJECT, check=False)
        if done.returncode not in {0, 1}:
            raise SystemExit(f"error: the report {name} could not be made ({done.returncode})")
        return time.monotonic() - began


def main() -> int:
    """Make every report; 1 when the budget is not kept."""
    paths = Paths.from_environment()
    with tempfile.TemporaryDirectory(prefix="agent-platform-") as scratch:
        here = tree(Path(scratch) / "here", nothing)
        before = {s: Baseline(HERE, recorded(here, s, paths, _quiet)) for s in STACKS}
    seconds = {name: report(name, change, STACKS, before) for name, change in CHANGES.items()}
    for stack in STACKS:
        seconds[f"creation of {stack}"] = report(f"creation-{stack}", nothing, [stack], {})
    seconds["500 agents"] = report("500-agents", many_agents, ["prod"], {})
    waited = [_as_people_do() for _ in range(2)][-1]
    figures = [
        Figure(what="make preview-report, the base known", value=waited, unit="s", budget=BUDGET),
        *(Figure(what=name, value=value, unit="s") for name, value in seconds.items()),
    ]
    written = Report(
        name="reviews",
        title="Reports on changes",
        method=(
            "Each once, both stacks one after the other unless one is named; the command as people run "
            "it, the second time, both at once."
        ),
        figures=figures,
    )
    written.write()
    print(", ".join(f"{figure.what} {figure.value:.0f} s" for figure in figures))
    return 0 if written.kept else 1


def _as_people_do() -> float:
    began = time.monotonic()
    subprocess.run(["make", "preview-report"], cwd=PROJECT, check=True)
    return time.monotonic() - began


def _quiet(_: str) -> None:
    """Nobody waits for lines."""


if __name__ == "__main__":
    sys.exit(main())
