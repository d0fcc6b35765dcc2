"""Where the toolchain keeps what it makes: one cache folder, and the Go environment inside it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
"""The folder of this repository."""

GO_FLAGS = {
    # Replaces a person's own flags. No paths of this machine in the binaries, and no question to
    # git: the recipe's hash says more than the commit. And no debugger's tables, which the linker
    # would only take out again: a sixth of the compiler's time.
    "GOFLAGS": "-trimpath -buildvcs=false -gcflags=all=-dwarf=false",
    # Binaries go into images that have no C library.
    "CGO_ENABLED": "0",
}
"""What Go is told that changes what it makes."""


@dataclass(frozen=True)
class Paths:
    """The layout of the cache. Nothing is created until somebody needs it."""

    root: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Paths":
        """`$AGENT_PLATFORM_CACHE`, else `agent-platform` in the user's cache folder."""
        named = environment.get("AGENT_PLATFORM_CACHE")
        if named:
            return cls(Path(named).expanduser().absolute())
        base = environment.get("XDG_CACHE_HOME")
        return cls((Path(base) if base else Path.home() / ".cache") / "agent-platform")

    @property
    def bin(self) -> Path:
        """Symlinks to the current tools; goes on PATH."""
        return self.root / "bin"

    @property
    def tools(self) -> Path:
        """`<tool>/<key>/<binary>`."""
        return self.root / "tools"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def cluster(self) -> Path:
        """All run-time data of the embedded cluster."""
        return self.root / "cluster"

    @property
    def state(self) -> Path:
        """Pulumi's file backend."""
        return self.root / "state"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def go(self) -> Path:
        """GOPATH."""
        return self.root / "go"

    @property
    def timings(self) -> Path:
        """How long each build took on this machine."""
        return self.root / "timings.json"


def go_environment(paths: Paths) -> dict[str, str]:
    """Variables that every Go build of ours runs with, so that all share one module and compile cache."""
    return {
        "GOPATH": str(paths.go),
        "GOCACHE": str(paths.go / "build"),
        # Another compiler than the installed one would be fetched, and changes every key.
        "GOTOOLCHAIN": "local",
        **GO_FLAGS,
        # Half a gigabyte more memory, a fifth less time.
        "GOGC": "400",
        "GOWORK": "off",
        "GO111MODULE": "on",
    }
