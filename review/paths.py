"""Paths of properties: as the engine writes them, and as reports show them."""

import json
import re
from collections.abc import Sequence
from typing import Final

Segment = str | int
Path = tuple[Segment, ...]


class ByName(str):
    """The name of a list's part, where its number would not tell which one it is."""

    __slots__ = ()


_WORD: Final = re.compile(r"[A-Za-z_$][\w$-]*")
_PART: Final = re.compile(
    r"""\.?(?P<word>[^.\[\]"]+)         # a.b
      | \[(?P<index>\d+)\]              # a[0]
      | \.?\["(?P<quoted>(?:[^"\\]|\\.)*)"\]  # a["b.c"]
    """,
    re.VERBOSE,
)


def shown(path: Sequence[Segment]) -> str:
    """Such as `spec.containers[0].image`, `tags["a.b"]` or, by name, `env["HOME"].value`."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif _WORD.fullmatch(segment) and not isinstance(segment, ByName):
            text += f".{segment}" if text else segment
        else:
            text += f"[{json.dumps(segment, ensure_ascii=False)}]"
    return text


def parse(text: str) -> Path:
    """A path as the engine or a provider writes it. What is none becomes one segment."""
    found: list[Segment] = []
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return (text,)
        if part["index"] is not None:
            found.append(int(part["index"]))
        elif part["quoted"] is not None:
            found.append(part["quoted"].replace('\\"', '"'))
        else:
            found.append(part["word"])
        at = part.end()
    return tuple(found)


def related(one: Sequence[Segment], other: Sequence[Segment]) -> bool:
    """Whether one of them is the other, or a part of it."""
    shorter = min(len(one), len(other))
    return tuple(one[:shorter]) == tuple(other[:shorter])
