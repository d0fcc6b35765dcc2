"""Unit tier: the order of steps."""

import pytest

from tests.unit.toolchain.cli.samples import step
from toolchain.cli.steps import RecipeError, ordered, urgency


def test_a_step_comes_after_all_that_it_needs() -> None:
    steps = [
        step("deploy", "cluster", "image"),
        step("image", "tool"),
        step("tool"),
        step("cluster"),
    ]

    names = [one.name for one in ordered(steps)]

    assert names.index("tool") < names.index("image") < names.index("deploy")
    assert names.index("cluster") < names.index("deploy")


def test_a_need_that_is_no_step_is_named_with_those_there_are() -> None:
    with pytest.raises(RecipeError, match=r"step deploy needs clusterr, .* among: cluster, deploy"):
        ordered([step("deploy", "clusterr"), step("cluster")])


def test_steps_that_need_one_another_are_refused() -> None:
    with pytest.raises(RecipeError, match="in a circle"):
        ordered([step("a", "b"), step("b", "a")])


def test_two_steps_of_one_name_are_refused() -> None:
    with pytest.raises(RecipeError, match="more than one step named a"):
        ordered([step("a"), step("a")])


def test_what_the_longest_chain_hangs_on_is_the_most_urgent() -> None:
    steps = [
        step("short", seconds=1),
        step("first", seconds=10),
        step("second", "first", seconds=100),
        step("alone", seconds=50),
    ]

    urgent = urgency(steps, {one.name: one.seconds for one in steps})

    assert urgent == {"short": 1, "first": 110, "second": 100, "alone": 50}
