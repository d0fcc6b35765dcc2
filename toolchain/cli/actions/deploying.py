"""The stack itself, brought to what the program says, or removed."""

from toolchain.cli import stack
from toolchain.cli.actions import say
from toolchain.cli.engine import Engine
from toolchain.paths import Paths


def deploy(name: str) -> None:
    """Bring the stack to what the program says."""
    engine = _ready(name)
    tally = engine.deploy(say)
    for warning in tally.warnings:
        say(f"warning: {warning}")
    say(tally.summary())


def destroy(name: str) -> None:
    """Remove everything the stack has made."""
    say(_ready(name).destroy(say).summary())


def _ready(name: str) -> Engine:
    paths = Paths.from_environment()
    engine = Engine.ready(stack.named(name, paths), paths)
    engine.settle_lock(say)
    return engine
