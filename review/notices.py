"""What the engine, a provider or the program said, short enough to be read."""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from review.model import Notice, Weight

CLOSING: Final = "preview failed"
"""Said at the end of every failed preview, whatever the reason."""

_MARKUP: Final = re.compile(r"<\{%[^%\n]{0,100}%\}>|\x1b\[[0-9;?]*[A-Za-z]")
_WEIGHT: Final = re.compile(r"(error|warning):\s*")
_WEIGHTS: Final = {"error": Weight.ERROR, "warning": Weight.WARNING}
# A traceback begins with where and ends with what; lines between say least.
_FIRST_LINES: Final = 4
_LAST_LINES: Final = 8
_LINE: Final = 500


class Said(NamedTuple):
    """One message, as it was printed."""

    severity: str
    """`error`, `warning`, `info`, or `info#err` for what a program writes to its standard error."""
    urn: str
    text: str


def plain(text: str) -> str:
    """Without the marks for colours."""
    return _MARKUP.sub("", text)


def notices(
    said: Iterable[Said], scrub: Callable[[str], str], name: Callable[[str], str]
) -> tuple[Notice, ...]:
    """Errors, then warnings; what is said again and again is told once, with how often.

    `scrub` takes secrets out of texts, `name` out of URNs.
    """
    found: dict[tuple[Weight, str], list[str]] = {}
    for one in said:
        weight = _WEIGHTS.get(one.severity)
        if weight is not None:
            # Secrets are taken out before anything is cut, so that no half of one stays.
            text = short(scrub(message(one)))
            found.setdefault((weight, text), []).append(one.urn)
    order = list(Weight)
    return tuple(
        Notice(weight=weight, urn=name(urns[0]) if urns[0] else "", text=text + _often(urns))
        for (weight, text), urns in sorted(found.items(), key=lambda item: order.index(item[0][0]))
        if text
    )


def message(said: Said) -> str:
    """The message by itself: without colours, and without the weight in front of it."""
    text = plain(said.text).strip()
    weight = _WEIGHT.match(text)
    return text[weight.end() :] if weight and weight[1] == said.severity else text


def closing(said: Said) -> bool:
    """Whether it only says that the preview failed."""
    return said.severity == "error" and message(said) == CLOSING


def short(text: str) -> str:
    """A few lines of it, and how much more there is."""
    lines = [_cut(line) for line in text.splitlines()]
    left_out = len(lines) - _FIRST_LINES - _LAST_LINES
    if left_out > 1:
        lines[_FIRST_LINES:-_LAST_LINES] = [f"({left_out:,} lines left out)"]
    return "\n".join(lines)


def _cut(line: str) -> str:
    more = len(line) - _LINE
    return line if more <= 0 else f"{line[:_LINE]} ({more:,} more characters)"


def _often(urns: list[str]) -> str:
    if len(urns) == 1:
        return ""
    resources = len(set(urns))
    about = f", of {resources} resources" if resources > 1 else ""
    return f"\n(said {len(urns)} times{about})"
