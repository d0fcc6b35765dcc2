"""Values that are known to be secret, found in a text in whatever form they stand there."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

from review.model import SECRET

SHORTEST: Final = 6
"""Letters of the shortest value that is taken out wherever it stands, inside of words, too."""
SHORTEST_WORD: Final = 3
"""Letters of the shortest value that is taken out as a word of its own. What is shorter is no secret."""
_FEW: Final = 40
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_=-]*")
_BASE64_BEFORE: Final = re.compile(r"[A-Za-z0-9+/_-]*\Z")
_PERCENT: Final = re.compile(r"%[0-9A-F]{2}")


class Literals:
    """Takes known values out of texts."""

    def __init__(self, values: Iterable[str]) -> None:
        plain: set[str] = set()
        words: set[str] = set()
        encoded: set[str] = set()
        for value in {v for whole in values for v in _pieces(whole)}:
            if value in SECRET:
                continue
            if len(value) >= SHORTEST:
                plain.update(_written(value))
            elif len(value) >= SHORTEST_WORD:
                words.add(value)
            encoded.update(_encoded(value))
        self._encoded = frozenset(encoded)
        self._forms = sorted(plain | encoded, key=len, reverse=True)
        self._starting: dict[str, list[str]] = {}
        for form in self._forms:
            self._starting.setdefault(form[:SHORTEST], []).append(form)
        either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        self._words = re.compile(rf"(?<!\w)(?:{either})(?!\w)") if words else None

    def scrub(self, text: str) -> str:
        """The text with `[secret]` for each of them."""
        if len(self._forms) > _FEW or any(form in text for form in self._forms):
            text = self._without_forms(text)
        return self._words.sub(SECRET, text) if self._words else text

    def _without_forms(self, text: str) -> str:
        kept: list[str] = []
        begin = at = 0
        last = len(text) - SHORTEST
        starting = self._starting
        while at <= last:
            forms = starting.get(text[at : at + SHORTEST])
            form = next((f for f in forms if text.startswith(f, at)), None) if forms else None
            if form is None:
                at += 1
                continue
            before, end = text[begin:at], at + len(form)
            if form in self._encoded:
                # The letters next to it hold bits of the secret, and how long it is.
                before = _BASE64_BEFORE.sub("", before)
                end += len(_match(_BASE64, text, end))
            kept += [before, SECRET]
            begin = at = end
        return "".join([*kept, text[begin:]])


def _match(pattern: re.Pattern[str], text: str, at: int) -> str:
    found = pattern.match(text, at)
    return found[0] if found else ""


def _pieces(value: str) -> Iterator[str]:
    """The value, and lines of it, which stand by themselves where it is indented or cut."""
    yield value
    yield value.strip()
    if "\n" in value:
        yield from (line.strip() for line in value.splitlines() if len(line.strip()) > SHORTEST)


def _written(value: str) -> Iterator[str]:
    """The value as a text has it: by itself, in JSON, in JSON in JSON, in a URL."""
    for once in (value, _escaped(value, ascii_only=True), _escaped(value, ascii_only=False)):
        yield once
        yield _escaped(once, ascii_only=False)
        yield once.replace("/", "\\/")
    raw = value.encode(errors="surrogatepass")
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield _PERCENT.sub(lambda match: match[0].lower(), quoted)


def _escaped(value: str, *, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only)[1:-1]


def _encoded(value: str) -> Iterator[str]:
    """What is always there of the value in base64, whatever stands around it."""
    raw = value.encode(errors="surrogatepass")
    for shift, cut in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")[cut:]
        if (shift + len(raw)) % 3:
            text = text[:-1]
        if len(text) >= SHORTEST:
            yield text
            yield text.translate(str.maketrans("+/", "-_"))
