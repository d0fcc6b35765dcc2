"""The base that a change is measured against: a commit, and the program as it is there."""

import io
import os
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from toolchain.faults import MendableError
from toolchain.paths import PROJECT

NOTHING: Final = "nothing"
"""Named as the base, it stands for an empty stack: everything is created."""
DEFAULTS: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
"""Where a repository keeps what a change is made for, the surest first."""


class RevisionError(MendableError):
    """The base is not in this clone."""


@dataclass(frozen=True)
class Revision:
    """A commit of this repository."""

    commit: str
    name: str
    """What people call it, such as `main`."""
    project: Path = PROJECT

    @property
    def phrase(self) -> str:
        """For a report: `main at 1a2b3c4`."""
        return f"{self.name} at {self.commit[:7]}"

    def has(self, path: str) -> bool:
        """Whether the commit has this file."""
        return _git(self.project, "cat-file", "-e", f"{self.commit}:{path}").returncode == 0

    def extract(self, folder: Path, *paths: str) -> None:
        """Write what the commit has of these paths into `folder`."""
        there = [path for path in paths if self.has(path)]
        folder.mkdir(parents=True, exist_ok=True)
        command = ["git", "-C", str(self.project), "archive", "--format=tar", self.commit, *there]
        packed = subprocess.run(command, capture_output=True, check=False)
        if packed.returncode:
            raise RevisionError(
                f"got no files of {self.phrase} ({packed.stderr.decode(errors='replace').strip()}), "
                "wanted the program as it is there; fetch it: git fetch origin"
            )
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tar:
            tar.extractall(folder, filter="data")


def base(
    named: str | None = None, environment: Mapping[str, str] = os.environ, project: Path = PROJECT
) -> Revision | None:
    """Where the change began. `named` is a branch, tag or commit, or `nothing`; None finds it.

    On a pull request it is told by the environment, elsewhere it is the default branch. The change
    is measured from where it left that branch, so that what the branch got since is not shown; what
    is named is taken as it is. Raises `RevisionError` where this clone does not have it.
    """
    if named == NOTHING:
        return None
    wanted = [named] if named else _told(environment) or list(DEFAULTS)
    for name in wanted:
        found = _git(
            project, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"
        ).stdout.strip()
        if found:
            if named:
                return Revision(found, named, project)
            forked = _git(project, "merge-base", "HEAD", found).stdout.strip()
            if not forked:
                raise RevisionError(
                    f"got {name}, which has no commit in common with this one in this clone, wanted the "
                    "one that the change left; fetch the history: git fetch --unshallow"
                )
            return Revision(forked, _branch(name, project), project)
    raise RevisionError(
        f"got no commit {' or '.join(wanted)} in this clone, wanted what the change is measured against; "
        f"fetch it (in CI: a clone with its history), or name another: BASE=<branch> or BASE={NOTHING}"
    )


def here(environment: Mapping[str, str] = os.environ, project: Path = PROJECT) -> str:
    """What is previewed, for a report: the commit, and whether more than it; empty outside of git.

    A pull request's run has it merged with its base: what its author knows is the commit before that.
    """
    merged = environment.get("GITHUB_EVENT_NAME") == "pull_request"
    told = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or ("HEAD^2" if merged else "HEAD")
    for name in (told, "HEAD"):
        commit = _git(project, "rev-parse", "--verify", "--quiet", "--short=7", name).stdout.strip()
        if commit:
            changed = _git(project, "diff", "--quiet", "HEAD").returncode
            return f"{commit} and what is not committed" if changed else commit
    return ""


def _branch(name: str, project: Path) -> str:
    """What people call it: `origin/HEAD` is a branch by another name."""
    known = _git(project, "rev-parse", "--abbrev-ref", name).stdout.strip()
    return (known or name).removeprefix("origin/")


def _told(environment: Mapping[str, str]) -> list[str]:
    if branch := environment.get("GITHUB_BASE_REF"):
        return [f"origin/{branch}"]
    # Of a merged result, the target's tip is a parent; what it got since is not the change's doing.
    for variable in ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        if commit := environment.get(variable):
            return [commit]
    return []


def _git(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(project), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
