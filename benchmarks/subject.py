"""What is measured: a program, and how long its preview takes."""

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Subject:
    """A program whose preview is measured."""

    folder: Path
    stack: str
    flags: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def preview(self) -> float:
        """Seconds that one preview takes, by the clock on the wall."""
        began = time.monotonic()
        self.pulumi("preview", "--stack", self.stack, *self.flags)
        return time.monotonic() - began

    def pulumi(self, *arguments: str) -> str:
        """What a Pulumi command of this project prints. Ends the benchmark when it fails."""
        command = ["pulumi", *arguments, "--non-interactive"]
        environment = {**os.environ, **self.variables}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(
                f"error: `{' '.join(command)}` in {self.folder} ended with {done.returncode}, "
                f"wanted 0; run: make up\n{done.stdout}{done.stderr}"
            )
        return done.stdout
