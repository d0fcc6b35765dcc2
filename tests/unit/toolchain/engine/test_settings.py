"""Unit: a stack's settings file stays as committed, whatever this machine adds to it."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchain.engine.settings import Stack, salt_in_state, settle, with_salt, without_salt
from toolchain.paths import PROJECT

SALT = "v1:pAKIeAhpGP0=:v1:H7zkQh:2R=="
lines = st.lists(
    st.text(st.characters(codec="ascii", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e"))
)


@given(before=lines, after=lines)
def test_only_the_salt_is_taken_out(before: list[str], after: list[str]) -> None:
    head = "".join(f"  {line}\n" for line in before)
    tail = "".join(f"  {line}\n" for line in after)
    assert without_salt(f"{head}encryptionsalt: {SALT}\n{tail}") == head + tail


@given(lines)
def test_a_salt_that_is_put_in_comes_out_again(text: list[str]) -> None:
    committed = "".join(f"  {line}\n" for line in text)
    assert without_salt(with_salt(committed, SALT)) == committed


def test_a_new_salt_takes_the_place_of_the_old_one() -> None:
    assert with_salt("a: 1\nencryptionsalt: v1:old\n", "v1:new") == "a: 1\nencryptionsalt: v1:new\n"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: sample\n")
    (project / "Pulumi.dev.yaml").write_text("config:\n  a: 1\n")
    return Stack(project, "dev", tmp_path / "state")


def _encrypt_with(stack: Stack, salt: str) -> None:
    stack.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    provider = {"type": "passphrase", "state": {"salt": salt}}
    checkpoint = {"version": 3, "checkpoint": {"latest": {"secrets_providers": provider}}}
    stack.checkpoint.write_text(json.dumps(checkpoint))


@pytest.fixture
def clone(stack: Stack) -> Stack:
    git(stack, "init")
    git(stack, "config", "user.email", "test@example.org")
    git(stack, "config", "user.name", "Test")
    (stack.project / ".gitattributes").write_text((PROJECT / ".gitattributes").read_text())
    git(stack, "add", ".")
    git(stack, "commit", "-m", "first")
    return stack


def git(stack: Stack, *arguments: str) -> str:
    command = ["git", "-C", str(stack.project), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_before_there_is_a_stack_there_is_no_salt(stack: Stack) -> None:
    assert salt_in_state(stack) is None


def test_the_salt_of_a_cache_that_is_gone_is_dropped(stack: Stack) -> None:
    stack.settings.write_text(f"config:\n  a: 1\nencryptionsalt: {SALT}\n")
    settle(stack)
    assert stack.settings.read_text() == "config:\n  a: 1\n"


def test_outside_git_the_file_is_settled_all_the_same(stack: Stack) -> None:
    _encrypt_with(stack, SALT)
    settle(stack)
    assert stack.settings.read_text() == f"config:\n  a: 1\nencryptionsalt: {SALT}\n"


def test_git_sees_nothing_of_the_salt(clone: Stack) -> None:
    _encrypt_with(clone, SALT)
    settle(clone)
    assert SALT in clone.settings.read_text()
    assert git(clone, "status", "--porcelain") == ""
    assert SALT not in git(clone, "show", ":Pulumi.dev.yaml")


def test_git_sees_a_changed_value_beside_the_salt_and_keeps_it_unstaged(clone: Stack) -> None:
    _encrypt_with(clone, SALT)
    clone.settings.write_text("config:\n  a: 2\n")
    settle(clone)
    assert git(clone, "status", "--porcelain") == " M Pulumi.dev.yaml\n"
    assert SALT not in git(clone, "diff")


def test_what_was_staged_stays_staged(clone: Stack) -> None:
    clone.settings.write_text("config:\n  a: 2\n")
    git(clone, "add", ".")
    _encrypt_with(clone, SALT)
    settle(clone)
    assert git(clone, "status", "--porcelain") == "M  Pulumi.dev.yaml\n"
    assert git(clone, "show", ":Pulumi.dev.yaml") == "config:\n  a: 2\n"


def test_what_pulumi_reformatted_is_put_back(clone: Stack) -> None:
    committed = clone.settings.read_text()
    _encrypt_with(clone, SALT)
    clone.settings.write_text(f"config: {{a: 1}}\nencryptionsalt: {SALT}\n")
    settle(clone, committed)
    assert git(clone, "status", "--porcelain") == ""


def test_the_salt_of_a_teams_own_stack_is_left_alone(clone: Stack) -> None:
    prod = Stack(clone.project, "prod", clone.state)
    text = f"config:\n  a: 1\nencryptionsalt: {SALT}\n"
    prod.settings.write_text(text)
    settle(prod)
    assert prod.settings.read_text() == text
