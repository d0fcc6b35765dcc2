"""Properties before and after as the lines of a diff.

A block of ```` ```diff ```` reads better on GitHub than a table: what goes is red and what comes is
green, a document keeps its lines, and a long value scrolls instead of making a column of syllables.
"""

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import pairwise
from typing import Final

from review.markdown.escaping import clip, fence, quoted, visible
from review.markdown.figures import many
from review.markdown.parts import size
from review.markdown.values import lines, pair, spread
from review.model import Property

_LINE: Final = 160
"""Letters of a line; a longer one is broken, so that a difference far behind is seen."""
_SIGNS: Final = 1_000
"""Bytes of a value that is shown on one line: some letters take 14, as signs of what cannot be seen."""
_WIDTH: Final = 100
"""Letters of a line that are seen without scrolling."""
_PROPERTY: Final = 2_400
"""Bytes of a property."""
_COMPARED: Final = 300
"""Lines of a value that are compared."""
_AROUND: Final = 2
"""Lines that are the same, shown around those that are not."""


def block(properties: Sequence[Property], room: int) -> str:
    """The properties that fit, at least one; those that force a replacement first."""
    written: list[str] = []
    ordered = sorted(properties, key=lambda one: not one.replaces)
    for place, one in enumerate(ordered):
        text = _within(list(_property(one)), _PROPERTY)
        if written and sum(map(size, written)) + size(text) > room:
            left = many(len(ordered) - place, "more property", "more properties")
            written.append(f"# … {left}, not shown")
            break
        written.append(text)
    return fence("\n".join(written), "diff")


def _property(one: Property) -> Iterator[str]:
    path = visible(clip(one.path, _LINE))
    if one.replaces:
        yield f"! {path} forces the replacement"
    if one.before is not None and one.before == one.after:
        yield f"! {path}: {quoted(visible(clip(one.before, _LINE)))}, another one"
        return
    before, after = _spread(one)
    if any("\n" in text for text in (before, after) if text is not None):
        yield f"@@ {path} @@"
        yield from _documents(before, after)
        return
    if before is not None and after is not None:
        before, after = _seen(before, after)
    yield from _values(path, before, after)


def _seen(before: str, after: str) -> tuple[str, str]:
    """Both around where they differ, so short that both lines fit into a property's room."""
    letters = 2 * _LINE
    shown = pair(before, after, letters)
    # Ends at 40 letters at the latest, of 14 bytes at most; `pair` has the difference among the first 21.
    while max(size(visible(text)) for text in shown) > _SIGNS:
        letters //= 2
        shown = pair(before, after, letters)
    return shown


def _values(path: str, before: str | None, after: str | None) -> Iterator[str]:
    """A line for each; with the path on a line of its own where they would not be seen whole."""
    shown = [
        (mark, quoted(visible(clip(value, 3 * _LINE))))
        for mark, value in (("-", before), ("+", after))
        if value is not None
    ]
    wide = any(len(path) + len(value) > _WIDTH for _, value in shown)
    if wide:
        yield f"@@ {path} @@"
    for mark, value in shown:
        yield f"{mark} {value}" if wide else f"{mark} {path}: {value}"


def _spread(one: Property) -> tuple[str | None, str | None]:
    """Both values, documents over several lines unless that hides what differs."""
    long = len(one.before or "") + len(one.after or "") > _LINE
    before = spread(one.before) if one.before is not None and long else one.before
    after = spread(one.after) if one.after is not None and long else one.after
    return (one.before, one.after) if before == after else (before, after)


def _documents(before: str | None, after: str | None) -> Iterator[str]:
    if before is None or after is None:
        mark = "+" if before is None else "-"
        for line in _broken(before or after or ""):
            yield f"{mark} {line}"
        return
    old, new = _apart(_broken(before), _broken(after))
    compared = unified_diff(old[:_COMPARED], new[:_COMPARED], n=_AROUND, lineterm="")
    for place, line in enumerate(compared):
        # The first three lines name files and the place of what follows.
        if place > 2:
            yield "@@ … @@" if line.startswith("@@") else f"{line[0]} {line[1:]}"
    left = max(len(old), len(new)) - _COMPARED
    if left > 0:
        yield f"# … {many(left, 'more line', 'more lines')}, not compared"


def _broken(text: str) -> list[str]:
    """Its lines, long ones in pieces."""
    return [
        line[start:end]
        for line in lines(text)
        for start, end in pairwise(range(0, max(len(line), 1) + _LINE, _LINE))
    ]


def _apart(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Both without most of what they begin and end with alike."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    start, end = max(0, head - _AROUND), max(0, tail - _AROUND)
    return old[start : len(old) - end], new[start : len(new) - end]


def _within(texts: list[str], room: int) -> str:
    used = 0
    for place, text in enumerate(texts):
        used += size(text) + 1
        if place and used > room:
            left = many(len(texts) - place, "more line", "more lines")
            return "\n".join([*texts[:place], f"# … {left}, not shown"])
    return "\n".join(texts)
