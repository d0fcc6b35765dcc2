"""How programs run and how they fail."""

import json
import time
from collections.abc import Callable

import pytest

from tests.engine.host.conftest import Stack

pytestmark = pytest.mark.engine


def test_a_program_sees_its_config_its_stack_and_whether_it_is_a_preview(stack: Stack) -> None:
    stack.program(
        """
        import pulumi
        config = pulumi.Config("sample")
        pulumi.export("seen", {
            "plain": config.require("plain"),
            "project": pulumi.get_project(),
            "stack": pulumi.get_stack(),
            "dry_run": pulumi.runtime.is_dry_run(),
            "token_is_secret": pulumi.runtime.is_config_secret("sample:token"),
            "plain_is_secret": pulumi.runtime.is_config_secret("sample:plain"),
        })
        pulumi.export("token", config.require_secret("token"))
        """
    )
    stack.succeed("config", "set", "plain", "open")
    stack.succeed("config", "set", "--secret", "token", "hidden-value")
    stack.succeed("up", "--yes", "--skip-preview")
    outputs = stack.outputs()
    assert outputs["token"] == "hidden-value"
    assert outputs["seen"] == {
        "plain": "open",
        "project": "sample",
        "stack": "dev",
        "dry_run": False,
        "token_is_secret": True,
        "plain_is_secret": False,
    }
    assert "hidden-value" not in stack.checkpoint.read_text()


def test_what_a_program_prints_is_shown(stack: Stack) -> None:
    stack.program("import sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\n")
    shown = stack.succeed("preview")
    assert "to stdout" in shown
    assert "to stderr" in shown


def test_a_program_that_raises_shows_its_traceback_once(stack: Stack) -> None:
    stack.program(
        """
        def build() -> None:
            raise KeyError("the-missing-size")

        build()
        """
    )
    result = stack.run("preview")
    assert result.code != 0
    assert result.output.count("KeyError: 'the-missing-size'") == 1
    assert result.output.count("Traceback (most recent call last)") == 1
    assert "line 5, in <module>" in result.output
    assert "runpy" not in result.output
    assert "exited with" not in result.output


def test_an_exception_in_an_apply_shows_the_users_line(stack: Stack) -> None:
    stack.program(
        """
        import pulumi

        def size(value: str) -> int:
            return int(value)

        pulumi.export("size", pulumi.Output.from_input("large").apply(size))
        """
    )
    result = stack.run("preview")
    assert result.code != 0
    assert result.output.count("ValueError: invalid literal for int()") == 1
    assert "return int(value)" in result.output


def test_a_run_error_is_a_message_without_a_traceback(stack: Stack) -> None:
    stack.program("import pulumi\nraise pulumi.RunError('replicas is 0; set 1 or more')\n")
    result = stack.run("preview")
    assert result.code != 0
    assert result.output.count("replicas is 0; set 1 or more") == 1 + _ephemeral(result.output)
    assert "Traceback" not in result.output
    assert "exited with" not in result.output


def _ephemeral(output: str) -> int:
    """The progress line above the summary repeats an error's first line."""
    return sum("create error:" in line for line in output.splitlines())


def test_a_program_that_exits_says_with_what(stack: Stack) -> None:
    stack.program("import sys\nsys.exit(7)\n")
    result = stack.run("preview")
    assert result.code != 0
    assert "Program exited with status 7" in result.output


def test_a_syntax_error_is_shown_with_its_line(stack: Stack) -> None:
    stack.program("x = = 1\n")
    result = stack.run("preview")
    assert result.code != 0
    assert result.output.count("SyntaxError: invalid syntax") == 1
    assert "x = = 1" in result.output


def test_a_missing_virtualenv_is_named_with_its_remedy(stack: Stack) -> None:
    file = stack.folder / "Pulumi.yaml"
    file.write_text("name: sample\nruntime: {name: python, options: {virtualenv: .absent}}\n")
    result = stack.run("preview")
    assert result.code != 0
    assert "does not exist. Create it with `uv venv" in result.output


def test_a_dynamic_provider_of_the_program_is_served(stack: Stack) -> None:
    stack.program(
        """
        from pulumi import export
        from pulumi.dynamic import CreateResult, Resource, ResourceProvider

        class Greeting(ResourceProvider):
            def create(self, props):
                return CreateResult(id_="greeting", outs={"text": "hello " + props["name"]})

        class Greeter(Resource):
            text: object
            def __init__(self, name, who):
                super().__init__(Greeting(), name, {"name": who, "text": None})

        export("text", Greeter("greeter", "operator").text)
        """
    )
    stack.succeed("up", "--yes", "--skip-preview")
    assert stack.outputs()["text"] == "hello operator"
    stack.succeed("destroy", "--yes", "--skip-preview")


def test_about_knows_the_python_the_plugins_and_the_packages(stack: Stack) -> None:
    about = json.loads(stack.succeed("about", "--json"))
    assert about["runtime"]["language"] == "python"
    assert {"random", "tls", "kubernetes"} <= {plugin["name"] for plugin in about["plugins"]}
    assert "pulumi_random" in {
        package["name"].replace("-", "_") for package in about["dependencies"]
    }


def test_an_empty_preview_takes_seconds(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    def measure() -> float:
        begin = time.monotonic()
        stack.succeed("preview")
        return time.monotonic() - begin

    best = min(measure() for _ in range(3))
    record_property("empty_preview_seconds", round(best, 2))
    print(f"preview of an empty program: {best:.2f} s, best of three")
    # Generous to a busy machine; the host loading the whole SDK, or the CLI looking for updates,
    # would still be caught.
    assert best < 8
