"""Unit: what the team lives with has a reason and an end."""

from datetime import date
from pathlib import Path

import pytest

from toolchain.scans import accepted, sarif
from toolchain.scans.programs import ScanError

ENTRY = "- {id: CVE-2026-1, reason: never reached from outside, until: 2026-12-31}\n"
BEFORE, LAST, AFTER = date(2026, 6, 1), date(2026, 12, 31), date(2027, 1, 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accepted.yaml"


def results(*rules: str) -> sarif.Document:
    return sarif.document("s", [sarif.Found(rule=r, text="bad", file="f") for r in rules])


def test_the_projects_own_list_has_nothing_that_has_ended() -> None:
    accepted.read()


def test_an_accepted_finding_stays_in_the_report_with_its_reason(file: Path) -> None:
    file.write_text(ENTRY)
    document = results("CVE-2026-1", "CVE-2026-10", "CVE-2026-1-openssl")
    accepted.suppress(document, accepted.read(file, BEFORE))
    assert [one.fails for one in document.results] == [False, True, False]
    assert document.results[0].suppressions == [
        {"kind": "external", "justification": "never reached from outside"}
    ]


def test_it_holds_to_the_end_of_its_last_day(file: Path) -> None:
    file.write_text(ENTRY)
    assert accepted.read(file, LAST)
    with pytest.raises(ScanError, match=r"CVE-2026-1 \(until 2026-12-31\).*look whether"):
        accepted.read(file, AFTER)


@pytest.mark.parametrize(
    "text",
    [
        "- {id: CVE-2026-1, reason: never reached from outside}",
        "- {id: CVE-2026-1, reason: because, until: 2026-12-31}",
        "- {id: CVE-2026-1, reason: never reached from outside, until: soon}",
        "- {id: '', reason: never reached from outside, until: 2026-12-31}",
        "- {id: CVE-2026-1, reason: never reached from outside, until: 2026-12-31, who: me}",
        "all: of them",
        "- [",
    ],
)
def test_an_entry_that_says_too_little_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ScanError, match="of another form"):
        accepted.read(file, BEFORE)
