"""Unit: what may follow on what runs."""

import pytest

from components.foundation.history import faults

RUNNING = {"kubernetes": "1.34", "postgres": "17.4", "redis": "8.0"}


def test_nothing_keeps_a_first_deployment_back() -> None:
    assert list(faults({}, RUNNING)) == []


@pytest.mark.parametrize(
    ("part", "version"),
    [("kubernetes", "1.35"), ("postgres", "17.6"), ("postgres", "18.1"), ("redis", "8.1")],
)
def test_what_goes_up_is_admitted(part: str, version: str) -> None:
    assert list(faults(RUNNING, {**RUNNING, part: version})) == []


@pytest.mark.parametrize(
    ("part", "version", "reason"),
    [
        ("kubernetes", "1.36", "one minor version at a time"),
        ("kubernetes", "1.33", "cannot take it back"),
        ("postgres", "16.9", "cannot be taken back"),
        ("redis", "7.2", "cannot be taken back"),
    ],
)
def test_what_skips_a_version_or_goes_down_is_refused(part: str, version: str, reason: str) -> None:
    (fault,) = faults(RUNNING, {**RUNNING, part: version})
    assert fault.startswith(f"{part}: ")
    assert reason in fault
