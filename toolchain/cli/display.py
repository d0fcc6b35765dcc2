"""What a person sees of a run: a live screen on a terminal, plain lines everywhere else."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from toolchain.cli.estimate import duration, roughly
from toolchain.cli.schedule import Progress, Watcher
from toolchain.cli.steps import Result, State, Step

FRAME = 0.25
"""Seconds between two pictures on a terminal."""
HEARTBEAT = 15.0
"""Seconds between two signs of life in a log."""
SAID = 300
"""Characters of a step's last line in a log."""
REMARKS = ("note: ", "warning: ")
"""How a line of a step's output begins that is for the person who runs it, even if all goes well."""
MARKS = {
    State.DONE: ("✓", "green"),
    State.FAILED: ("✗", "bold red"),
    State.STOPPED: ("■", "yellow"),
}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LogOf = Callable[[Step], Path]


def last_line(log: Path) -> str:
    """The last line with something on it that a step wrote so far."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - 2000))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    lines = [line.strip() for line in ESCAPES.sub("", text).splitlines()]
    return next((line for line in reversed(lines) if line), "")


def remarks(log: Path) -> list[str]:
    """What a step noted for whoever runs it, each once."""
    if not log.exists():
        return []
    lines = log.read_text(errors="replace").splitlines()
    return list(dict.fromkeys(line for line in lines if line.startswith(REMARKS)))


class Display(Watcher):
    """Tells of a run while it goes on."""

    def __init__(
        self, console: Console, progress: Progress, log: LogOf, *, closing: bool = False
    ) -> None:
        """With `closing`, a step that is done shows the last line it wrote."""
        self.console = console
        self.progress = progress
        self.log = log
        self.closing = closing

    def started(self, step: Step) -> None:
        """A step begins."""

    def ended(self, result: Result) -> None:
        """A step is through; what was unchanged is not worth a line."""
        if result.state not in MARKS:
            return
        mark, style = MARKS[result.state]
        line = Text.assemble(
            (f"{mark} ", style), f"{result.step.title:<40} {duration(result.seconds):>12}"
        )
        if self.closing and result.state is not State.STOPPED:
            line.append(f"   {last_line(self.log(result.step)).strip('= ')}", "dim")
        self.console.print(line, soft_wrap=True)
        for remark in remarks(self.log(result.step)):
            self.console.print(f"  {remark}", style="yellow", soft_wrap=True, markup=False)

    def picture(self) -> None:
        """Called now and then while steps run."""

    def period(self) -> float:
        """Seconds between two pictures."""
        return HEARTBEAT

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        """While in here, pictures are shown."""
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self.period())
            self.picture()

    def _running(self) -> list[Step]:
        return [step for step in self.progress.steps if step.name in self.progress.begun]


class Lines(Display):
    """One line per event, and one now and then, for logs and pipes."""

    def started(self, step: Step) -> None:
        """A step begins."""
        estimate = roughly(self.progress.estimates[step.name])
        self.console.print(f"… {step.title:<40} {estimate}", soft_wrap=True, highlight=False)

    def picture(self) -> None:
        """How far it is."""
        steps = self._running()
        running = ", ".join(
            f"{step.title} ({duration(self.progress.running_for(step))})" for step in steps
        )
        # Of one step alone there is room to say what it is at.
        now = f": {last_line(self.log(steps[0]))[:SAID]}" if len(steps) == 1 else ""
        self.console.print(
            f"  {self.progress.fraction():4.0%}, {roughly(self.progress.remaining())} left: {running}{now}",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )


class Screen(Display):
    """The steps that run now, and a bar with the time that is left, redrawn in place."""

    def __init__(
        self, console: Console, progress: Progress, log: LogOf, *, closing: bool = False
    ) -> None:
        """As `Display`."""
        super().__init__(console, progress, log, closing=closing)
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def period(self) -> float:
        """Seconds between two pictures."""
        return FRAME

    def picture(self) -> None:
        """Draw."""
        self._live.update(self._drawing(), refresh=True)

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        """While in here, the terminal's last lines are ours."""
        with self._live:
            async with super().shown():
                yield
            self._live.update(Text(""), refresh=True)

    def _drawing(self) -> RenderableType:
        rows = Table.grid(padding=(0, 1), expand=True)
        rows.add_column(no_wrap=True)
        rows.add_column(no_wrap=True, justify="right")
        rows.add_column(no_wrap=True, overflow="ellipsis", style="dim", ratio=1)
        for step in self._running():
            elapsed = duration(self.progress.running_for(step))
            rows.add_row(Text(f"… {step.title}", "cyan"), elapsed, Text(last_line(self.log(step))))
        fraction = self.progress.fraction()
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            ProgressBar(total=1, completed=fraction, width=40, complete_style="cyan"),
            f"{fraction:4.0%}",
            f"{duration(self.progress.elapsed)} gone, {roughly(self.progress.remaining())} left",
        )
        return Group(rows, bar)


def display(console: Console, progress: Progress, log: LogOf, *, closing: bool = False) -> Display:
    """What suits where the output goes."""
    kind = Screen if console.is_terminal else Lines
    return kind(console, progress, log, closing=closing)
