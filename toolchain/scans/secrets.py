"""Secrets in the files and in all that git remembers, by gitleaks."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from toolchain.commands import OnLine
from toolchain.paths import PROJECT, Paths
from toolchain.scans import sarif
from toolchain.scans.programs import ScanError, built, run

RULES: Final = PROJECT / "toolchain" / "scans" / "gitleaks.toml"
LEAKS: Final = 3
"""The exit code for a finding, told apart from 1 for a scan that went wrong."""


def scan_history(paths: Paths, on_line: OnLine, project: Path = PROJECT) -> sarif.Document:
    """What was ever committed: a secret stays known after the file is mended."""
    if _git(project, "rev-parse", "--is-shallow-repository") != "false":
        raise ScanError(
            f"got {project} without its whole history, wanted all of it: git fetch --unshallow, or "
            "`fetch-depth: 0` where actions/checkout made it"
        )
    # Of this branch: what stands on somebody else's is found there.
    return _scan("git", project, paths, on_line, "--log-opts", "--full-history HEAD")


def scan_files(paths: Paths, on_line: OnLine, project: Path = PROJECT) -> sarif.Document:
    """What is here and not ignored, committed or not."""
    listed = _git(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = [name for name in listed.split("\0") if name]
    with tempfile.TemporaryDirectory() as folder:
        # A copy: the scanner would walk environments and caches that git ignores as well.
        for name in names:
            source = project / name
            if source.is_file() and not source.is_symlink():
                target = Path(folder) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        return _scan("dir", Path(folder), paths, on_line)


def _scan(what: str, folder: Path, paths: Paths, on_line: OnLine, *options: str) -> sarif.Document:
    command: Sequence[str] = (
        *(built("gitleaks", paths, on_line), what, ".", *options),
        *("--config", str(RULES), "--exit-code", str(LEAKS)),
        # A report that shows the secret would be the next leak.
        *(
            "--redact",
            "--no-banner",
            "--no-color",
            "--report-format",
            "sarif",
            "--report-path",
            "-",
        ),
    )
    output = run(command, ends_with=(0, LEAKS), folder=folder)
    document = sarif.parse("gitleaks", output.stdout)
    if (output.code == LEAKS) != bool(document.results):
        raise ScanError(
            f"got {len(document.results)} findings of gitleaks and its exit code {output.code}, wanted "
            "both to say the same"
        )
    return sarif.graven(document)


def _git(project: Path, *arguments: str) -> str:
    return run(["git", *arguments], folder=project).stdout.strip("\n")
