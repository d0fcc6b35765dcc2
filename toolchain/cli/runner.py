"""Runs a recipe for a person: shows it, notes its times, and tells what to do when it fails."""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.markup import escape

from toolchain.cli import estimate
from toolchain.cli.display import ESCAPES, display
from toolchain.cli.schedule import ProcessLauncher, Progress, Schedule
from toolchain.cli.steps import Result, State, Step
from toolchain.paths import PROJECT, Paths

TAIL = 25
INTERRUPTED = 130
"""What a shell reports of a program that Ctrl-C ended."""
FAULT = "error: "
"""How a step's own last word begins when it knows what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A recipe that went through."""

    results: Sequence[Result]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Where and how recipes are run."""

    console: Console
    paths: Paths
    again: str
    """The command that a person would type to go on."""

    @property
    def _times(self) -> Path:
        return self.paths.root / "steps.json"

    def run(self, steps: Sequence[Step], *, keep_going: bool = False, closing: bool = False) -> Run:
        """Run all steps. Raises `SystemExit` when one failed or somebody interrupted it."""
        noted = estimate.measured(self._times)
        cores = os.cpu_count() or 1
        progress = Progress(steps, estimate.estimates(steps, noted), cores)
        launcher = ProcessLauncher(self.paths.logs, PROJECT)
        view = display(self.console, progress, launcher.log, closing=closing)
        schedule = Schedule(progress, launcher, view, keep_going=keep_going)

        async def shown() -> list[Result]:
            async with view.shown():
                return await schedule.run()

        # Whoever ends us with another signal than Ctrl-C wants no orphans either.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            results = asyncio.run(shown())
        except KeyboardInterrupt:
            self.console.print(
                f"\nInterrupted. [bold]{self.again}[/] continues where it stopped.", soft_wrap=True
            )
            raise SystemExit(INTERRUPTED) from None
        finally:
            ended = progress.results.values()
            times = {r.step.name: r.seconds for r in ended if r.state is State.DONE}
            estimate.note(self._times, times)
        failed = [result for result in results if result.state is State.FAILED]
        for result in failed:
            self._explain(result, launcher.log(result.step))
        if failed or len(results) < len(steps):
            raise SystemExit(1)
        return Run(results=results, seconds=progress.elapsed)

    def _explain(self, result: Result, log: Path) -> None:
        self.console.print(
            f"\n[bold red]✗ {escape(result.step.title)}[/] failed with exit code {result.code}:",
            soft_wrap=True,
        )
        for line in last_words(log.read_text(errors="replace")):
            self.console.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
        self.console.print(
            f"Its whole output: {log}\nOnce that is mended: [bold]{self.again}[/]",
            soft_wrap=True,
        )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


def last_words(output: str) -> list[str]:
    """What of a failed step's output is worth showing: its own explanation, else the end."""
    lines = [line.rstrip() for line in ESCAPES.sub("", output).splitlines()]
    explained = [number for number, line in enumerate(lines) if line.startswith(FAULT)]
    if explained:
        return lines[explained[-1] :]
    return [line for line in lines if line][-TAIL:] or ["(it printed nothing)"]
