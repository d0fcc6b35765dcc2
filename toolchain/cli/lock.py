"""One command at a time changes the platform; the next one says for whom it waits."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console

from toolchain.paths import Paths


@contextmanager
def alone(paths: Paths, command: str, console: Console) -> Generator[None]:
    """Hold the platform's lock. The kernel lets go of it with the process, so it is never stale."""
    paths.root.mkdir(parents=True, exist_ok=True)
    with (paths.root / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another command"
            console.print(f"Waiting for {holder} to end (Ctrl-C to give up) …", soft_wrap=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(f"`{command}` (process {os.getpid()})")
        file.flush()
        yield
