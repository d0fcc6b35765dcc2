"""What balancers, target groups, listeners and rules have in common: attributes and tags."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.translation import pairs, tags
from toolchain.providers.aws.values import Inputs, Outputs

Value = bool | int | str


@dataclass(frozen=True)
class Attribute:
    """One property that AWS keeps as a text under a key of its own."""

    key: str
    default: Value
    of: Sequence[str]
    """Types of balancers, or protocols, that have it."""


Table = Mapping[str, Attribute]
"""Attributes by the SDK's names."""


def wanted(table: Table, kind: str, new: Inputs, old: Inputs) -> list[dict[str, str]]:
    """What AWS has to be told to get from `old` to `new`; what is no longer given is as without it."""
    return pairs(
        {
            each.key: text(new.get(name, each.default))
            for name, each in table.items()
            if kind in each.of and new.get(name) != old.get(name)
        }
    )


def foreign(table: Table, kind: str, inputs: Inputs) -> Iterator[str]:
    """Keys of what is given and has no meaning for `kind`. Nothing, zero and false are not sent."""
    for name, each in table.items():
        if inputs.get(name) and kind not in each.of:
            yield each.key


def found(table: Table, kind: str, attributes: Mapping[str, str]) -> Outputs:
    """What AWS holds, under the SDK's names."""
    return {
        name: _parsed(attributes[each.key], each.default)
        if each.key in attributes
        else each.default
        for name, each in table.items()
        if kind in each.of
    }


def text(value: Value) -> str:
    """The value as AWS keeps it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parsed(value: str, like: Value) -> Value:
    if isinstance(like, bool):
        return value == "true"
    return int(value) if isinstance(like, int) else value


def listed(attributes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Attributes from the list that AWS answers with."""
    return {each["Key"]: each["Value"] for each in attributes}


def tag(call: Call, arn: str, changed: dict[str, str], removed: list[str]) -> None:
    """Tags of any of them."""
    if changed:
        call.api.add_tags(ResourceArns=[arn], Tags=pairs(changed))
    if removed:
        call.api.remove_tags(ResourceArns=[arn], TagKeys=removed)


def tagged(call: Call) -> dict[str, Any]:
    """The parameter that tags one while it is made; none without tags."""
    return {"Tags": pairs(call.tags)} if call.tags else {}


def tags_of(call: Call, arn: str) -> dict[str, str]:
    """Its tags."""
    (answer,) = call.api.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return tags(answer.get("Tags"))
