"""A rehearsal of production, from nothing to nothing, and the report on it."""

from toolchain.cli.actions import say
from toolchain.paths import PROJECT, Paths
from toolchain.rehearsal import report
from toolchain.rehearsal.rehearsal import perform
from toolchain.rehearsal.workspace import Settings


def rehearse(stack: str) -> None:
    """Rehearse the stack and write the report."""
    paths = Paths.from_environment()
    rehearsal = perform(Settings.read(stack), paths, say, paths.root / "rehearsal")
    for act in rehearsal.acts:
        say(f"{act.title}: {act.summary} ({act.seconds:.0f} s)")
    say(f"report: {report.write(rehearsal, PROJECT / 'reports')}")
