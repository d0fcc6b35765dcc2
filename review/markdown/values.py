"""Values before and after, shortened so that what differs is still seen."""

import json
from typing import Final

from review.markdown.escaping import visible

_AROUND: Final = 20
"""Letters that are kept before the first difference."""


def pair(before: str, after: str, length: int) -> tuple[str, str]:
    """Both texts, each at most about so long; where they differ is in what is kept."""
    if max(len(before), len(after)) <= length:
        return before, after
    start = max(0, same(before, after) - _AROUND)
    return _window(before, start, length), _window(after, start, length)


def same(before: str, after: str) -> int:
    """How many signs both begin with."""
    ends = min(len(before), len(after))
    return next((place for place in range(ends) if before[place] != after[place]), ends)


def spread(text: str) -> str:
    """A document in JSON over several lines; any other text as it is."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(document, indent=2, ensure_ascii=False)


def lines(text: str) -> list[str]:
    """Its lines, with nothing in them that cannot be seen."""
    return visible(text, lines=True).split("\n")


def _window(text: str, start: int, length: int) -> str:
    kept = text[start : start + length]
    before = f"…[{start:,} characters]…" if start else ""
    left = len(text) - start - len(kept)
    return f"{before}{kept}" + (f"…[{left:,} characters]" if left > 0 else "")
