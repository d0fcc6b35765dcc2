"""How long builds take: measured on this machine, else a figure from the table."""

import json
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from toolchain import atomic
from toolchain.build_table import Tool


class Timing(BaseModel, frozen=True):
    """One finished build."""

    tool: str
    seconds: float
    compiled: int
    packages: int

    @property
    def cold(self) -> bool:
        """Most of it was compiled, rather than found in the cache."""
        return 2 * self.compiled >= self.packages


_FILE = TypeAdapter(list[Timing])


class Timings:
    """The builds of this machine, newest last. Only an estimate hangs on them, so a lost one is no fault."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def estimate(self, tool: Tool) -> float:
        """What the last cold build took, else the table's figure."""
        mine = [timing for timing in self._read() if timing.tool == tool.name and timing.cold]
        return mine[-1].seconds if mine else float(tool.seconds)

    def record(self, tool: Tool, seconds: float, *, compiled: int, packages: int) -> None:
        """Append one build."""
        entry = Timing(
            tool=tool.name, seconds=round(seconds, 1), compiled=compiled, packages=packages
        )
        entries = [*self._read(), entry]
        atomic.write(self._file, json.dumps([kept.model_dump() for kept in entries], indent=1))

    def _read(self) -> list[Timing]:
        try:
            return _FILE.validate_json(self._file.read_bytes())
        except (FileNotFoundError, ValidationError):
            # Written by an older version or by hand: start anew rather than fail a build over it.
            return []
