"""A stack's committed settings file and its secrets, on one machine and the next."""

import shutil
from collections.abc import Callable

import pytest

from tests.engine.host.conftest import Stack
from toolchain.engine.environment import passphrase_file
from toolchain.engine.preparation import prepare

pytestmark = pytest.mark.engine

SECRET = "import pulumi\npulumi.export('token', pulumi.Output.secret('hidden-value'))\n"


def _settings_changed(stack: Stack) -> str:
    return stack.git("status", "--porcelain", "--", "Pulumi.dev.yaml")


def test_a_stacks_life_leaves_its_committed_settings_alone(stack: Stack) -> None:
    stack.program(SECRET)
    for verb, *options in (
        ("preview",),
        ("up", "--yes"),
        ("refresh", "--yes"),
        ("destroy", "--yes"),
    ):
        stack.succeed(verb, *options)
        assert _settings_changed(stack) == "", verb


def test_settings_fresh_from_git_are_as_good_after_the_next_preparation(stack: Stack) -> None:
    stack.program(SECRET)
    stack.succeed("up", "--yes", "--skip-preview")
    stack.git("rm", "-q", "--cached", "Pulumi.dev.yaml")
    stack.git("reset", "-q", "--hard")  # as a pull does: without the salt
    stack.program(SECRET)
    # The engine itself finds the salt in the state, and may put it back into the file ...
    assert stack.outputs() == {"token": "hidden-value"}
    stack.succeed("up", "--yes", "--skip-preview")
    # ... of which git sees nothing any more once `make` has run.
    prepare(stack.pulumi, stack.paths, environment=stack.environment, project=stack.folder)
    assert _settings_changed(stack) == ""


def test_a_new_cache_starts_over_with_a_passphrase_of_its_own(stack: Stack) -> None:
    before = passphrase_file(stack.paths).read_text()
    shutil.rmtree(stack.paths.state)
    passphrase_file(stack.paths).unlink()
    prepare(stack.pulumi, stack.paths, environment=stack.environment, project=stack.folder)
    assert passphrase_file(stack.paths).read_text() != before
    stack.program(SECRET)
    stack.succeed("up", "--yes", "--skip-preview")
    assert stack.outputs() == {"token": "hidden-value"}
    assert _settings_changed(stack) == ""


def test_the_state_does_not_open_with_another_passphrase(new_stack: Callable[[], Stack]) -> None:
    stack = new_stack()
    stack.program(SECRET)
    stack.succeed("up", "--yes", "--skip-preview")
    passphrase_file(stack.paths).write_text("another\n")
    result = stack.run("stack", "output", "--show-secrets")
    assert "hidden-value" not in result.output
    assert result.code != 0
