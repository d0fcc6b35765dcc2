"""Named things in a text, found by how they are written.

Confidence says how strict the rule is: an e-mail address is what it looks like, two capitalised
words are a person only as a rule of thumb.
"""

import re
from collections.abc import Iterator
from itertools import islice

from phonenumbers import Leniency, PhoneNumberMatcher

from agent_runtime.features import EntityType, Mention
from agent_runtime.text.names import CURRENCIES, names
from agent_runtime.text.words import segments

MOST = 1000
"""Mentions reported of one document."""

# Every repetition is bounded: no text may make a rule's time grow with its square.
_NUMBER = r"\d{1,3}(?:[ ,.'\u00a0]\d{3}){1,5}(?:[.,]\d{1,2})?|\d{1,15}(?:[.,]\d{1,6})?"
_SCALE = r"(?:\s?(?:thousand|million|billion|trillion|mn|bn|tn|[kKmM](?![a-zA-Z])|Mio\.?|Mrd\.?))?"
_CODE = rf"(?:{'|'.join(CURRENCIES)})"
_SIGN = r"[$\u20ac\u00a3\u00a5\u20b9]"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
    r"|Januar|Februar|M\u00e4rz|Mai|Juni|Juli|Oktober|Dezember)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1[5-9]|20|21)\d\d"

_RULES: tuple[tuple[EntityType, float, re.Pattern[str]], ...] = (
    ("url", 0.99, re.compile(r"\bhttps?://[^\s<>\"'(){}\[\]]{1,2048}(?<![.,;:!?])")),
    (
        "email",
        0.99,
        re.compile(
            r"(?<![\w.+-])[A-Za-z0-9_+-][A-Za-z0-9._%+-]{0,63}@"
            r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}\b"
        ),
    ),
    (
        "money",
        0.95,
        re.compile(
            rf"{_SIGN}\s?(?:{_NUMBER}){_SCALE}|\b{_CODE}\s?(?:{_NUMBER}){_SCALE}"
            rf"|(?<![\w.,])(?:{_NUMBER}){_SCALE}\s?(?:{_SIGN}|{_CODE}\b|(?:dollars|euros?|pounds)\b)",
        ),
    ),
    (
        "percentage",
        0.98,
        re.compile(rf"(?<![\w.,])[-+\u2212]?(?:{_NUMBER})\s?(?:%|per\s?cent\b|Prozent\b)"),
    ),
    (
        "date",
        0.95,
        re.compile(
            rf"\b{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b"
            rf"|\b{_DAY}[./](?:0?[1-9]|1[0-2])[./](?:{_YEAR}|\d\d)\b"
            rf"|\b(?:0?[1-9]|1[0-2])/{_DAY}/(?:{_YEAR}|\d\d)\b"
            rf"|\b{_MONTH}\s{_DAY}(?:st|nd|rd|th)?(?:,?\s{_YEAR})?\b"
            rf"|\b{_DAY}(?:st|nd|rd|th|\.)?\s{_MONTH}(?:,?\s{_YEAR})?(?!\w)"
            rf"|\b{_MONTH}\s{_YEAR}\b"
        ),
    ),
)


def entities(text: str, language: str) -> tuple[Mention, ...]:
    """Mentions in the order of the text; where two overlap, the stricter rule has it."""
    found = (
        mention.model_copy(update={"start": start + begin})
        for begin, segment in segments(text)
        for start, mention in _of_segment(segment, language)
    )
    return tuple(islice(found, MOST))


def _of_segment(text: str, language: str) -> list[tuple[int, Mention]]:
    taken = bytearray(len(text))
    found: list[tuple[int, Mention]] = []
    for mention in _candidates(text, language):
        start = mention.start or 0
        end = start + len(mention.text)
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\x01" * (end - start)
            found.append((start, mention))
    return sorted(found, key=lambda placed: placed[0])


def _candidates(text: str, language: str) -> Iterator[Mention]:
    for kind, confidence, rule in _RULES:
        for match in rule.finditer(text):
            yield Mention(text=match[0], type=kind, confidence=confidence, start=match.start())
    # Without a region only numbers with a country code can be told from other numbers.
    for phone in PhoneNumberMatcher(text, None, leniency=Leniency.VALID, max_tries=1000):
        yield Mention(text=phone.raw_string, type="phone", confidence=0.97, start=phone.start)
    yield from names(text, language)
