"""Unit and property tier: how long it will take."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.toolchain.cli.samples import step
from toolchain.cli.estimate import (
    Work,
    duration,
    estimates,
    left,
    measured,
    note,
    remaining,
    roughly,
)

SECONDS = st.floats(min_value=0.01, max_value=5000, allow_nan=False)


@st.composite
def recipes(draw: st.DrawFn) -> list[Work]:
    """Work whose needs point backwards, so that it can be done."""
    work: list[Work] = []
    for number in range(draw(st.integers(min_value=0, max_value=8))):
        names = [one.name for one in work]
        needs = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
        work.append(
            Work(
                name=f"step-{number}",
                seconds=draw(SECONDS),
                needs=tuple(needs),
                heavy=draw(st.booleans()),
                lane=draw(st.sampled_from([None, "images"])),
                urgency=draw(SECONDS),
            )
        )
    return work


def _longest_chain(work: Sequence[Work]) -> float:
    ends: dict[str, float] = {}
    for one in work:
        ends[one.name] = one.seconds + max((ends[need] for need in one.needs), default=0.0)
    return max(ends.values(), default=0.0)


@given(recipes(), st.integers(min_value=1, max_value=4))
def test_a_run_is_never_shorter_than_its_longest_chain(work: list[Work], cores: int) -> None:
    assert remaining(work, cores) >= _longest_chain(work) * (1 - 1e-9)


@given(recipes(), st.integers(min_value=1, max_value=4))
def test_a_run_is_never_shorter_than_its_heavy_work_on_all_cores(
    work: list[Work], cores: int
) -> None:
    heavy = sum(one.seconds for one in work if one.heavy)
    assert remaining(work, cores) >= heavy / cores * (1 - 1e-9)


@given(recipes(), st.integers(min_value=1, max_value=4))
def test_a_run_is_never_longer_than_one_step_after_the_other(work: list[Work], cores: int) -> None:
    assert remaining(work, cores) <= sum(one.seconds for one in work) * (1 + 1e-9)


@given(st.lists(SECONDS, max_size=8))
def test_heavy_steps_on_one_core_take_the_sum_of_their_times(times: list[float]) -> None:
    work = [Work(name=str(number), seconds=each) for number, each in enumerate(times)]
    assert remaining(work, 1) == pytest.approx(sum(times))


@given(st.lists(SECONDS, max_size=8))
def test_light_steps_in_one_lane_take_the_sum_of_their_times(times: list[float]) -> None:
    work = [
        Work(name=str(number), seconds=each, heavy=False, lane="images")
        for number, each in enumerate(times)
    ]
    assert remaining(work, 8) == pytest.approx(sum(times))


def test_nothing_to_do_takes_no_time() -> None:
    assert remaining([], 2) == 0


def test_needs_that_are_done_already_do_not_hold_a_step_up() -> None:
    assert remaining([Work(name="deploy", seconds=5, needs=("cluster",))], 2) == 5


def test_a_running_step_keeps_its_core() -> None:
    work = [Work(name="a", seconds=10, running=True), Work(name="b", seconds=5)]
    assert remaining(work, 1) == 15


@given(SECONDS, SECONDS)
def test_a_running_step_always_needs_some_time_more(estimate: float, elapsed: float) -> None:
    assert left(estimate, elapsed) > 0


def test_a_time_measured_here_is_preferred_to_the_shipped_one() -> None:
    steps = [step("a", seconds=100), step("b", seconds=7)]
    assert estimates(steps, {"a": 30.0}) == {"a": 30.0, "b": 7}


def test_times_noted_by_one_run_are_there_for_the_next(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "steps.json"

    note(file, {"a": 1.234, "b": 2})
    note(file, {"b": 3})

    assert measured(file) == {"a": 1.23, "b": 3}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": "long"}', '{"a": -1}', '{"a": NaN}'])
def test_a_damaged_note_of_times_counts_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "steps.json"
    file.write_text(text)
    assert measured(file) == {}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (9.9, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3725, "1 h 02 min"),
    ],
)
def test_a_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "a few seconds"), (5, "about 10 s"), (42, "about 40 s"), (89, "about 90 s")],
)
def test_a_forecast_is_no_finer_than_it_can_be(seconds: float, said: str) -> None:
    assert roughly(seconds) == said


def test_a_long_forecast_is_in_minutes() -> None:
    assert roughly(734) == "about 12 min"
