"""Files and links that change in one step: whoever looks sees the old one or the new one, whole."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def draft(path: Path) -> Generator[Path]:
    """A path beside `path` to make it at; it takes its place at the end, or goes on an error."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    # Of a process with the same number that was killed.
    beside.unlink(missing_ok=True)
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a file that never has wider permissions than `mode`."""
    data = content.encode() if isinstance(content, str) else content
    with draft(path) as beside:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)


def link(path: Path, target: Path) -> None:
    """Have `path` lead to `target`; nothing is touched where it does already."""
    if path.is_symlink() and path.readlink() == target:
        return
    with draft(path) as beside:
        beside.symlink_to(target)
