"""Which Pulumi runs: one that is installed, else the one the toolchain builds."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toolchain.paths import Paths

LANGUAGE_HOST = "pulumi-language-python"


@dataclass(frozen=True)
class Pulumi:
    """A Pulumi command."""

    binary: Path
    official: bool
    """It came with its own language host, and fetches plugins by itself."""


def find_pulumi(paths: Paths, environment: Mapping[str, str] = os.environ) -> Pulumi:
    """The official CLI if PATH has one, else the toolchain's, which may have yet to be built."""
    for folder in environment.get("PATH", "").split(os.pathsep):
        # Once `make env` is in effect our own build is on PATH as well.
        if folder and Path(folder) != paths.bin:
            found = shutil.which("pulumi", path=folder)
            if found and _is_official(Path(found)):
                return Pulumi(Path(found), official=True)
    return Pulumi(paths.bin / "pulumi", official=False)


def _is_official(binary: Path) -> bool:
    """Official distributions keep the language hosts beside the binary, behind any symlink."""
    return (binary.resolve().parent / LANGUAGE_HOST).exists()
