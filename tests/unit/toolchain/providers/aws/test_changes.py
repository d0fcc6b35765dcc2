"""Unit: what a preview shows of a change, and what a refresh takes for drift."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchain.providers.aws.changes import changes, live, merged, same
from toolchain.providers.aws.values import UNKNOWN

names = st.sampled_from(["a", "b", "c.d", "tags"])
documents = st.dictionaries(
    names,
    st.recursive(
        st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=8,
    ),
)


def paths(old: dict[str, Any], new: dict[str, Any], *replaces: str) -> dict[str, str]:
    return {
        each.path: each.kind + ("_REPLACE" if each.replaces else "")
        for each in changes(old, new, replaces)
    }


@given(documents)
def test_the_same_inputs_need_no_change(document: dict[str, Any]) -> None:
    assert changes(document, document) == []


@given(documents, documents)
def test_a_change_and_its_reverse_are_at_the_same_places(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    there, back = changes(one, other), changes(other, one)
    assert [each.path for each in there] == [each.path for each in back]
    opposite = {"ADD": "DELETE", "DELETE": "ADD", "UPDATE": "UPDATE"}
    assert [opposite[each.kind] for each in there] == [each.kind for each in back]


@given(documents)
def test_what_holds_is_no_drift_whatever_aws_adds(document: dict[str, Any]) -> None:
    found = {**document, "added": 1}
    assert live(document, found) == document
    assert merged(document, found) == found


def test_changes_are_named_by_their_paths() -> None:
    old = {"rules": [{"port": 1}, {"port": 2}], "tags": {"a.b": "c"}, "gone": 1}
    new = {"rules": [{"port": 1}, {"port": 3}, {"port": 4}], "tags": {"a.b": "d"}, "new": 1}
    assert paths(old, new) == {
        "gone": "DELETE",
        "new": "ADD",
        "rules[1].port": "UPDATE",
        "rules[2]": "ADD",
        'tags["a.b"]': "UPDATE",
    }


def test_what_replaces_is_named_without_indices() -> None:
    old = {"access": {"mode": "a", "first": True}, "rules": [{"port": 1}]}
    new = {"access": {"mode": "b", "first": False}, "rules": [{"port": 2}]}
    assert paths(old, new, "access.first", "rules.port") == {
        "access.first": "UPDATE_REPLACE",
        "access.mode": "UPDATE",
        "rules[0].port": "UPDATE_REPLACE",
    }


def test_taking_away_an_object_takes_away_what_in_it_replaces() -> None:
    assert paths({"access": {"first": True}}, {}, "access.first") == {"access": "DELETE_REPLACE"}


def test_what_is_not_known_yet_counts_as_changed() -> None:
    assert paths({"vpcId": "vpc-1"}, {"vpcId": UNKNOWN}, "vpcId") == {"vpcId": "UPDATE_REPLACE"}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('{"a": 1, "b": [2]}', '{"b":[2],"a":1}', True),
        ('{"a": 1}', '{"a": 2}', False),
        ("{", "{ ", False),
        ("1", 1, False),
        (True, 1, False),
        (1, 1.0, True),
    ],
)
def test_documents_are_compared_by_what_they_say(one: object, other: object, equal: bool) -> None:
    assert same(one, other) is equal


def test_the_order_of_plain_values_is_no_drift() -> None:
    assert live(["b", "a"], ["a", "b"]) == ["b", "a"]
    assert live(["b", "a"], ["a", "c"]) == ["a", "c"]


def test_drift_shows_in_the_place_where_it_is() -> None:
    given_, found = {"a": {"b": 1, "c": 2}}, {"a": {"b": 9, "c": 2, "d": 3}}
    assert live(given_, found) == {"a": {"b": 9, "c": 2}}
    assert live([{"a": 1}], [{"a": 1, "x": 0}, {"a": 2}]) == [{"a": 1}, {"a": 2}]
