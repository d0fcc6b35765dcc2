"""Running a scanner to its end, and telling apart what it found from why it could not look."""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from toolchain import builds
from toolchain.commands import OnLine
from toolchain.faults import MendableError
from toolchain.paths import PROJECT, Paths

TAIL: Final = 12
_TRACEBACK: Final = "Traceback (most recent call last):"
_UNREACHABLE: Final = re.compile(
    r"no such host|Failed to resolve|Name or service not known|Temporary failure in name resolution"
    r"|[Cc]onnection ?([Rr]efused|[Rr]eset|[Ee]rror)|[Tt]imed? ?out|deadline exceeded|network is unreachable"
    r"|unable to download listing|Could not connect|certificate|proxyconnect"
    r"|unrecognized vulndb format|database does not exist|the vulnerability database was built"
)
"""What scanners say when their database cannot be asked, or is too old to be believed."""


class ScanError(MendableError):
    """A scanner did not do its work: nothing is known of what it should have looked at."""


class UnreachableError(ScanError):
    """A scanner's database cannot be asked from here."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a scanner printed."""

    code: int
    stdout: str
    stderr: str


def run(
    command: Sequence[str],
    *,
    ends_with: Collection[int] = (0,),
    reach: str = "",
    folder: Path = PROJECT,
    variables: Mapping[str, str] | None = None,
) -> Output:
    """Run a scanner; any other exit code than `ends_with` is raised as what it means.

    `reach`: what to set so that it finds its database, told where it does not.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    output = Output(code=done.returncode, stdout=done.stdout, stderr=done.stderr)
    if done.returncode not in ends_with:
        raise failure(Path(command[0]).name, output, reach)
    return output


def failure(name: str, output: Output, reach: str) -> ScanError:
    """Why a scanner did not do its work, in its own last words."""
    said = _last_words(output.stderr.strip() or output.stdout.strip() or "(nothing)")
    words = "".join(f"\n  {line}" for line in said)
    if reach and _UNREACHABLE.search("\n".join(said)):
        return UnreachableError(
            f"{name} cannot ask its database; it said:{words}\nWanted the database within reach: "
            f"{reach}. Where it is out of reach on purpose, UNCHECKED=allow leaves this one out"
        )
    return ScanError(
        f"{name} ended with {output.code}, wanted one of its codes for a finished scan; it said:{words}"
    )


def _last_words(text: str) -> list[str]:
    _, traceback, last = text.rpartition(_TRACEBACK)
    # Of a Python program's traceback only the error itself tells anything.
    lines = [line for line in last.splitlines() if not (traceback and line.startswith(" "))]
    return [line for line in lines if line.strip()][-TAIL:]


def built(name: str, paths: Paths, on_line: OnLine) -> str:
    """A scanner of the toolchain's table, built if need be."""
    return str(builds.build(name, on_line, paths=paths))


def installed(name: str) -> str:
    """A scanner that the Python environment brings as a program."""
    scripts = sysconfig.get_path("scripts")
    found = shutil.which(name, path=f"{scripts}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    if found is None:
        raise ScanError(
            f"got no {name} in {scripts}, wanted it from requirements.lock: remove .venv and run the "
            "same command again"
        )
    return found
