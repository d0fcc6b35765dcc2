"""What people type: `python -m toolchain.builds list|build [tool…]`."""

import signal
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from toolchain import builds
from toolchain.build_errors import BuildError
from toolchain.build_recipe import version
from toolchain.build_table import TOOLS
from toolchain.build_timings import Timings
from toolchain.paths import Paths

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Builds tools from Go modules.")

QUIET = 15
"""Seconds between two lines where there is no terminal to draw a bar on."""

Names = Annotated[list[str] | None, typer.Argument(help="Tools; none means all of them.")]


@app.command("list")
def show() -> None:
    """Which tools there are, in which version, and which are built."""
    paths = Paths.from_environment()
    timings = Timings(paths.timings)
    table = Table("tool", "version", "built as", "from an empty cache")
    for tool in TOOLS.values():
        try:
            binary = builds.built(tool, paths)
            shown = binary.parent.name if binary else "-"
            table.add_row(tool.name, version(tool), shown, f"{timings.estimate(tool):.0f} s")
        except BuildError as error:
            table.add_row(tool.name, "?", str(error), "-")
    Console(soft_wrap=True).print(table)


@app.command("build")
def make(names: Names = None) -> None:
    """Build tools, one after the other, in the order of the table."""
    console = Console(stderr=True, soft_wrap=True)
    # A build in the background, and one that is told to end, clear up like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        wanted = [builds.named(name) for name in names or TOOLS]
        for tool in wanted:
            started = time.monotonic()
            binary = _build(tool.name, console)
            seconds = time.monotonic() - started
            print(f"{tool.name} {version(tool)} {seconds:.1f} s {binary}", flush=True)
    except BuildError as error:
        console.print(f"error: {error}", markup=False, style="red")
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        console.print("Interrupted. Run the same command again: it continues where it stopped.")
        raise typer.Exit(130) from error


def _build(name: str, console: Console) -> object:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(name, total=None)
        shown = 0.0

        def line(text: str) -> None:
            bars.update(task, description=f"{name}: {text}"[:70])

        def step(now: builds.Progress) -> None:
            nonlocal shown
            bars.update(task, total=now.seconds + now.left, completed=now.seconds)
            if not console.is_terminal and now.seconds >= shown + QUIET:
                shown = now.seconds
                console.print(
                    f"{name}: {now.compiled} of at most {now.packages} packages, "
                    f"{now.seconds:.0f} s, about {now.left:.0f} s left"
                )

        return builds.build(name, line, on_progress=step)
