"""Unit: docs/features.md names places and tests that exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COUNTS = {"A": 14, "B": 8, "C": 10, "D": 9, "E": 8, "F": 4}


@dataclass(frozen=True)
class Feature:
    row: str
    state: str
    places: tuple[str, ...]
    tests: tuple[str, ...]


def features() -> Iterator[Feature]:
    for line in (ROOT / "docs/features.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-F]\d+", cells[0]):
            quoted = [tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells]
            yield Feature(row=cells[0], state=cells[2], places=quoted[3], tests=quoted[4])


def test_every_row_of_the_specification_is_there_once() -> None:
    expected = [f"{group}{n}" for group, count in COUNTS.items() for n in range(1, count + 1)]
    assert [feature.row for feature in features()] == expected


@pytest.mark.parametrize("feature", tuple(features()), ids=lambda f: f.row)
def test_what_is_called_done_has_a_place_and_a_test(feature: Feature) -> None:
    assert feature.state in {"done", "in part", "not yet"}
    assert bool(feature.places) == bool(feature.tests) == (feature.state != "not yet")


@pytest.mark.parametrize("feature", tuple(features()), ids=lambda f: f.row)
def test_places_and_tests_exist(feature: Feature) -> None:
    for place in feature.places:
        assert (ROOT / place).exists(), f"{feature.row}: {place}"
    for test in feature.tests:
        path, _, name = test.partition("::")
        source = ROOT / path
        assert source.is_file(), f"{feature.row}: {path}"
        assert f"def {name}(" in source.read_text(), f"{feature.row}: {test}"
