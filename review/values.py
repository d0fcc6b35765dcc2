"""Values of properties, fit to be told, and still told apart from each other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from review.model import SECRET, UNKNOWN


@dataclass(frozen=True)
class Masked:
    """A text of which something is left out. Two are the same if what they were is the same."""

    shown: str
    was: object = field(repr=False)


@dataclass(frozen=True)
class Document:
    """A text that is JSON or YAML."""

    shown: str
    was: str = field(repr=False)
    tree: "Value" = field(repr=False)


Scalar = str | int | float | bool | None
Value = Scalar | Masked | Document | Sequence["Value"] | Mapping[str, "Value"]

HIDDEN = Masked(SECRET, None)
"""A secret that the engine hides; nobody here can tell it from another one."""
NOT_KNOWN = Masked(UNKNOWN, None)


def is_mapping(value: object) -> TypeGuard[Mapping[str, Value]]:
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[Sequence[Value]]:
    return isinstance(value, list)


def same(one: Value, other: Value) -> bool:
    """Whether they are one value: 1 and 1.0 are, 1 and true are not."""
    if is_mapping(one) and is_mapping(other):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Document) and isinstance(other, Document):
        return one.was == other.was
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def text(value: Value) -> str:
    """A text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Masked | Document):
        return value.shown
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Value) -> object:
    """The value as JSON can write it."""
    if isinstance(value, Masked | Document):
        return value.shown
    if is_mapping(value):
        return {key: plain(part) for key, part in value.items()}
    if is_list(value):
        return [plain(part) for part in value]
    return value
