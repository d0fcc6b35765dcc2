"""Windows in which AWS may work on a store: arithmetic on times of the day and the week, all UTC."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

HOUR: Final = 60
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY: Final = re.compile(f"{_TIME}-{_TIME}")
_WEEKLY: Final = re.compile(rf"({'|'.join(_DAYS)}):{_TIME}-({'|'.join(_DAYS)}):{_TIME}")


def daily(window: str) -> range:
    """Minutes of the day that `01:00-02:00` covers, running past midnight where it does.

    Raises `ValueError` when it is no such window, or shorter than an hour.
    """
    match = _DAILY.fullmatch(window)
    if match is None:
        raise ValueError(f"{window!r} is no daily window: write it as 01:00-02:00, in UTC")
    return _span(window, _minute(*match.group(1, 2)), _minute(*match.group(3, 4)), DAY)


def weekly(window: str) -> range:
    """Minutes of the week, from Monday on, that `sun:03:00-sun:04:00` covers.

    Raises `ValueError` when it is no such window, or shorter than an hour.
    """
    match = _WEEKLY.fullmatch(window)
    if match is None:
        raise ValueError(
            f"{window!r} is no weekly window: write it as sun:03:00-sun:04:00, in lower case and UTC"
        )
    start = _DAYS.index(match[1]) * DAY + _minute(*match.group(2, 3))
    end = _DAYS.index(match[4]) * DAY + _minute(*match.group(5, 6))
    return _span(window, start, end, WEEK)


def overlap(maintenance: str, backup: str) -> bool:
    """Whether a weekly and a daily window have a minute in common."""
    taken = {minute % WEEK for minute in weekly(maintenance)}
    wanted = daily(backup)
    return any((day * DAY + minute) % WEEK in taken for day in range(7) for minute in wanted)


def _minute(hours: str, minutes: str) -> int:
    return int(hours) * HOUR + int(minutes)


def _span(window: str, start: int, end: int, turn: int) -> range:
    length = (end - start) % turn
    # RDS asks for half an hour and ElastiCache for a whole one; one rule is easier to remember.
    if length < HOUR:
        raise ValueError(f"{window!r} is {length} minutes long: give AWS an hour at least")
    return range(start, start + length)


def _daily(window: str) -> str:
    daily(window)
    return window


def _weekly(window: str) -> str:
    weekly(window)
    return window


DailyWindow = Annotated[str, AfterValidator(_daily)]
"""`01:00-02:00`, in UTC."""

WeeklyWindow = Annotated[str, AfterValidator(_weekly)]
"""`sun:03:00-sun:04:00`, in UTC."""
