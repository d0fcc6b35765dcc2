"""Keeping `Pulumi.<stack>.yaml`, which is committed, free of what belongs to one machine.

Encrypting with a passphrase, Pulumi keeps an `encryptionsalt` in the stack's settings file and
rewrites the file whenever that is missing; no setting of the CLI prevents it. The passphrase is
this machine's own, so the salt means nothing on another. The state holds the salt too. So:

- the line is written here, from the state, and Pulumi finds nothing to rewrite;
- git does not see it: the clean filter named in `.gitattributes` takes it out.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILTER = "pulumi-stack-settings"
KEY = "encryptionsalt:"


@dataclass(frozen=True)
class Stack:
    """A stack of a project, with its state in a folder."""

    project: Path
    name: str
    state: Path

    @property
    def settings(self) -> Path:
        return self.project / f"Pulumi.{self.name}.yaml"

    @property
    def checkpoint(self) -> Path:
        """Where Pulumi's file backend keeps the stack."""
        named = yaml.safe_load((self.project / "Pulumi.yaml").read_text())["name"]
        return self.state / ".pulumi" / "stacks" / str(named) / f"{self.name}.json"


def without_salt(settings: str) -> str:
    """The settings as they are committed."""
    lines = settings.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(KEY))


def with_salt(settings: str, salt: str | None) -> str:
    """The settings as Pulumi wants them on the machine `salt` is from."""
    bare = without_salt(settings)
    if salt is None:
        return bare
    if bare and not bare.endswith("\n"):
        bare += "\n"
    return f"{bare}{KEY} {salt}\n"


def salt_in_state(stack: Stack) -> str | None:
    """The salt the stack's secrets are encrypted with; None if there is no such stack yet."""
    if not stack.checkpoint.exists():
        return None
    document: dict[str, Any] = json.loads(stack.checkpoint.read_text())
    latest: dict[str, Any] = document["checkpoint"].get("latest") or {}
    provider: dict[str, Any] = latest.get("secrets_providers") or {}
    return str(provider["state"]["salt"]) if provider.get("type") == "passphrase" else None


def settle(stack: Stack, committed: str | None = None) -> None:
    """Give the settings file the salt of this machine's state, and no other, unseen by git.

    `committed` is the file's text to start from, where Pulumi has rewritten it in the meantime.
    A stack that `.gitattributes` does not name is left alone: its salt is its team's.
    """
    inside = not _git(stack.project, "rev-parse", "--is-inside-work-tree").returncode
    if inside and not _filtered(stack):
        return
    before = stack.settings.read_text()
    after = with_salt(before if committed is None else committed, salt_in_state(stack))
    if after != before:
        stack.settings.write_text(after)
    if inside:
        _hide(stack)


def _filtered(stack: Stack) -> bool:
    answer = _git(stack.project, "check-attr", "filter", "--", stack.settings.name).stdout
    return answer.strip().endswith(f": {FILTER}")


def _hide(stack: Stack) -> None:
    for key, value in {
        f"filter.{FILTER}.clean": f"sed '/^{KEY}/d'",
        f"filter.{FILTER}.smudge": "cat",
    }.items():
        if _git(stack.project, "config", "--local", key).stdout.strip() != value:
            _git(stack.project, "config", "--local", key, value).check_returncode()
    # Git takes another size for another content before it asks the filter; once it has noted the
    # size with the salt, it asks. Noted only where the content is that of the index already.
    touched = _git(stack.project, "diff-files", "--quiet", "--", stack.settings.name).returncode
    if touched and not _git(stack.project, "diff", "--quiet", "--", stack.settings.name).returncode:
        _git(stack.project, "update-index", "--", stack.settings.name).check_returncode()


def _git(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(project), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
