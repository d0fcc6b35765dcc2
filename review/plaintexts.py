"""Values that must not be told, wherever else they stand: found before anything is told."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from review import signatures
from review.masking import OPEN, SECRETS, random_part, refers
from review.model import SECRET
from review.redaction import NO_SECRET, SIGNATURE, UNKNOWNS, holds_secret
from review.shapes import members, parts, scalars
from review.texts import parsed

_DEEPEST: Final = 6
_LIKELY: Final = 8
"""Letters of the shortest value that its name alone makes a secret elsewhere, too."""
_DIGITS: Final = 6
_WORDS: Final = re.compile(r"/.*|[A-Za-z]+([ _.-][A-Za-z]+)*")
_HEADER: Final = re.compile(r"(?:basic|bearer|token)\s+(?P<credentials>\S+)", re.IGNORECASE)
_BEGIN: Final = re.compile(r"\{(?=\s*\"" + SIGNATURE + ")")


class Plaintexts:
    """Collects secrets from all that the engine printed."""

    def __init__(self) -> None:
        self._certain: set[str] = set()
        self._likely: set[str] = set()
        self._read: set[str] = set()

    def look(self, value: object, kind: str = "") -> None:
        """Look through the properties of a resource of this type, or through any other value."""
        self._look(value, 0, whole=kind in SECRETS)

    def listen(self, text: str) -> None:
        """Look through a message, in which secrets are if the engine wrote objects into it."""
        for _ in range(_DEEPEST):
            if SIGNATURE not in text:
                return
            for begin in _BEGIN.finditer(text):
                try:
                    inside, _ = json.JSONDecoder().raw_decode(text, begin.start())
                except (ValueError, RecursionError):
                    continue
                self.look(inside)
            text = text.replace('\\"', '"').replace("\\\\", "\\")

    def all(self, urns: Iterable[str], withheld: Iterable[str] = ()) -> frozenset[str]:
        """What must not be told. `urns` are those of all resources.

        Words of which types, the project and the stack are made are told all the same, because
        nothing could be told without them. A value that is a secret only by the name it stands
        under is told elsewhere if it is a part of a URN: as a rule it names what holds the secret.
        """
        urns = list(urns)
        words = {word for urn in urns for word in re.split(r"[:/$]+", urn.rpartition("::")[0])}
        names = "\n".join(urns)
        likely = {value for value in self._likely if value not in names}
        known = (self._certain | likely | set(withheld)) - words
        return frozenset(value for value in known if not NO_SECRET.fullmatch(value.strip()))

    def _look(self, value: object, depth: int, *, whole: bool = False, open_: bool = False) -> None:
        if isinstance(value, str):
            if open_ and (found := random_part(value)) is not None:
                self._likely.add(found)
            self._look_into(value, depth)
        elif (listed := parts(value)) is not None:
            for part in listed:
                self._look(part, depth, open_=open_)
        elif (inside := members(value)) is not None:
            self._look_through(inside, depth, whole=whole, open_=open_)

    def _look_into(self, text: str, depth: int) -> None:
        if depth >= _DEEPEST or len(text) < _LIKELY or text in self._read:
            return
        begins = text.lstrip()[:1] in {"{", "["}
        if begins or SIGNATURE in text or "\n" in text:
            self._read.add(text)
            document = parsed(text)
            if document is not None:
                self._look(document, depth + 1)
            elif SIGNATURE in text:
                self.listen(text)

    def _look_through(
        self, value: Mapping[str, object], depth: int, *, whole: bool, open_: bool
    ) -> None:
        if signatures.signed(value):
            if signatures.is_secret(value):
                self._certain.update(_leaves(signatures.held(value)))
            else:
                self._look(signatures.bare(value), depth, open_=open_)
            return
        whole = whole or value.get("kind") in {"Secret", "SecretPatch"}
        label = value.get("name") or value.get("key")
        named = isinstance(label, str) and holds_secret(label, value.get("value"))
        for name, part in value.items():
            if whole and name in {"data", "stringData"}:
                self._likely.update(leaf for leaf in _decoded(part) if _telling(leaf))
            elif holds_secret(name, part) or (named and name == "value"):
                self._likely.update(leaf for leaf in _unreferred(part) if _telling(leaf))
            self._look(part, depth, open_=open_ or name in OPEN)


def _unreferred(value: object) -> Iterator[str]:
    """What stands under the name of a secret, without what says where one is kept."""
    inside = members(value)
    if inside is None or signatures.signed(inside):
        if scalars(value):
            yield from _leaves(value)
        else:
            for part in parts(value) or ():
                yield from _unreferred(part)
        return
    for name, part in inside.items():
        if not refers(name, part, inside):
            yield from _unreferred(part)


def _decoded(data: object) -> Iterator[str]:
    """The data of a Secret, as it is written and as its readers get it."""
    for leaf in _leaves(data):
        yield leaf
        try:
            yield base64.b64decode(leaf, validate=True).decode()
        except (binascii.Error, ValueError):
            continue


def _leaves(value: object) -> Iterator[str]:
    """Texts in a secret, and long numbers."""
    if (inside := members(value)) is not None:
        held = signatures.held(inside) if signatures.signed(inside) else inside.values()
        for part in held:
            yield from _leaves(part)
    elif (listed := parts(value)) is not None:
        for part in listed:
            yield from _leaves(part)
    elif isinstance(value, str):
        if (header := _HEADER.fullmatch(value)) is not None:
            yield header["credentials"]
        if value != SECRET and value not in UNKNOWNS:
            yield value
            document = parsed(value)
            if document is not None:
                yield from _leaves(document)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        digits = str(value)
        if len(digits) >= _DIGITS:
            yield digits


def _telling(text: str) -> bool:
    """Whether a value can be nothing but the secret: `required` and `/run/secrets` are words, too."""
    return len(text) >= _LIKELY and not _WORDS.fullmatch(text)
