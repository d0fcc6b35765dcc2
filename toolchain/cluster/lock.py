"""One command at a time works on a cluster."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from toolchain.cluster.model import Progress


@contextmanager
def alone(root: Path, progress: Progress) -> Generator[None]:
    """Hold the cluster's lock; it ends with the process, so it is never stale."""
    root.mkdir(parents=True, exist_ok=True)
    # Beside the folder, which `clean` removes.
    with root.with_name(f".{root.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("cluster: another command is at work on it; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
