"""Resolves the dependencies anew into the lock files: `make lock`.

Hashes and no addresses: where files come from is the machine's setting (docs/adr/0002).
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from toolchain.bootstrap import pinned_uv, pip_settings, uv_settings
from toolchain.paths import PROJECT


@dataclass(frozen=True)
class Lock:
    """One lock file and what it is resolved from."""

    file: str
    source: str
    groups: tuple[str, ...] = ()


LOCKS = (
    Lock("requirements.lock", "pyproject.toml", ("dev",)),
    Lock("app/requirements.lock", "app/pyproject.toml"),
    Lock("app/requirements-dev.lock", "app/pyproject.toml", ("dev",)),
)


def command(uv: Path, lock: Lock, *, upgrade: bool) -> list[str]:
    """uv's command that writes `lock`; what is locked stays unless `upgrade` or a bound forbids it."""
    groups = [f"{lock.source}:{group}" for group in lock.groups]
    return [
        str(uv),
        "pip",
        "compile",
        lock.source,
        *(word for group in groups for word in ("--group", group)),
        "--universal",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--no-annotate",
        "--no-header",
        "--quiet",
        "--python-version=3.11",
        f"--output-file={lock.file}",
        *(["--upgrade"] if upgrade else []),
    ]


def main() -> int:
    """Writes every lock; `--upgrade` takes the newest versions that the bounds allow."""
    uv = pinned_uv()
    environment = {**os.environ, **uv_settings(pip_settings(uv), os.environ)}
    for lock in LOCKS:
        print(f"resolving {lock.file}", flush=True)
        subprocess.run(
            command(uv, lock, upgrade="--upgrade" in sys.argv[1:]),
            cwd=PROJECT,
            env=environment,
            check=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
