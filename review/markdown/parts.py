"""What a report is put together from, and how much of it fits.

A part is shown whole or not at all. Nothing is rendered before there is room for it.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from review.markdown.escaping import code, html_code
from review.markdown.figures import many

T = TypeVar("T")
_NAMED: Final = 5
"""Stacks that are named where something is left out."""


def size(text: str) -> int:
    """Bytes in UTF-8: never fewer than characters, or than units of UTF-16."""
    return len(text.encode())


@dataclass(frozen=True, eq=False)
class Frame:
    """What goes around parts that stand together, such as a table's head or a fold."""

    opening: str
    closing: str


@dataclass(frozen=True)
class Part:
    """A line, a row or a block."""

    text: str
    frames: tuple[Frame, ...] = ()
    """The outermost first."""


@dataclass(frozen=True)
class Lane:
    """The parts that one stack has in a section, those that matter most first."""

    stack: str
    total: int
    parts: Callable[[], Iterator[Part]]
    """Parts of the same frame follow each other."""


@dataclass(frozen=True)
class Section:
    """Parts of one kind, of all stacks."""

    title: str
    one: str
    """What a part is, to tell what was left out: `replacement`."""
    more: str
    """The same of several: `replacements`."""
    lanes: Sequence[Lane]
    share: float = 0.0
    """Of the whole room: what it has even where sections before it could use it."""

    @property
    def total(self) -> int:
        return sum(lane.total for lane in self.lanes)

    @property
    def frame(self) -> int:
        """Bytes of what it takes to say that nothing of it is shown."""
        lanes = [(lane.stack, lane.total) for lane in self.lanes if lane.total]
        longest = sorted(lanes, key=lambda lane: size(_share(*lane)), reverse=True)
        return size(self.title) + size(self.rest(longest))

    def rest(self, left: Sequence[tuple[str, int]]) -> str:
        """The line that says what is not shown, by stack."""
        number = sum(count for _, count in left)
        if not number:
            return ""
        told = many(number, f"more {self.one}", f"more {self.more}")
        if len(left) == 1:
            return f"\n*Not shown: {told} of {code(left[0][0], 40)}.*\n\n"
        named = [_share(stack, count) for stack, count in left[:_NAMED]]
        others = ["others"] if len(left) > _NAMED else []
        return f"\n*Not shown: {told} ({', '.join(named + others)}).*\n\n"


@dataclass(frozen=True)
class Filled:
    """A section as far as there was room."""

    text: str
    left: int
    """Parts that are not shown."""

    @property
    def used(self) -> int:
        return size(self.text)


def titled(title: str, sections: Sequence[Section]) -> list[Section]:
    """Those sections that have something, the first of them under the title."""
    there = [section for section in sections if section.total]
    return [replace(there[0], title=title), *there[1:]] if there else []


def lane_of(stack: str, subjects: Sequence[T], show: Callable[[str, T], Part], seen: int) -> Lane:
    """A part for each subject, those behind the first few in a fold."""

    def parts() -> Iterator[Part]:
        for place, subject in enumerate(subjects):
            part = show(stack, subject)
            yield part if place < seen else replace(part, frames=(frame, *part.frames))

    frame = fold(f"more of the {len(subjects):,} in {html_code(stack, 60)}")
    return Lane(stack, len(subjects), parts)


def fold(summary: str) -> Frame:
    """What opens by a click. The summary is HTML."""
    return Frame(f"\n<details><summary>{summary}</summary>\n\n", "\n</details>\n\n")


def _share(stack: str, count: int) -> str:
    return f"{count:,} of {code(stack, 40)}"


def fill(section: Section, room: int) -> Filled:
    """As much of a section as fits, stacks treated alike; it says itself what is missing."""
    if not section.total:
        return Filled("", 0)
    taken = _take(section.lanes, room - size(section.title))
    if sum(map(len, taken)) < section.total:
        if section.frame > room:
            return Filled("", section.total)
        taken = _take(section.lanes, room - section.frame)
    left = [
        (lane.stack, lane.total - len(parts))
        for lane, parts in zip(section.lanes, taken, strict=True)
        if len(parts) < lane.total
    ]
    shown = "".join(_written([part for parts in taken for part in parts]))
    return Filled(section.title + shown + section.rest(left), sum(count for _, count in left))


def _take(lanes: Sequence[Lane], room: int) -> list[list[Part]]:
    """The first parts of each lane; the lane that has least so far is served next."""
    taken: list[list[Part]] = [[] for _ in lanes]
    waiting = [lane.parts() for lane in lanes]
    opened: set[Frame] = set()
    queue = [(0, place) for place in range(len(lanes))]
    while queue:
        used, place = heapq.heappop(queue)
        part = next(waiting[place], None)
        if part is None:
            continue
        new = [frame for frame in part.frames if frame not in opened]
        cost = size(part.text) + sum(size(frame.opening + frame.closing) for frame in new)
        if cost > room:
            continue
        opened.update(new)
        room -= cost
        taken[place].append(part)
        heapq.heappush(queue, (used + cost, place))
    return taken


def _written(parts: Sequence[Part]) -> Iterator[str]:
    """The parts in their frames, each frame opened and closed once."""
    open_: tuple[Frame, ...] = ()
    for part in (*parts, Part("")):
        same = sum(1 for _ in _common(open_, part.frames))
        yield from (frame.closing for frame in reversed(open_[same:]))
        yield from (frame.opening for frame in part.frames[same:])
        yield part.text
        open_ = part.frames


def _common(left: Sequence[Frame], right: Sequence[Frame]) -> Iterator[Frame]:
    for one, other in zip(left, right, strict=False):
        if one is not other:
            return
        yield one
