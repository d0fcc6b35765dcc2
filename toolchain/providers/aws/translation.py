"""Between the SDK's names (`cidrBlock`) and those of AWS's API (`CidrBlock`)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from toolchain.providers.aws.values import Json, is_list, is_object


def api(inputs: Mapping[str, Any], *names: str, **renamed: str) -> dict[str, Any]:
    """Parameters from those of the named inputs that are there: `api(i, "cidrBlock", port="Port")`.

    `names` get a capital; `renamed` says the parameter's name where that is not it. Objects inside are
    translated in the same way.
    """
    spelled = {name: name[:1].upper() + name[1:] for name in names} | renamed
    return {
        parameter: _pascal(inputs[name]) for name, parameter in spelled.items() if name in inputs
    }


def wire(answer: Mapping[str, Any], *names: str, **renamed: str) -> dict[str, Any]:
    """Outputs from an answer of AWS, the other way round; the names are the SDK's here as well."""
    spelled = {name: name[:1].upper() + name[1:] for name in names} | renamed
    return {
        name: _camel(answer[parameter])
        for name, parameter in spelled.items()
        if answer.get(parameter) is not None
    }


def pick(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the named values that are there, for APIs that spell as the SDK does."""
    return {name: plain(values[name]) for name in names if values.get(name) is not None}


def first(found: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The only one that was looked for, None if AWS has none."""
    return next(iter(found), None)


def pairs(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as a list of objects."""
    return [{key: name, value: text} for name, text in tags.items()]


def tags(
    found: Iterable[Mapping[str, Any]] | None, key: str = "Key", value: str = "Value"
) -> dict[str, str]:
    """Tags from a list of objects."""
    return {str(each[key]): str(each[value]) for each in found or ()}


def plain(value: Json) -> Json:
    """The value as JSON has it: times as text."""
    return _renamed(value, lambda name: name)


def _pascal(value: Json) -> Json:
    return _renamed(value, lambda name: name[:1].upper() + name[1:])


def _camel(value: Json) -> Json:
    return _renamed(value, lambda name: name[:1].lower() + name[1:])


def _renamed(value: Json, spell: Callable[[str], str]) -> Json:
    if is_object(value):
        return {spell(name): _renamed(each, spell) for name, each in value.items()}
    if is_list(value):
        return [_renamed(each, spell) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
