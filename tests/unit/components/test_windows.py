"""Unit: windows in which AWS may work on a store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stores.windows import DAY, WEEK, daily, overlap, weekly

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
minutes_of_week = st.integers(0, WEEK - 1)
lengths = st.integers(60, 6 * 60)


def clock(minute: int) -> str:
    return f"{minute % DAY // 60:02}:{minute % 60:02}"


def day_and_clock(minute: int) -> str:
    return f"{DAYS[minute % WEEK // DAY]}:{clock(minute)}"


@given(minutes_of_week, lengths, st.integers(0, DAY - 1), lengths)
def test_windows_overlap_where_a_minute_of_the_week_is_in_both(
    maintenance: int, hours: int, backup: int, long: int
) -> None:
    both = {(maintenance + each) % WEEK % DAY for each in range(hours)} & {
        (backup + each) % DAY for each in range(long)
    }
    weekly_window = f"{day_and_clock(maintenance)}-{day_and_clock(maintenance + hours)}"
    daily_window = f"{clock(backup)}-{clock(backup + long)}"
    assert overlap(weekly_window, daily_window) is bool(both)


@given(minutes_of_week, lengths)
def test_a_window_is_as_long_as_it_says(start: int, length: int) -> None:
    assert len(weekly(f"{day_and_clock(start)}-{day_and_clock(start + length)}")) == length
    assert len(daily(f"{clock(start)}-{clock(start + length)}")) == length


@pytest.mark.parametrize("window", ["1:00-2:00", "01:00", "24:00-25:00", "01:00-02:00 CET"])
def test_what_is_no_daily_window_is_shown_one(window: str) -> None:
    with pytest.raises(ValueError, match="write it as 01:00-02:00"):
        daily(window)


@pytest.mark.parametrize("window", ["Sun:03:00-Sun:04:00", "03:00-04:00", "sunday:03:00-04:00"])
def test_what_is_no_weekly_window_is_shown_one(window: str) -> None:
    with pytest.raises(ValueError, match="write it as sun:03:00-sun:04:00"):
        weekly(window)


def test_a_window_of_less_than_an_hour_is_refused() -> None:
    with pytest.raises(ValueError, match="30 minutes long"):
        daily("23:45-00:15")
