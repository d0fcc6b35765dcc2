"""Reads what the engine sends once, where the SDK reads it anew for each policy.

A run is some 400 resources and twice as many rules as the SDK was made for: reading each resource
for each rule took nine tenths of the time. The SDK has no setting for it, so its own functions are
replaced by ones that remember; what they return is not changed by any rule.
"""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import pulumi_policy.policy as sdk
from google.protobuf import json_format
from google.protobuf.message import Message
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """A function that computes its answer once for each object, which it keeps alive for that.

    A run of the engine has a process of its own, so nothing is kept for longer than a run.
    """

    def __init__(self, compute: Callable[[K], V]) -> None:
        self._compute = compute
        self._known: dict[int, tuple[K, V]] = {}

    def __call__(self, key: K) -> V:
        """The answer for this very object."""
        known = self._known.get(id(key))
        if known is None:
            # An id is not given out again while its object is kept.
            known = self._known[id(key)] = (key, self._compute(key))
        return known[1]


class _Messages:
    """The part of `json_format` that the SDK uses, with the name it calls it by."""

    MessageToDict: Final = Remembered[Message, dict[str, Any]](json_format.MessageToDict)


def read_once() -> None:
    """Make the SDK read each message once. Raises `AttributeError` if it reads in another way by now."""
    plain = Remembered[dict[str, Any], dict[str, Any]](deserialize_properties)

    def deserialize(props: dict[str, Any], proxy_secrets: bool = False) -> dict[str, Any]:
        return deserialize_properties(props, True) if proxy_secrets else plain(props)

    for name, replacement in (
        ("json_format", _Messages),
        ("deserialize_properties", deserialize),
        ("unknown_checking_proxy", Remembered(unknown_checking_proxy)),
    ):
        getattr(sdk, name)
        setattr(sdk, name, replacement)
