"""What a job shows of itself."""

from pathlib import Path

import pytest

from review.hosting.errors import SettingError
from review.hosting.summary import LIMIT, Job, Weight


def test_a_report_goes_below_what_is_in_the_summary(tmp_path: Path) -> None:
    job = Job(summary=tmp_path / "summary.md")
    job.add("# one")
    job.add("# two")
    assert (tmp_path / "summary.md").read_text() == "# one\n\n# two\n"


@pytest.mark.parametrize("letter", ["x", "é", "𝄞"])
def test_a_summary_never_outgrows_what_github_takes(tmp_path: Path, letter: str) -> None:
    job = Job(summary=tmp_path / "summary.md")
    line = letter * 99 + "\n"
    job.add(line * 6000)
    job.add(line * 12_000)
    size = (tmp_path / "summary.md").stat().st_size
    assert size <= LIMIT
    assert size > LIMIT * 0.75
    assert "The report is cut here" in (tmp_path / "summary.md").read_text()


def test_a_full_summary_takes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("x" * (LIMIT - 3))
    Job(summary=path).add("# a report\n" * 10)
    assert path.stat().st_size <= LIMIT


def test_without_a_summary_it_says_what_to_set() -> None:
    with pytest.raises(SettingError, match="got no GITHUB_STEP_SUMMARY"):
        Job().add("# report")


def test_outputs_are_one_line_each(tmp_path: Path) -> None:
    Job(outputs=tmp_path / "out").tell({"outcome": "created", "url": "https://a\nsecret=1"})
    assert (tmp_path / "out").read_text() == "outcome=created\nurl=https://a secret=1\n"
    Job().tell({"outcome": "created"})


def test_an_annotation_cannot_smuggle_another_command() -> None:
    text = "100 %\n::set-env name=A::b\r"
    line = Job(actions=True).annotation(Weight.WARNING, text)
    assert line == "::warning title=Preview::100 %25%0A::set-env name=A::b%0D"
    assert Job().annotation(Weight.WARNING, "plain") == "warning: plain"


def test_a_job_is_told_by_its_variables(tmp_path: Path) -> None:
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "s"),
        "GITHUB_OUTPUT": "",
    }
    assert Job.read(variables) == Job(actions=True, summary=tmp_path / "s", outputs=None)
