"""What may be told of a value: secrets are taken out by where they stand, then by their form."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from policies.secrets import LOGIN, looks_random
from review import signatures
from review.model import SECRET
from review.redaction import UNKNOWNS, Redactor, holds_secret
from review.shapes import members, parts, scalars
from review.texts import parsed, written
from review.values import HIDDEN, NOT_KNOWN, Document, Masked, Value, is_list, is_mapping

SECRETS: Final = frozenset({"kubernetes:core/v1:Secret", "kubernetes:core/v1:SecretPatch"})
"""Types whose data is secret, whatever it is called."""

_INTERNAL: Final = ("__defaults", "__meta", "__provider")
"""What providers keep among properties for themselves."""
_DATA: Final = ("data", "stringData")
_KIND: Final = ("Secret", "SecretPatch")
OPEN: Final = frozenset(
    {
        "args", "binaryData", "command", "data", "env", "environment", "environmentVariables",
        "envVars", "set", "values", "variables",
    }
)  # fmt: skip
"""Below these is what a workload is told. There a text can be a secret by its looks alone.

Elsewhere such a text is as a rule the id or the name of something, which cloud providers make up.
"""
_ASSIGNED: Final = re.compile(r"-{0,2}[A-Za-z_][\w.-]*=")
_SHORT_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,19}([._-][A-Za-z0-9]{1,20}){0,4}")
# Below a name such as `secret` these point to where one is kept.
_REFERENCES: Final = frozenset(
    {
        "apiGroup", "apiVersion", "arn", "audience", "defaultMode", "expirationSeconds", "key",
        "kind", "mode", "name", "namespace", "optional", "path", "readOnly", "secretName",
    }
)  # fmt: skip
_DEEPEST: Final = 6
"""Documents in texts of documents: so far they are read."""


class Masking:
    """Makes values that may be told out of those that the engine printed."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._read: dict[tuple[str, int], Value] = {}

    def inputs(
        self, inputs: Mapping[str, object], kind: str = "", *, only: Collection[str] | None = None
    ) -> dict[str, Value]:
        """Properties of a resource of this type, by name; all of them, or some only."""
        told = self._mapping(inputs, 0, whole=kind in SECRETS, only=only)
        return dict(told) if is_mapping(told) else {}

    def _value(self, value: object, depth: int, *, open_: bool = False) -> Value:
        if isinstance(value, str):
            return self._open(value, depth) if open_ else self._text(value, depth)
        if (inside := members(value)) is not None:
            return self._mapping(inside, depth, open_=open_)
        if (listed := parts(value)) is not None:
            return self._list(listed, depth, open_=open_)
        if value is None or isinstance(value, bool):
            return value
        if not isinstance(value, int | float):
            return str(value)
        told = self._redactor.name(str(value))
        return value if told == str(value) else Masked(told, value)

    def _mapping(
        self,
        value: Mapping[str, object],
        depth: int,
        *,
        whole: bool = False,
        open_: bool = False,
        only: Collection[str] | None = None,
    ) -> Value:
        if signatures.signed(value):
            return self._signed(value, depth, open_=open_)
        whole = whole or value.get("kind") in _KIND
        named = _named(value)
        told: dict[str, Value] = {}
        for name, part in value.items():
            if name.startswith(_INTERNAL) or (only is not None and name not in only):
                continue
            key = self._redactor.name(name)
            data = members(part) if whole and name in _DATA else None
            if data is not None:
                told[key] = self._data(data)
            elif holds_secret(name, part) or (named and name.lower() == "value"):
                told[key] = self._hidden(part, depth)
            else:
                told[key] = self._value(part, depth, open_=open_ or name in OPEN)
        return told

    def _data(self, data: Mapping[str, object]) -> Value:
        if signatures.signed(data):
            return NOT_KNOWN if signatures.is_unknown(data) else HIDDEN
        return {self._redactor.name(name): _hidden(part) for name, part in data.items()}

    def _signed(self, value: Mapping[str, object], depth: int, *, open_: bool) -> Value:
        if signatures.is_unknown(value):
            return NOT_KNOWN
        if signatures.is_secret(value):
            inside = signatures.held(value)
            return HIDDEN if inside in ([], [SECRET]) else Masked(SECRET, _identity(inside))
        return self._value(signatures.bare(value), depth, open_=open_)

    def _hidden(self, value: object, depth: int) -> Value:
        """What stands under the name of a secret: all but what says where one is kept."""
        inside = members(value)
        if inside is not None and not signatures.signed(inside):
            return {
                self._redactor.name(name): self._value(part, depth)
                if refers(name, part, inside)
                else self._hidden(part, depth)
                for name, part in inside.items()
            }
        if not scalars(value) and (listed := parts(value)) is not None:
            return [self._hidden(part, depth) for part in listed]
        return _hidden(value)

    def _list(self, value: list[object], depth: int, *, open_: bool) -> Value:
        told: list[Value] = []
        flag = ""
        for part in value:
            hides = isinstance(part, str) and follows(flag, part)
            told.append(_hidden(part) if hides else self._value(part, depth, open_=open_))
            flag = part if isinstance(part, str) else ""
        return told

    def _text(self, value: str, depth: int) -> Value:
        if value == SECRET:
            return HIDDEN
        if value in UNKNOWNS:
            return NOT_KNOWN
        found = self._read.get((value, depth))
        if found is None:
            found = self._document(value, depth) or self._told(value)
            self._read[(value, depth)] = found
        return found

    def _open(self, value: str, depth: int) -> Value:
        found = random_part(value)
        if found is None:
            return self._text(value, depth)
        return Masked(self._redactor.text(value.replace(found, SECRET)), value)

    def _told(self, value: str) -> Value:
        told = self._redactor.text(value)
        return value if told == value else Masked(told, value)

    def _document(self, value: str, depth: int) -> Document | None:
        document = parsed(value) if depth < _DEEPEST else None
        if document is None:
            return None
        tree = self._value(document, depth + 1)
        # Written anew where something is left out, so that nothing stays that stands beside it.
        shown = written(_shown(tree), value) if any(_masked(tree)) else value
        return Document(self._redactor.text(shown), value, tree)


def random_part(text: str) -> str | None:
    """What is a secret by its looks: the text, or what it gives to a variable or flag."""
    assigned = _ASSIGNED.match(text)
    for part in (text.strip(), text[assigned.end() :].strip() if assigned else ""):
        if looks_random(part):
            return part
    return None


def refers(name: str, value: object, beside: Mapping[str, object]) -> bool:
    """Whether what stands under `name` below a secret's name says where one is kept.

    A `key` does so next to a name or a path, and if it is a name itself.
    """
    if name not in _REFERENCES or members(value) is not None:
        return False
    if name != "key":
        return True
    placed = any(other in beside for other in ("name", "path", "secretName"))
    return placed and isinstance(value, str) and _SHORT_NAME.fullmatch(value) is not None


def follows(flag: str, value: str) -> bool:
    """Whether a secret follows a flag as the next word: `--password`, `hunter2`."""
    if not flag.startswith("-") or value.startswith("-"):
        return False
    if flag in {"-u", "-U", "--user", "--proxy-user"} and LOGIN.fullmatch(value):
        return True
    return holds_secret(flag.lstrip("-"), value)


def _hidden(value: object) -> Value:
    """In place of a secret. What is no value, and a yes or no, is none."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value in {"", "true", "false"}:
            return value
        if value in UNKNOWNS:
            return NOT_KNOWN
    return HIDDEN if value == SECRET else Masked(SECRET, _identity(value))


def _identity(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _named(value: Mapping[str, object]) -> bool:
    """Whether it is an entry such as `{name: DB_PASSWORD, value: …}`."""
    held = value.get("value", value.get("Value"))
    return any(
        isinstance(name := value.get(label), str) and holds_secret(name, held)
        for label in ("name", "Name", "key", "Key")
    )


def _masked(value: Value) -> Iterator[bool]:
    if isinstance(value, Masked):
        yield True
    elif isinstance(value, Document):
        yield value.shown != value.was
    elif is_mapping(value):
        for part in value.values():
            yield from _masked(part)
    elif is_list(value):
        for part in value:
            yield from _masked(part)


def _shown(value: Value) -> object:
    if isinstance(value, Masked | Document):
        return value.shown
    if is_mapping(value):
        return {name: _shown(part) for name, part in value.items()}
    return [_shown(part) for part in value] if is_list(value) else value
