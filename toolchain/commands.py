"""Running programs of others: their lines as they come, and an error that shows the last of them."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from toolchain.faults import MendableError

OnLine = Callable[[str], None]

TAIL = 30
GRACE = 5.0
"""Seconds in which what was started may end by itself when we are interrupted."""
NETWORK = ("resolving", "Connection", "Could not connect", "Temporary failure", "certificate")
"""What package managers say when they reach nothing."""
NO_DOWNLOAD = (
    "\nA download seems to have failed. Wanted the Debian mirror and the Python index within "
    "reach: set AGENT_PLATFORM_DEBIAN_MIRROR and PIP_INDEX_URL to mirrors of your own, and "
    "SSL_CERT_FILE where a private authority signs"
)


class CommandError(MendableError):
    """A program ended with another code than 0; `tail` holds its last lines."""

    def __init__(self, command: Sequence[str], code: int, tail: Sequence[str]) -> None:
        self.tail = list(tail)
        said = "\n".join(f"  {line}" for line in tail)
        super().__init__(
            f"`{' '.join(command)}` ended with {code}, wanted 0. Its last lines:\n{said}"
            + (NO_DOWNLOAD if any(sign in said for sign in NETWORK) else "")
        )


def run(
    command: Sequence[str],
    on_line: OnLine,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run to the end and hand on each line of output; what we started ends when we are interrupted."""
    tail: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | env if env else None,
        cwd=cwd,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for; narrows the type
        try:
            for line in process.stdout:
                on_line(line.rstrip())
                tail = [*tail[1 - TAIL :], line.rstrip()]
        except BaseException:
            # A session of its own, so that the end reaches the children of the program as well.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(GRACE)
                os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise CommandError(command, process.returncode, tail)


def read(command: Sequence[str]) -> str | None:
    """What the program prints, or None where it is missing or fails: for questions with a fallback."""
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
