"""Text and figures as a page shows them."""

import re
import unicodedata
from typing import Final

from review.model import Operation

BIDIRECTIONAL: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""They turn the order of letters round: a reader would see another text than there is."""
INVISIBLE: Final = frozenset("\u200b\u2060\ufeff\u2028\u2029\u00ad")
"""They have no width: two names that differ by one look the same."""

WORDS: Final = {
    Operation.REPLACE: "replace",
    Operation.DELETE: "delete",
    Operation.CREATE: "create",
    Operation.UPDATE: "update",
    Operation.IMPORT: "import",
    Operation.FORGET: "forget",
    Operation.READ: "read",
    Operation.SAME: "unchanged",
    Operation.OTHER: "other",
}


def visible(text: str) -> str:
    """The text with the code of each character that HTML forbids or that nobody would see."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\n\t" or not _hidden(character):
        return character
    return f"[U+{ord(character):04X}]"


def _hidden(character: str) -> bool:
    code = ord(character)
    return (
        character in BIDIRECTIONAL
        or character in INVISIBLE
        or unicodedata.category(character) in {"Cc", "Cs"}
        # Noncharacters, which Unicode keeps for good: HTML may not have them.
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


def clipped(text: str, length: int) -> str:
    """The text, or as much of it as fits, with a word on the rest."""
    if len(text) <= length:
        return text
    return f"{text[:length]} [… {len(text) - length:,} more characters]"


def fitted(text: str, width: float, size: float) -> str:
    """The text, its middle left out where it would be wider than that in letters of that size."""
    if _width(text, size) <= width:
        return text
    ends = len(text) // 2
    while ends > 1 and _width(f"{text[:ends]}…{text[-ends:]}", size) > width:
        ends = min(ends - 1, int(ends * 0.95))
    return f"{text[:ends]}…{text[-ends:]}"


def _width(text: str, size: float) -> float:
    """As a common font without serifs has it, rather too wide than too narrow."""
    return size * sum(
        1.0
        if unicodedata.east_asian_width(letter) in "WF"
        else 0.34
        if letter in "fijlrt.,:;'|-()[]/ "
        else 0.9
        if letter in "mwMW@"
        else 0.7
        if letter.isupper()
        else 0.6
        for letter in text
    )


def money(amount: float, currency: str) -> str:
    """An amount without a sign of more, such as `1,204.25 USD`."""
    return f"{amount:,.2f} {currency}".replace("-", "\u2212")


def difference(amount: float, currency: str) -> str:
    """What is added or saved, such as `+392.00 USD`."""
    if abs(amount) < 0.005:
        return f"no difference in {currency}"
    return f"{amount:+,.2f} {currency}".replace("-", "\u2212")


def counted(number: int, one: str, several: str = "") -> str:
    """`1 resource`, `2 resources`, `1,000 resources`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def spaced(text: str) -> str:
    """One line of it, each run of blanks a single one."""
    return re.sub(r"\s+", " ", text).strip()
