"""What is read once is what the SDK would have read each time."""

import importlib
from typing import Any, Final

import pytest
from google.protobuf import json_format
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from policies.reading import Remembered, read_once
from policies.resource import plain
from tests.policies.analyzer import secret, struct
from tests.policies.world import UNKNOWN

sdk: Final[Any] = importlib.import_module("pulumi_policy.policy")
PROPS: Final[dict[str, Any]] = {"a": {"b": [1, UNKNOWN]}, "s": secret({"c": "d"}), "n": None}


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK as the pack changes it; afterwards it is as it was."""
    for name in ("json_format", "deserialize_properties", "unknown_checking_proxy"):
        monkeypatch.setattr(sdk, name, getattr(sdk, name))
    read_once()


def test_a_function_is_asked_once_for_each_object() -> None:
    asked: list[str] = []

    def compute(key: list[int]) -> int:
        asked.append("")
        return sum(key)

    remembered = Remembered(compute)
    one, other = [1, 2], [1, 2]
    assert [remembered(one), remembered(one), remembered(other)] == [3, 3, 3]
    assert len(asked) == 2


@pytest.mark.usefixtures("once")
def test_the_sdk_reads_the_same_and_only_once() -> None:
    message = struct({key: value for key, value in PROPS.items() if value is not None})
    read = sdk.json_format.MessageToDict(message)
    assert read == json_format.MessageToDict(message)
    assert sdk.json_format.MessageToDict(message) is read
    props = sdk.deserialize_properties(read)
    assert props == deserialize_properties(read)
    assert plain(props["s"]) == {"c": "d"}
    proxy = sdk.unknown_checking_proxy(props)
    assert sdk.unknown_checking_proxy(props) is proxy
    assert proxy["a"]["b"][0] == unknown_checking_proxy(props)["a"]["b"][0]
    with pytest.raises(UnknownValueError):
        proxy["a"]["b"][1]


@pytest.mark.usefixtures("once")
def test_secrets_stay_secrets_where_the_sdk_wants_them_kept() -> None:
    read = json_format.MessageToDict(struct({"s": secret("plain")}))
    kept = sdk.deserialize_properties(read, True)
    assert type(kept).__name__ == "_DictSecretsProxy"


def test_an_sdk_that_reads_in_another_way_is_not_taken_for_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sdk, "json_format", sdk.json_format)
    monkeypatch.delattr(sdk, "deserialize_properties")
    with pytest.raises(AttributeError, match="deserialize_properties"):
        read_once()
