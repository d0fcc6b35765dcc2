"""A report that gets shorter until the host takes it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from review.hosting.errors import TooLongError

Shorten = Callable[[int], str]
"""Renders the report once more, within so many characters."""
T = TypeVar("T")

SHARE: Final = 0.6
"""Of the length that was refused: what is tried next."""
TRIES: Final = 5
_CUT: Final = "\n\n*The report is cut here. The whole of it is with the job that wrote it.*\n"
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_FOLD: Final = re.compile(r"<(/?)details\b", re.IGNORECASE)


@dataclass(frozen=True)
class Writing:
    """A report below its marker."""

    head: str
    report: str
    shorten: Shorten | None = None
    """Without one the report is cut."""
    shortened: bool = False

    @property
    def body(self) -> str:
        return self.head + self.report

    def within(self, limit: int) -> "Writing":
        """Itself if it has room, else a shorter one that has."""
        if len(self.body) <= limit:
            return self
        room = max(limit - len(self.head), 0)
        report = self.report if self.shorten is None else self.shorten(room)
        return replace(self, report=cut(report, room), shortened=True)


def send(writing: Writing, to: Callable[[str], T], limit: int) -> tuple[T, Writing]:
    """Send it, shorter each time it is refused as too long; with what was sent in the end."""
    writing = writing.within(limit)
    for _ in range(TRIES - 1):
        try:
            return to(writing.body), writing
        except TooLongError:
            writing = writing.within(int(len(writing.body) * SHARE))
    return to(writing.body), writing


def cut(report: str, limit: int) -> str:
    """As many whole lines as have room, with what they open closed again."""
    if len(report) <= limit:
        return report
    kept: list[str] = []
    length, fence, folds = 0, "", 0
    for line in report.splitlines(keepends=True):
        after = _fence_after(fence, line)
        deeper = folds
        if not fence and not after:
            deeper += sum(-1 if slash else 1 for slash in _FOLD.findall(line))
        length += len(line)
        if length + len(_closing(after, deeper)) > limit:
            break
        kept.append(line)
        fence, folds = after, deeper
    return ("".join(kept) + _closing(fence, folds))[:limit]


def _fence_after(fence: str, line: str) -> str:
    found = _FENCE.match(line)
    if not fence:
        return found[1] if found else ""
    closes = found and found[1].startswith(fence) and not line[found.end() :].strip()
    return "" if closes else fence


def _closing(fence: str, folds: int) -> str:
    return (f"\n{fence}\n" if fence else "") + "\n\n</details>" * max(folds, 0) + _CUT
