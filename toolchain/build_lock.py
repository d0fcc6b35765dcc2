"""One builder at a time: the second waits, and is told for whom."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from toolchain.commands import OnLine


@contextmanager
def held(file: Path, purpose: str, on_line: OnLine) -> Generator[None]:
    """Hold the lock. The kernel lets go of it with the process, however that ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            on_line(f"waiting to {purpose}: {holder} is at it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        lock.truncate()
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield
