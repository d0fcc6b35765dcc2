"""The stack that a command is about, and what its settings say before the program runs."""

from pathlib import Path
from typing import Any

import yaml

from toolchain.engine.settings import Stack
from toolchain.faults import MendableError
from toolchain.paths import PROJECT, Paths


class StackError(MendableError):
    """There is no such stack, or its settings name what is not there."""


def named(name: str, paths: Paths, project: Path = PROJECT) -> Stack:
    """The stack of this name; it exists when its settings file does."""
    stack = Stack(project, name, paths.state)
    if not stack.settings.is_file():
        known = sorted(path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml"))
        raise StackError(
            f"got stack {name}, wanted one of: {', '.join(known)} (each is a file "
            f"Pulumi.<stack>.yaml). Correct the name, or copy one of them to {stack.settings.name}"
        )
    return stack


def context(stack: Stack) -> str | None:
    """The context its settings name; a fault in the rest of them is the program's to report."""
    try:
        settings: Any = yaml.safe_load(stack.settings.read_text())
        return str(settings["config"]["agent-platform:cluster"]["context"])
    except (yaml.YAMLError, KeyError, TypeError):
        return None


def on_eks(stack: Stack) -> bool:
    """Whether its cluster is one that the stack itself makes in AWS."""
    try:
        settings: Any = yaml.safe_load(stack.settings.read_text())
        return settings["config"]["agent-platform:cluster"]["kind"] == "eks"
    except (yaml.YAMLError, KeyError, TypeError):
        return False


def first_agent(stack: Stack) -> tuple[str, str]:
    """Name and tenant of the first agent in its settings."""
    try:
        settings: Any = yaml.safe_load(stack.settings.read_text())
        agent = settings["config"]["agent-platform:agents"][0]
        return str(agent["name"]), str(agent["tenant"])
    except (yaml.YAMLError, KeyError, TypeError, IndexError) as error:
        raise StackError(
            f"got no agent in {stack.settings.name}, wanted at least one entry with name and tenant "
            "under agent-platform:agents"
        ) from error
