"""Everything that has to be there before Pulumi runs a stack on this machine."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from toolchain.engine.cli import Pulumi
from toolchain.engine.environment import (
    create_passphrase,
    own_backend,
    passphrase_file,
    variables,
)
from toolchain.engine.installation import install
from toolchain.engine.settings import Stack, settle
from toolchain.faults import MendableError
from toolchain.paths import PROJECT, Paths


class PreparationError(MendableError):
    """A stack cannot be run here; says what was got, what was wanted and how to mend it."""


def prepare(
    pulumi: Pulumi,
    paths: Paths,
    stack: str = "dev",
    *,
    environment: Mapping[str, str] = os.environ,
    project: Path = PROJECT,
) -> dict[str, str]:
    """Make what is missing; returns the variables to run `pulumi` with, over `environment`.

    A stack in our own backend is created, so that `pulumi up -s <stack>` finds it; one in a
    backend of the user's is the user's to create.
    """
    if not pulumi.official:
        install(paths, environment)
    chosen = variables(pulumi, paths, environment)
    if own_backend(environment, paths):
        paths.state.mkdir(parents=True, exist_ok=True)
        create_passphrase(passphrase_file(paths))
        kept = Stack(project, stack, paths.state)
        if not kept.settings.exists():
            known = sorted(file.suffixes[0][1:] for file in project.glob("Pulumi.*.yaml"))
            raise PreparationError(
                f"got stack {stack!r}, but {kept.settings} does not exist; wanted one of "
                f"{', '.join(known) or 'none there are'}. Name one, or write its settings."
            )
        committed = kept.settings.read_text()
        settle(kept)
        if pulumi.binary.exists() and not kept.checkpoint.exists():
            _create(pulumi, kept, {**environment, **chosen})
            settle(kept, committed)
    return chosen


def _create(pulumi: Pulumi, stack: Stack, environment: Mapping[str, str]) -> None:
    command = [str(pulumi.binary), "stack", "init", stack.name, "--non-interactive", "--no-select"]
    result = subprocess.run(
        command, cwd=stack.project, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise PreparationError(
            f"`{' '.join(command)}` in {stack.project} ended with {result.returncode}, wanted 0: "
            f"{(result.stderr or result.stdout).strip()}"
        )
