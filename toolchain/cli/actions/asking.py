"""A document sent through the gateway, where it can be reached on this machine."""

from pathlib import Path

from toolchain.cli import sample
from toolchain.cli.actions import say


def answer(url: str, file: str) -> None:
    """Ask the agent behind `url`, and keep its answer in `file`."""
    given = sample.ask(url, say)
    sample.read(given)
    Path(file).write_text(given)
    say(f"answered: {len(given)} bytes")
