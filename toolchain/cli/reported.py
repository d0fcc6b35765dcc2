"""Reports on what changes, made of previews: `make preview-report`, `make drift-report`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from review import gates
from toolchain.cli import recipes
from toolchain.cli.lock import alone
from toolchain.cli.runner import INTERRUPTED, Runner
from toolchain.cli.stack import named
from toolchain.cli.steps import Step
from toolchain.paths import PROJECT, Paths
from toolchain.previews.plan import deployed, folder_of, unmade

REPORTS: Final = Path("reports")
"""Seen from the project's folder."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A report that is asked for."""

    stacks: Sequence[str]
    base: str = ""
    """Branch or commit to compare with; empty where it is to be found."""
    fail_on: str = ""
    folder: Path = REPORTS / "preview"
    again: str = "make preview-report"


def on_change(wanted: Wanted, console: Console) -> int:
    """Preview the stacks and write the report: the exit code, which a gate of `fail_on` decides."""
    paths = Paths.from_environment()
    for stack in wanted.stacks:
        named(stack, paths)
    gates.parse(wanted.fail_on)
    with alone(paths, wanted.again, console):
        shutil.rmtree(PROJECT / wanted.folder, ignore_errors=True)
        for stack in wanted.stacks:
            shutil.rmtree(folder_of(stack, paths), ignore_errors=True)
        try:
            _run(recipes.previews(wanted.stacks, wanted.base, paths), wanted.again, paths, console)
        except SystemExit as ended:
            if ended.code == INTERRUPTED:
                raise
            # What could be previewed is told, and what could not is told as that.
            for stack in wanted.stacks:
                if not folder_of(stack, paths).exists():
                    unmade(stack, paths, "the toolchain that previews it could not be built")
        return _write(wanted, paths)


def on_drift(stack: str, fail_on: str, console: Console) -> int:
    """Compare what is deployed with what the program says, and write the report."""
    paths = Paths.from_environment()
    folder = REPORTS / "drift"
    shutil.rmtree(PROJECT / folder, ignore_errors=True)
    if not deployed(stack, paths):
        _tell_undeployed(stack, console)
        return 0
    wanted = Wanted(stacks=[stack], fail_on=fail_on, folder=folder)
    again = f"make drift-report STACK={stack}"
    gates.parse(fail_on)
    with alone(paths, again, console):
        _run(recipes.drift(stack, paths), again, paths, console)
        return _write(wanted, paths)


def _tell_undeployed(stack: str, console: Console) -> None:
    told = (
        f"no backend has stack {stack}, so nothing can have drifted; set PULUMI_BACKEND_URL to the "
        "one that has"
    )
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(f"::notice::{told}")
    else:
        console.print(told, soft_wrap=True)


def _run(steps: list[Step], again: str, paths: Paths, console: Console) -> None:
    Runner(console=console, paths=paths, again=again).run(steps, keep_going=True)


def _write(wanted: Wanted, paths: Paths) -> int:
    runs = [word for stack in wanted.stacks for word in ("--run", str(folder_of(stack, paths)))]
    gates = ["--fail-on", wanted.fail_on] if wanted.fail_on else []
    command = [sys.executable, "-m", "review", "report", *runs, "--out", str(wanted.folder), *gates]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode
