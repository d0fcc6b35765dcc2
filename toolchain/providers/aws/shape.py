"""Whether values have the types that the SDK's classes declare."""

import inspect
from collections.abc import Awaitable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from types import NoneType, UnionType
from typing import Any, ForwardRef, Union, get_args, get_origin

import pulumi
from pulumi import _types as sdk  # pyright: ignore[reportPrivateUsage] - what its SDKs are made of

from toolchain.providers.aws.paths import key, step
from toolchain.providers.aws.values import UNKNOWN, is_list, is_object

Hint = Any
"""What follows the colon after a parameter."""
_NAMES: Mapping[type, str] = {
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one property."""

    path: str
    reason: str


def faults(
    hints: Mapping[str, Any],
    needed: Collection[str],
    values: Mapping[str, Any],
    at: str,
    owner: str,
) -> Iterator[Fault]:
    """What is wrong with an object whose properties are `hints`, from its names down."""
    for name in sorted(set(needed) - set(values)):
        yield Fault(key(at, name), f"{owner} needs {name!r}, which is missing")
    for name, value in values.items():
        if name not in hints:
            near = get_close_matches(name, hints, n=1)
            meant = f"; {near[0]!r} is near" if near else ""
            yield Fault(key(at, name), f"{owner} has no property {name!r}{meant}")
        else:
            yield from _value(hints[name], value, key(at, name))


def _value(hint: Hint, value: object, at: str) -> Iterator[Fault]:
    if value is UNKNOWN:
        return
    least: list[Fault] = []
    for candidate in _candidates(hint):
        found = list(_one(candidate, value, at))
        if not found:
            return
        # Of several types the last is the most specific: the class rather than its dictionary.
        least = found
    yield from least


def _candidates(hint: Hint) -> list[Any]:
    """The types a value may have, without those that exist in a program only."""
    if get_origin(hint) in (Union, UnionType):
        return [each for arm in get_args(hint) for each in _candidates(arm)]
    if hint is NoneType or isinstance(hint, ForwardRef):
        return []
    if get_origin(hint) in (Awaitable, pulumi.Output):
        return []
    return [hint]


def _one(hint: Hint, value: object, at: str) -> Iterator[Fault]:
    origin = get_origin(hint) or hint
    if origin is Any:
        return
    if not inspect.isclass(origin):
        raise TypeError(f"{at}: the SDK declares {hint!r}, which has no meaning on the wire")
    if sdk.is_input_type(origin):
        yield from _object(origin, value, at)
    elif issubclass(origin, str):
        yield from _scalar(str, value, at, _members(origin))
    elif issubclass(origin, bool | int | float):
        yield from _scalar(origin, value, at, ())
    elif issubclass(origin, Mapping):
        yield from _map(hint, value, at)
    elif issubclass(origin, pulumi.Asset | pulumi.Archive):
        if not is_object(value):
            yield _unlike(dict, value, at)
    else:
        yield from _sequence(hint, value, at)


def _members(hint: type) -> tuple[str, ...]:
    # An SDK's enumeration stands beside `str`: it helps an editor, and refuses nothing.
    return tuple(str(each.value) for each in hint) if issubclass(hint, Enum) else ()


def _scalar(wanted: type, value: object, at: str, members: tuple[str, ...]) -> Iterator[Fault]:
    if isinstance(value, bool) and wanted is not bool:
        yield _unlike(wanted, value, at)
    elif wanted is float and isinstance(value, int):
        return
    elif not isinstance(value, wanted):
        yield _unlike(wanted, value, at)
    elif members and value not in members:
        yield Fault(at, f"got {value!r}; wanted one of {', '.join(members)}")


def _object(wanted: type, value: object, at: str) -> Iterator[Fault]:
    if not is_object(value):
        yield _unlike(dict, value, at)
        return
    hints, needed = properties(wanted)
    yield from faults(hints, needed, value, at, wanted.__name__.removesuffix("Args"))


def properties(wanted: type) -> tuple[Mapping[str, Any], Collection[str]]:
    """The hints of a class of inputs by wire name, and the names it cannot be made without."""
    names = sdk.input_type_py_to_pulumi_names(wanted)
    parameters = inspect.signature(wanted).parameters.values()
    needed = [names[p.name] for p in parameters if p.default is inspect.Parameter.empty]
    return sdk.input_type_types(wanted), needed


def _map(hint: Hint, value: object, at: str) -> Iterator[Fault]:
    if not is_object(value):
        yield _unlike(dict, value, at)
        return
    of = get_args(hint)[1] if get_args(hint) else Any
    for name, each in value.items():
        yield from _value(of, each, key(at, name))


def _sequence(hint: Hint, value: object, at: str) -> Iterator[Fault]:
    if not is_list(value):
        yield _unlike(list, value, at)
        return
    of = get_args(hint)[0] if get_args(hint) else Any
    for index, each in enumerate(value):
        yield from _value(of, each, step(at, index))


def _unlike(wanted: type, value: object, at: str) -> Fault:
    got = _NAMES.get(type(value), type(value).__name__)
    return Fault(at, f"got {got}, wanted {_NAMES[wanted]}")
