"""How a text says, unseen, whose it is and which run wrote it."""

import re
from dataclasses import dataclass
from typing import Final, Self

from review.hosting.errors import SettingError

_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_RUN: Final = re.compile(r"<!-- run ([0-9]{1,18})\.([0-9]{1,18}) of ([\w./-]{1,200}) -->\n")
_UNFIT: Final = re.compile(r"[^\w./-]", re.ASCII)


@dataclass(frozen=True)
class Run:
    """Which run of which series speaks. Only runs of one series are earlier or later than each other."""

    series: str
    """What counts the runs: a workflow's file, or a project."""
    number: int
    attempt: int = 1
    """Of the same run, started once more."""

    def __post_init__(self) -> None:
        # What stands in an HTML comment must not end it.
        object.__setattr__(self, "series", _UNFIT.sub("_", self.series)[:200] or "_")

    def later_than(self, other: Self | None) -> bool:
        """Whether what this run says stands against what the other says."""
        return (
            other is not None
            and self.series == other.series
            and (self.number, self.attempt) > (other.number, other.attempt)
        )


@dataclass(frozen=True)
class Marker:
    """What a text of this program begins with: `<!-- agent-platform <kind>: <key> -->`."""

    kind: str
    key: str

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise SettingError(
                f"got the key {self.key[:80]!r}, wanted small letters, digits and dashes, at most 64, "
                "such as preview: mend --key"
            )

    @property
    def line(self) -> str:
        return f"<!-- agent-platform {self.kind}: {self.key} -->\n"

    def head(self, run: Run | None) -> str:
        """What goes before the report."""
        told = "" if run is None else f"<!-- run {run.number}.{run.attempt} of {run.series} -->\n"
        return f"{self.line}{told}\n"

    def on(self, body: str) -> bool:
        """Whether a text begins with it. Anywhere else it is somebody's quotation."""
        return plain(body).startswith(self.line)

    def run(self, body: str) -> Run | None:
        """The run that wrote a text; None if it does not say."""
        found = _RUN.match(plain(body), len(self.line)) if self.on(body) else None
        if found is None:
            return None
        return Run(series=found[3], number=int(found[1]), attempt=int(found[2]))


def plain(body: str) -> str:
    """A text as it was sent: hosts give back other line ends, and cut what is blank at the end."""
    return body.replace("\r\n", "\n").rstrip() + "\n"
