"""Unit: values cross the wire unharmed, and secrets are known as such."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from toolchain.providers.aws.values import UNKNOWN, decode, encode, has_unknown

scalars = st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=5) | st.just(UNKNOWN)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_what_is_sent_arrives(document: dict[str, Any]) -> None:
    assert decode(encode(document)).values == document


@given(st.dictionaries(st.sampled_from("abc"), values, min_size=1), st.sampled_from("abc"))
def test_a_secret_arrives_as_its_value_and_is_named(document: dict[str, Any], name: str) -> None:
    found = decode(encode(document, [name]))
    assert found.values == document
    assert found.secret == ({name} if name in document else frozenset())


def test_a_secret_inside_makes_its_property_secret_and_its_texts_known() -> None:
    inner = {rpc._special_sig_key: rpc._special_secret_sig, "value": {"a": ["hunter22"]}}  # pyright: ignore[reportPrivateUsage] - the SDK's own marks
    message = Struct()
    message.update({"login": {"password": inner}, "user": "me"})
    found = decode(message)
    assert found.values == {"login": {"password": {"a": ["hunter22"]}}, "user": "me"}
    assert found.secret == {"login"}
    assert found.secrets == {"hunter22"}


def test_the_marks_are_the_sdks() -> None:
    message = encode({"a": UNKNOWN, "b": 1}, ["b"])
    assert message["a"] == rpc.UNKNOWN
    assert message["b"][rpc._special_sig_key] == rpc._special_secret_sig  # type: ignore[index] # pyright: ignore - a Struct's values have no types


def test_null_is_the_same_as_absent() -> None:
    message = Struct()
    message.update({"a": None, "b": {"c": None, "d": 1}})
    assert decode(message).values == {"b": {"d": 1}}
    assert "a" not in encode({"a": None}).fields


def test_whole_numbers_stay_whole() -> None:
    found = decode(encode({"a": 1, "b": 1.5})).values
    assert repr(found["a"]) == "1"
    assert repr(found["b"]) == "1.5"


def test_an_unknown_is_found_at_any_depth() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": "x"}]})


def test_what_is_no_json_is_refused_with_the_remedy() -> None:
    with pytest.raises(TypeError, match="Turn it into text"):
        encode({"a": object()})
