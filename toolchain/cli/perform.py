"""Performs one step in a process of its own: `python -m toolchain.cli.perform tool traefik`.

Its output is the step's log. What a person can mend ends it with one `error: …` and the code 1.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

from toolchain.cli.actions import say
from toolchain.faults import MENDABLE, text

PR_SET_PDEATHSIG = 1

ACTIONS = {
    "debian": "building:packages",
    "tool": "building:tool",
    "image": "building:image",
    "cluster": "running:up",
    "down": "running:down",
    "load": "running:load",
    "local-agent": "running:local_agent",
    "references": "running:references",
    "deploy": "deploying:deploy",
    "destroy": "deploying:destroy",
    "rehearse": "rehearsing:rehearse",
    "preview": "previewing:preview",
    "drift": "previewing:drift",
    "answer": "asking:answer",
    "forwarded-answer": "forwarding:forwarded_answer",
}
"""By name, and loaded when performed: all of them together take a second to import."""


def main(arguments: Sequence[str]) -> int:
    """Perform the step named first with the rest as its arguments."""
    signal.signal(signal.SIGTERM, _interrupt)
    action, *rest = arguments
    module, _, function = ACTIONS[action].partition(":")
    try:
        _end_with(os.getppid())
        getattr(import_module(f"toolchain.cli.actions.{module}"), function)(*rest)
    except MENDABLE as error:
        say(f"error: {text(error)}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return 0


def _end_with(parent: int) -> None:
    """Be interrupted when the command that started us is killed: nothing goes on unseen."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
