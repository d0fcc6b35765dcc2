"""Any text as Markdown that shows it and does nothing else.

GitHub and GitLab make links of what looks like a person, an issue, a commit or an address, and tell
people that they were named. In code they make none, so whatever could be one is set in code.
"""

import re
from typing import Final

_LONGEST_RUN: Final = 3
"""Of backticks in a code span. Parsers give up at runs of some dozens; no reader misses them."""
_LONGEST_FENCE: Final = 40
"""Parsers count a fence's length in a byte."""

_WORD: Final = re.compile(r"[(\"']*[^\W_]+(?:[-'./][^\W_]+)*[)\"']*(?:[.,;:!?…]|\.\.\.)?[)\"']*")
_LINKED: Final = re.compile(r"(?i)\bGH-\d|\b[0-9a-f]{7,}\b|^[(\"']*(?:www(?:\.|$)|mailto:|xmpp:)")
_SAID: Final = 40
_DASHES: Final = frozenset({"-", "=", "+", "→"})
_LIST: Final = re.compile(r"[0-9]{1,9}[.)]")
_LETTERS: Final = re.compile(r"[A-Za-z0-9 ,/-]|[^\x00-\x7f]")


def visible(text: str, *, lines: bool = False) -> str:
    """The text with a sign in place of whatever cannot be seen; `lines` keeps its lines."""
    if text.isprintable():
        return text
    kept = "\n" if lines else ""
    return "".join(one if one.isprintable() or one in kept else _sign(one) for one in text)


def _sign(hidden: str) -> str:
    number = ord(hidden)
    # Unicode has pictures of these; escapes with a backslash are what many values hold anyway.
    if number < 0x20:
        return chr(0x2400 + number)
    return f"⟨U+{number:04X}⟩"


def quoted(text: str) -> str:
    """In quotes where its ends would not be seen."""
    return text if text and text == text.strip() else f'"{text}"'


def clip(text: str, length: int) -> str:
    """The text; a longer one without its middle, of which it says how long it was."""
    # To say so takes room as well.
    if len(text) <= length + _SAID:
        return text
    head, tail = length * 2 // 3, length // 3
    return f"{text[:head]}…[{len(text) - head - tail:,} characters]…{text[-tail:]}"


def code(text: str, length: int = 120) -> str:
    """As code within a line, a table's cell too."""
    shown = quoted(visible(clip(text, length)))
    longest = _longest("`", shown)
    if "|" in shown or "\\" in shown or longest > _LONGEST_RUN:
        return html_code(text, length)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def html_code(text: str, length: int = 120) -> str:
    """As code where Markdown is not read, such as in `<summary>`; it does no harm where it is."""
    shown = quoted(visible(clip(text, length)))
    # Some parsers look for addresses in what they have decoded; the tag keeps its parts apart.
    signs = (sign if _LETTERS.fullmatch(sign) else f"&#{ord(sign)};" for sign in shown)
    return f"<code>{''.join(signs).replace('&#64;', '<wbr>&#64;')}</code>"


def prose(text: str, length: int = 400) -> str:
    """Words of a sentence: plain ones as they are, whatever might be more than a word as code."""
    words = visible(clip(" ".join(text.split()), length)).split()
    if not words:
        return code("")
    return " ".join(_word(word, first=place == 0) for place, word in enumerate(words))


def sentence(text: str, length: int = 400) -> str:
    """As a sentence of its own, with a stop at its end."""
    stop = "" if text.rstrip().endswith((".", "!", "?", ":", "…")) else "."
    return f"{prose(text, length)}{stop}"


def fence(text: str, language: str = "") -> str:
    """As a block of lines."""
    shown = visible(text.replace("\r\n", "\n"), lines=True)
    # A run as long as this can only be an attempt to get out.
    shown = re.sub(f"`{{{_LONGEST_FENCE},}}", lambda run: f"`…[{len(run[0]):,} backticks]", shown)
    marks = "`" * max(3, _longest("`", shown) + 1)
    return f"{marks}{language}\n{shown.rstrip()}\n{marks}\n"


def _word(word: str, *, first: bool) -> str:
    if word in _DASHES or (first and _LIST.fullmatch(word)):
        return f"{word[:-1]}&#{ord(word[-1])};"
    if _WORD.fullmatch(word) and not _LINKED.search(word):
        return word
    return code(word, len(word))


def _longest(sign: str, text: str) -> int:
    return max(map(len, re.findall(f"{re.escape(sign)}+", text)), default=0)
