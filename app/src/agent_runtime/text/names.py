"""People, organisations and places, told by capitals, titles and legal forms."""

import re
from collections.abc import Iterator

from agent_runtime.features import EntityType, Mention

CURRENCIES = (
    *("USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR"),
    *("CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "BRL"),
)
_UPPER = r"[A-Z\u00c0-\u00d6\u00d8-\u00de]"
_LOWER = r"[a-z\u00df-\u00f6\u00f8-\u00ff]"
_WORD = rf"{_UPPER}(?:{_LOWER}{{1,40}}(?:[-'\u2019]{_UPPER}{_LOWER}{{1,40}}){{0,2}}|\.)"
_PART = r"(?:van|von|der|den|de|del|della|di|da|dos|la|le|bin|al)"
_LEGAL = (
    r"(?:(?:Inc|Corp|Ltd|Co)(?:\.|(?!\w))|(?:Incorporated|Corporation|Limited|LLC|PLC|GmbH|AG|SE|KG|"
    r"SA|SAS|SARL|BV|NV|AB|ASA|Oy|Group|Holdings|Bank|University|Institute|Foundation|Ministry|"
    r"Association|Committee|Agency)(?!\w))"
)
_ORGANIZATION = re.compile(
    rf"\b{_UPPER}[\w&'\u2019-]{{0,40}}"
    rf"(?: (?:&|and|of|for|the|und|{_UPPER}[\w&'\u2019-]{{0,40}})){{0,4}}"
    rf",? {_LEGAL}"
)
_OF = re.compile(
    rf"\b(?:University|Bank|Ministry|Institute|Department|Bundesministerium)"
    rf" (?:of|for|der|f\u00fcr)"
    rf"(?: the)?(?: {_WORD}){{1,3}}"
)
_ACRONYM = re.compile(r"(?<![\w.-])(?=[A-Z0-9]*[A-Z])[A-Z][A-Z0-9]{2,6}(?![\w-])")
_TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Herr|Frau|M|Mme|President|Chancellor|Minister)\.? "
    rf"({_WORD}(?: (?:{_PART} )?{_WORD}){{0,3}})"
)
_SEQUENCE = re.compile(rf"\b{_WORD}(?: (?:{_PART} )?{_WORD}){{1,3}}(?!\w)")
_PLACE = re.compile(
    rf"\b(?:in|at|from|near|to|\u00e0|en|nach|aus) ({_WORD}(?:(?:-| ){_WORD}){{0,2}})(?!\w)"
)
_CALENDAR = frozenset(
    """january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday
    januar februar märz mai juni juli oktober dezember
    montag dienstag mittwoch donnerstag freitag samstag sonntag""".split()  # noqa: SIM905 (a list of words reads better as words)
)
_OPENERS = frozenset(
    """a an and as at but by for from he her his how i if in it its my no not of on one or our she
    so some that the their then there these they this those to was we what when where which while
    who why with you your all any after also although because before both despite during each
    every however many most since such thanks until very yes dear hello please
    der die das ein eine le la les un une el los las""".split()  # noqa: SIM905 (see above)
)
_EVERY_NOUN_IS_CAPITAL = frozenset({"de", "lb"})


def names(text: str, language: str) -> Iterator[Mention]:
    """Names, the strictest rules first."""
    for rule in (_OF, _ORGANIZATION):
        for match in rule.finditer(text):
            yield from _named(match[0], match.start(), "organization", 0.8)
    for match in _TITLED.finditer(text):
        yield from _named(match[1], match.start(1), "person", 0.85)
    if language not in _EVERY_NOUN_IS_CAPITAL:
        for match in _PLACE.finditer(text):
            yield from _named(match[1], match.start(1), "location", 0.55)
        for match in _SEQUENCE.finditer(text):
            yield from _named(match[0], match.start(), "person", 0.6)
    for match in _ACRONYM.finditer(text):
        if match[0] in CURRENCIES:
            continue
        yield Mention(text=match[0], type="organization", confidence=0.4, start=match.start())


def _named(name: str, start: int, kind: EntityType, confidence: float) -> Iterator[Mention]:
    """The name without a sentence's opening word; none if a day or month is all that is left."""
    first, _, rest = name.partition(" ")
    while rest and first.casefold() in _OPENERS | _CALENDAR:
        start += len(first) + 1
        name = rest
        first, _, rest = name.partition(" ")
    words = {word.casefold().rstrip(".,") for word in name.split()}
    if words & _CALENDAR or words <= _OPENERS:
        return
    if kind == "person" and " " not in name and confidence < 0.8:
        return
    yield Mention(text=name, type=kind, confidence=confidence, start=start)
