"""Differences are complete, and stand where they say."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review.differences import differences
from review.model import PropertyChange
from review.paths import parse, shown
from review.values import Value, is_list, is_mapping

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Machines that test are busy; an example may take its time."""

KEYS = st.sampled_from(["a", "b", "c.d", "name", "0"])
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x", "y"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(KEYS, VALUES, max_size=4)


def alike(one: Value, other: Value) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@patient
@given(old=MAPPINGS, new=MAPPINGS)
def test_there_is_a_difference_exactly_where_two_values_differ(
    old: dict[str, Value], new: dict[str, Value]
) -> None:
    assert bool(differences(old, new)) == (not alike(old, new))
    assert not differences(old, old)


@patient
@given(old=MAPPINGS, new=MAPPINGS)
def test_a_difference_is_what_stands_at_its_places(
    old: dict[str, Value], new: dict[str, Value]
) -> None:
    def at(value: Value, place: tuple[str | int, ...]) -> Value:
        for segment in place:
            if isinstance(segment, str):
                assert is_mapping(value)
                value = value[segment]
            else:
                assert is_list(value)
                value = value[segment]
        return value

    for one in differences(old, new):
        if one.change is not PropertyChange.ADDED and not isinstance(one.before, list):
            assert alike(at(old, one.places[0]), one.before)
        if one.change is not PropertyChange.REMOVED and not isinstance(one.after, list):
            assert alike(at(new, one.places[1]), one.after)


WORDS = st.text(st.characters(exclude_characters="\\", exclude_categories=("Cc", "Cs")), min_size=1)


@patient
@given(path=st.lists(WORDS | st.integers(0, 99), min_size=1))
def test_a_path_that_is_shown_can_be_read_again(path: list[str | int]) -> None:
    if isinstance(path[0], str):
        assert parse(shown(path)) == tuple(path)


@pytest.mark.parametrize("text", ["", "a..b", "a[", "[x]", "a[1", 'a["b', "]", "a.b]"])
def test_a_path_that_is_none_is_one_word(text: str) -> None:
    assert parse(text) in {(text,), ()}
