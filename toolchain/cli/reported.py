"""Reports on what changes, made of previews: `make preview-report`, `make drift-report`."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from toolchain.cli import recipes
from toolchain.cli.lock import alone
from toolchain.cli.runner import Runner
from toolchain.cli.stack import named
from toolchain.cli.steps import Step
from toolchain.paths import PROJECT, Paths
from toolchain.previews.plan import folder_of

REPORTS: Final = Path("reports")
"""Seen from the project's folder."""


def on_change(stacks: Sequence[str], base: str, fail_on: str, console: Console) -> int:
    """Preview the stacks and write the report: the exit code, which a gate of `fail_on` decides."""
    paths = Paths.from_environment()
    for stack in stacks:
        named(stack, paths)
    again = f'make preview-report STACKS="{" ".join(stacks)}"'
    _run(recipes.previews(stacks, base, paths), again, paths, console)
    return _write(stacks, REPORTS / "preview", fail_on, paths)


def on_drift(stack: str, console: Console) -> int:
    """Compare the stack with what is really there and write the report: 3 when something has drifted."""
    paths = Paths.from_environment()
    named(stack, paths)
    _run(recipes.drift(stack, paths), f"make drift-report STACK={stack}", paths, console)
    return _write([stack], REPORTS / "drift", "change", paths)


def _run(steps: list[Step], again: str, paths: Paths, console: Console) -> None:
    with alone(paths, again, console):
        Runner(console=console, paths=paths, again=again).run(steps, keep_going=True)


def _write(stacks: Sequence[str], folder: Path, fail_on: str, paths: Paths) -> int:
    runs = [option for stack in stacks for option in ("--run", str(folder_of(stack, paths)))]
    gates = ["--fail-on", fail_on] if fail_on else []
    command = [sys.executable, "-m", "review", "report", *runs, "--out", str(folder), *gates]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode
