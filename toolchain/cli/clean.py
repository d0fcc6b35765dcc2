"""`make clean`: remove what the toolchain put on this machine, and nothing else."""

import os
import shutil
from pathlib import Path

from toolchain.images import LOCK
from toolchain.paths import Paths

OWN = (
    *("bin", "tools", "images", "go", "cluster", "state", "logs", "pulumi", "uv", "rehearsal"),
    *("passphrase", "timings.json", "steps.json"),
)
"""What we make in the cache's folder. The folder may be one that holds other things of its owner's."""


def owned(paths: Paths) -> list[Path]:
    """What there is to remove."""
    found = [paths.root / name for name in OWN]
    return [path for path in (*found, LOCK) if path.exists() or path.is_symlink()]


def size(path: Path) -> int:
    """Bytes on disk; a file with several names counts once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for place in _walk(path):
        try:
            found = place.lstat()
        except FileNotFoundError:
            continue  # a cache in use loses files while we count
        if (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            total += found.st_blocks * 512
    return total


def _walk(path: Path) -> list[Path]:
    if path.is_symlink() or not path.is_dir():
        return [path]
    return [Path(folder) / name for folder, _, names in os.walk(path) for name in names]


def remove(path: Path) -> None:
    """Remove a file or a tree, also one that Go has made read-only."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for folder, _, _ in os.walk(path):
        Path(folder).chmod(0o700)
    shutil.rmtree(path)
