"""Property values as the engine sends them, and as everything else here wants them: plain."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from google.protobuf.struct_pb2 import Struct, Value

Inputs = Mapping[str, Any]
"""Properties by their wire names; values are JSON's, or UNKNOWN."""
Outputs = dict[str, Any]
"""The same, as types give them back."""
Json = Any
"""A value of JSON, of which it is not known yet what it is."""

# Signatures of the protocol (sdk/go/common/resource/sig, plugin/rpc.go).
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, not a secret
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    (
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    )
)


class Unknown:
    """A value that a preview cannot know yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Properties:
    """What one message holds."""

    values: dict[str, Any]
    """Without secrets' wrapping, and without what is null."""
    secret: frozenset[str] = frozenset()
    """Top-level names that are secret, or have a secret somewhere inside."""
    secrets: frozenset[str] = frozenset()
    """Every secret text, so that messages can leave it out."""


def decode(message: Struct) -> Properties:
    """The properties of a message."""
    texts: set[str] = set()
    values: dict[str, Any] = {}
    secret: set[str] = set()
    for name, value in message.fields.items():
        seen: set[str] = set()
        plain, wrapped = _plain(value, seen)
        if plain is not None:
            values[name] = plain
            if wrapped:
                secret.add(name)
        texts |= seen
    return Properties(values, frozenset(secret), frozenset(texts))


def encode(values: Inputs, secret: Collection[str] = ()) -> Struct:
    """A message of the values, those named in `secret` as secrets."""
    message = Struct()
    for name, value in values.items():
        if value is not None:
            field = _message(value)
            message.fields[name].CopyFrom(_wrapped(field) if name in secret else field)
    return message


def has_unknown(value: object) -> bool:
    """Whether there is an unknown in the value, however deep."""
    if is_object(value):
        return any(has_unknown(each) for each in value.values())
    if is_list(value):
        return any(has_unknown(each) for each in value)
    return value is UNKNOWN


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether the value has properties of its own."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether the value has elements."""
    return isinstance(value, list | tuple)


def _plain(value: Value, secrets: set[str]) -> tuple[Json, bool]:
    """The value, and whether anything in it is secret; secret texts go to `secrets`."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _structure(value.struct_value, secrets)
    if kind == "list_value":
        found = [_plain(each, secrets) for each in value.list_value.values]
        return [plain for plain, _ in found], any(wrapped for _, wrapped in found)
    if kind == "string_value":
        return (UNKNOWN if value.string_value in _UNKNOWNS else value.string_value), False
    if kind == "number_value":
        number = value.number_value
        return (int(number) if number.is_integer() else number), False
    return (value.bool_value if kind == "bool_value" else None), False


def _structure(struct: Struct, secrets: set[str]) -> tuple[Json, bool]:
    fields = struct.fields
    if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
        plain, _ = _plain(fields["value"], secrets)
        secrets.update(_texts(plain))
        return plain, True
    values: dict[str, Any] = {}
    secret = False
    for name, value in fields.items():
        plain, wrapped = _plain(value, secrets)
        secret = secret or wrapped
        if plain is not None:
            values[name] = plain
    return values, secret


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_object(value):
        for each in value.values():
            yield from _texts(each)
    elif is_list(value):
        for each in value:
            yield from _texts(each)


def _message(value: object) -> Value:
    if value is UNKNOWN:
        return Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    message = Value()
    if is_object(value):
        message.struct_value.SetInParent()
        for name, each in value.items():
            if each is not None:
                message.struct_value.fields[name].CopyFrom(_message(each))
    elif is_list(value):
        message.list_value.SetInParent()
        message.list_value.values.extend(_message(each) for each in value)
    elif value is None:
        message.null_value = 0  # pyright: ignore[reportAttributeAccessIssue] - an enum's number
    else:
        raise TypeError(
            f"a property is {value!r}, a {type(value).__name__}; properties are JSON's values. "
            "Turn it into text in the type's `read`."
        )
    return message


def _wrapped(value: Value) -> Value:
    wrapper = Value()
    wrapper.struct_value.fields[_SIGNATURE].string_value = _SECRET
    wrapper.struct_value.fields["value"].CopyFrom(value)
    return wrapper
