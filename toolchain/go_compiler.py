"""The Go compiler of this machine: what it must be, and what its complaints mean."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from toolchain.build_errors import BuildError
from toolchain.commands import read

WANTED = (1, 26)
WANTED_BYTES = 4 * 2**30
"""What the biggest tool takes in compile cache, modules and the linker's temporary files, and some."""

_HINTS = (
    (
        r"no space left on device",
        "the disk is full: free some space; `make clean` removes what the toolchain made",
    ),
    (
        r"checksum mismatch|SECURITY ERROR",
        "a downloaded module is not the one go.sum names: remove it with `go clean -modcache` and "
        "build again; if it stays, the mirror serves something else. Do not switch the check off",
    ),
    (
        r"requires go >=|go: download go1\S+|toolchain not available",
        "a module wants a newer Go: install it, or pin an older version in the recipe's go.mod",
    ),
    (
        r"dial tcp|no such host|i/o timeout|TLS handshake|proxyconnect|connection re(fused|set)"
        r"|unexpected EOF|50[234] |x509:",
        "the module proxy cannot be reached: check the network, `go env GOPROXY` and, behind a "
        "private authority, that its certificate is in /etc/ssl/certs",
    ),
    (
        r"signal: killed|cannot allocate memory",
        "the machine ran out of memory: build one tool at a time, with 4 GB free",
    ),
    (
        r"updates to go\.(mod|sum) needed|missing go\.sum entry",
        "go.mod and the code disagree: run `go mod tidy` in the recipe's folder and commit the result",
    ),
)


class CompilerError(BuildError):
    """Nothing can be compiled here; says what was got, what was wanted and how to mend it."""


def check(cache: Path) -> str:
    """The version of Go on PATH, when it is new enough and the cache's disk has room to build."""
    found = installed()
    near = next(path for path in (cache, *cache.parents) if path.exists())
    free = shutil.disk_usage(near).free
    if free < WANTED_BYTES:
        raise CompilerError(
            f"got {free / 2**30:.1f} GiB free at {near}, wanted {WANTED_BYTES / 2**30:.0f}: free some "
            "space, or set AGENT_PLATFORM_CACHE to a folder on another disk"
        )
    return found


def installed() -> str:
    """The version of Go on PATH, such as go1.26.8, when it is new enough."""
    wanted = ".".join(str(part) for part in WANTED)
    found = read(["go", "env", "GOVERSION"])
    if found is None:
        raise CompilerError(
            f"got no go on PATH, wanted Go {wanted} or newer: install it from your distribution or "
            "from the Go project's downloads, and put its bin folder on PATH"
        )
    numbers = re.match(r"go(\d+)\.(\d+)", found)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < WANTED:
        raise CompilerError(
            f"got {found}, wanted Go {wanted} or newer: install it and put its bin folder on PATH "
            "before the old one"
        )
    return found


def hint(output: Sequence[str]) -> str:
    """What to do about the compiler's last lines."""
    text = "\n".join(output)
    for pattern, advice in _HINTS:
        if re.search(pattern, text):
            return advice
    return "the code does not compile with this Go and these modules: the lines above say where"
