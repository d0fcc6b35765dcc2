"""What differs between two values, so that a reader need not compare them letter by letter."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from review.html.text import clipped, counted

LONG: Final = 4_000
"""Letters of a value that a page shows in one piece."""
AROUND: Final = 160
"""Letters that stay on each side of a difference where the rest is left out."""
LINES_AROUND: Final = 3
TOKENS: Final = 80
"""Up to so many words are compared one by one: the time of that grows with their square."""
ALIKE: Final = 0.4
"""Below that share two values are simply different: marks in them would be noise."""


class Mark(StrEnum):
    """What a piece of a value is."""

    SAME = "same"
    DIFFERS = "differs"
    LEFT_OUT = "left-out"
    """Not of the value: it says what is not shown."""


@dataclass(frozen=True)
class Piece:
    mark: Mark
    text: str


Pieces = tuple[Piece, ...]


def whole(value: str) -> Pieces:
    """A value that there is nothing to compare with. Of an empty one there are no pieces."""
    return (Piece(Mark.SAME, clipped(value, LONG)),) if value else ()


def compared(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Both values with what differs marked, and long stretches that do not left out."""
    if "\n" in before and "\n" in after:
        return _by(_lines(before), _lines(after), by_line=True)
    return _by(_words(before), _words(after), by_line=False)


def _lines(value: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", value)


def _words(value: str) -> list[str]:
    return re.findall(r"\w+|\W", value)


def _by(before: Sequence[str], after: Sequence[str], *, by_line: bool) -> tuple[Pieces, Pieces]:
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old = before[start : len(before) - end]
    new = after[start : len(after) - end]
    steps = _steps(old, new)
    same = start + end + sum(i2 - i1 for equal, i1, i2, _, _ in steps if equal)
    if not by_line and same < ALIKE * max(len(before), len(after)):
        return whole("".join(before)), whole("".join(after))
    head, tail = "".join(before[:start]), "".join(before[len(before) - end :])
    left = [(Mark.SAME, head), *((_mark(s[0]), "".join(old[s[1] : s[2]])) for s in steps)]
    right = [(Mark.SAME, head), *((_mark(s[0]), "".join(new[s[3] : s[4]])) for s in steps)]
    closing = (Mark.SAME, tail)
    return _pieces([*left, closing], by_line), _pieces([*right, closing], by_line)


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many they have in common at their start."""
    shared = 0
    for a, b in zip(before, after, strict=False):
        if a != b:
            break
        shared += 1
    return shared


def _steps(old: Sequence[str], new: Sequence[str]) -> list[tuple[bool, int, int, int, int]]:
    """Whether it is equal, and from where to where in both."""
    if max(len(old), len(new)) > TOKENS:
        return [(False, 0, len(old), 0, len(new))]
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(tag == "equal", i1, i2, j1, j2) for tag, i1, i2, j1, j2 in codes]


def _mark(equal: bool) -> Mark:
    return Mark.SAME if equal else Mark.DIFFERS


def _pieces(parts: Iterable[tuple[Mark, str]], by_line: bool) -> Pieces:
    """The parts that have text, shortened to what a reader needs."""
    found = [(mark, text) for mark, text in parts if text]
    pieces: list[Piece] = []
    for place, (mark, text) in enumerate(found):
        if mark is Mark.DIFFERS:
            pieces.append(Piece(mark, clipped(text, LONG)))
        else:
            first, last = place == 0, place == len(found) - 1
            pieces += (_few_lines if by_line else _few_letters)(text, first, last)
    return tuple(pieces)


def _few_lines(text: str, first: bool, last: bool) -> list[Piece]:
    lines = _lines(text)
    head = 0 if first and not last else LINES_AROUND
    tail = 0 if last and not first else LINES_AROUND
    rest = lines[head : len(lines) - tail]
    if len(rest) < 3:
        return _few_letters(text, first, last)
    note = f"[… {counted(len(rest), 'line')} the same]\n"
    return [
        *_few_letters("".join(lines[:head]), first=False, last=True),
        Piece(Mark.LEFT_OUT, note),
        *_few_letters("".join(lines[len(lines) - tail :]), first=True, last=False),
    ]


def _few_letters(text: str, first: bool, last: bool) -> list[Piece]:
    head = 0 if first and not last else AROUND
    tail = 0 if last and not first else AROUND
    rest = len(text) - head - tail
    if rest < AROUND:
        return [Piece(Mark.SAME, text)] if text else []
    pieces = [
        Piece(Mark.SAME, text[:head]),
        Piece(Mark.LEFT_OUT, f"[… {rest:,} letters the same]"),
        Piece(Mark.SAME, text[len(text) - tail :]),
    ]
    return [piece for piece in pieces if piece.text]
