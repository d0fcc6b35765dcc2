"""Unit tier: of two commands at once, the second waits and is told for whom."""

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from toolchain.cli.lock import alone
from toolchain.paths import PROJECT, Paths


def test_a_command_that_waits_says_for_whom(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "cache")
    output = io.StringIO()
    waiting = f"""
from pathlib import Path
from rich.console import Console
from toolchain.cli.lock import alone
from toolchain.paths import Paths
with alone(Paths(Path({str(paths.root)!r})), "make down", Console(width=200)):
    print("mine", flush=True)
"""
    with alone(paths, "make up", Console(file=output)):
        second = subprocess.Popen(
            [sys.executable, "-c", waiting], cwd=PROJECT, stdout=subprocess.PIPE, text=True
        )
        assert second.stdout is not None
        assert f"Waiting for `make up` (process {os.getpid()})" in second.stdout.readline()
    with second:
        assert second.stdout.readline() == "mine\n"
    assert second.returncode == 0
    assert output.getvalue() == ""
