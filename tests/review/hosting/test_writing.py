"""Reports that are too long get shorter until they are taken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.hosting.comments import Outcome, post
from review.hosting.errors import TooLongError
from review.hosting.marker import Marker, Run
from review.hosting.writing import cut
from tests.review.hosting.github_records import LIMIT
from tests.review.hosting.world import MARKER, World, body, run

LINES = st.lists(
    st.sampled_from(
        [
            "words that say something\n",
            "<details><summary>more</summary>\n",
            "</details>\n",
            "```diff\n",
            "````\n",
            "```\n",
            "~~~\n",
            "| a | b |\n",
            "\n",
            "é ☃ 𝄞\n",
        ]
    ),
    min_size=20,
    max_size=80,
).map("".join)


def test_a_report_is_rendered_shorter_before_the_host_has_to_refuse_it(github: World) -> None:
    asked: list[int] = []

    def shorten(limit: int) -> str:
        asked.append(limit)
        return "short"

    posted = post("x" * LIMIT, github.pull_request(), "preview", run=run(1), shorten=shorten)
    assert posted.shortened
    assert asked == [LIMIT - len(MARKER.head(run(1)))]
    assert github.bodies() == [body("short", run(1))]
    assert len(github.host.writes) == 1


def test_a_report_that_fills_the_comment_is_left_as_it_is(github: World) -> None:
    report = "x" * (LIMIT - len(MARKER.head(None)))
    assert not post(report, github.pull_request(), "preview").shortened
    assert github.bodies() == [body(report)]


@pytest.mark.parametrize("there", [False, True])
def test_a_host_that_takes_less_is_given_less_until_it_takes_it(github: World, there: bool) -> None:
    github.host.limit = 20_000
    if there:
        github.host.write(1, body("before"))
    report = "a line of a report\n" * 3000
    posted = post(
        report, github.pull_request(), "preview", shorten=lambda limit: report[: limit - 10]
    )
    assert posted.outcome is (Outcome.UPDATED if there else Outcome.CREATED)
    assert posted.shortened
    assert len(github.bodies()) == 1
    assert 10_000 < len(github.bodies()[0]) <= 20_000


def test_a_renderer_that_does_not_keep_its_limit_is_cut(github: World) -> None:
    report = "a line of a report\n" * 5000
    post(report, github.pull_request(), "preview", shorten=lambda _: report)
    assert len(github.bodies()[0]) <= LIMIT
    assert "The report is cut here" in github.bodies()[0]


def test_a_host_that_takes_nothing_is_told(github: World) -> None:
    github.host.limit = 10
    with pytest.raises(TooLongError, match="give a shorter text"):
        post("a line\n" * 9000, github.pull_request(), "preview")
    assert len(github.host.writes) == 5


@given(LINES, st.integers(0, 700))
def test_a_cut_report_has_room_and_closes_what_it_opens(report: str, limit: int) -> None:
    short = cut(report, limit)
    assert len(short) <= limit
    if len(report) <= limit:
        assert short == report
    elif limit >= 300:
        assert "The report is cut here" in short
        outside = without_code(short)
        assert outside.count("<details") <= outside.count("</details>")
        assert "The report is cut here" in outside


def test_what_only_looks_like_a_fold_or_a_fence_inside_of_code_is_code() -> None:
    report = "```\n<details>\n```diff\n" + "a line\n" * 100
    assert cut(report, 400).count("</details>") == 0
    assert cut(report, 400).count("\n```\n") == 1


def without_code(text: str) -> str:
    """What stands outside of fenced blocks, as CommonMark tells them."""
    fence, kept = "", list[str]()
    for line in text.splitlines():
        found = re.match(r" {0,3}(`{3,}|~{3,})(.*)$", line)
        if not fence and found:
            fence = found[1]
        elif fence and found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


def test_a_cut_report_keeps_whole_lines_from_its_beginning() -> None:
    report = "".join(f"line {n}\n" for n in range(1000))
    short = cut(report, 500)
    kept = short.partition("\n\n*The report")[0]
    assert report.startswith(kept)
    assert len(short) > 480


@given(st.text(max_size=300), st.integers(0, 10**12), st.integers(1, 10**6), st.text(max_size=200))
def test_the_run_that_wrote_a_comment_can_be_read_from_it(
    series: str, number: int, attempt: int, report: str
) -> None:
    marker, by = Marker("preview", "a-key"), Run(series, number, attempt)
    written = marker.head(by) + report
    assert marker.on(written)
    assert marker.on(written.replace("\n", "\r\n"))
    assert marker.run(written) == by
    assert not Marker("preview", "another").on(written)
    # As much room as renderers leave for it.
    assert len(marker.head(by)) <= 512
    # Nothing of the run ends the comment that hides it.
    assert written.count("-->") == 2 + report.count("-->")


@given(st.text(max_size=200))
def test_a_comment_of_nobody_knows_which_run_has_none(report: str) -> None:
    assert Marker("preview", "key").run(report) is None
