"""What was said is told briefly, errors first."""

from collections.abc import Callable

import pytest

from review.model import Outcome, Weight
from review.notices import short
from tests.review.reading.printing import Preview, diagnostic, step, urn

Make = Callable[..., Preview]


def texts(preview: Preview) -> list[tuple[Weight, str]]:
    return [(one.weight, one.text) for one in preview.review().notices]


def test_errors_come_first_and_what_is_no_warning_is_left_out(preview: Make) -> None:
    made = preview()
    made.events = [
        diagnostic("careful", "warning"),
        diagnostic("by the way", "info"),
        diagnostic("printed", "info#err"),
        diagnostic("inside", "debug"),
        diagnostic("broken", of=urn("one")),
    ]
    made.result, made.code = "failed", 1
    assert texts(made) == [(Weight.ERROR, "broken"), (Weight.WARNING, "careful")]
    assert made.review().notices[0].urn == urn("one")


def test_what_is_said_again_is_told_once_with_how_often(preview: Make) -> None:
    made = preview()
    made.events = [diagnostic("old", "warning", of=urn(name)) for name in ("a", "b", "a")]
    assert texts(made) == [(Weight.WARNING, "old\n(said 3 times, of 2 resources)")]


def test_marks_for_colours_are_no_text(preview: Make) -> None:
    made = preview()
    made.events = [diagnostic("<{%fg 1%}>take\x1b[31m care<{%reset%}> of <{ this", "warning")]
    assert texts(made) == [(Weight.WARNING, "take care of <{ this")]


def test_a_huge_warning_is_a_few_lines(preview: Make) -> None:
    made = preview()
    for huge in ("word " * 20_000, "line\n" * 20_000, "<{%" * 30_000):
        made.events = [diagnostic(f"first\n{huge}\nlast", "warning")]
        ((_, text),) = texts(made)
        assert len(text) < 6_000
        assert text.startswith("first\n")
        assert text.endswith("last")
        assert "more characters)" in text or "lines left out)" in text


def test_a_traceback_keeps_its_begin_and_its_end() -> None:
    text = short("\n".join(f"line {number}" for number in range(40)))
    assert text.splitlines()[0] == "line 0"
    assert text.splitlines()[-1] == "line 39"
    assert "(28 lines left out)" in text


def test_a_failure_that_only_the_command_line_tells_is_told(preview: Make) -> None:
    made = preview()
    made.code, made.stderr = 255, "warning: be quick\nerror: no stack named 'x' found\nsee help\n"
    review = made.review(log="", digest="")
    assert [(one.weight, one.text) for one in review.notices] == [
        (Weight.ERROR, "no stack named 'x' found\nsee help"),
        (Weight.WARNING, "be quick"),
    ]


def test_what_the_command_line_repeats_is_told_once(preview: Make) -> None:
    made = preview()
    made.events = [diagnostic("broken")]
    made.result, made.code, made.stderr = "failed", 1, "error: broken\n"
    assert texts(made) == [(Weight.ERROR, "broken")]


@pytest.mark.parametrize("stderr", ["", "panic: what now\n"])
def test_a_failure_without_a_word_is_told_all_the_same(preview: Make, stderr: str) -> None:
    made = preview()
    made.code, made.stderr = 7, stderr
    review = made.review(log=None, digest=None)
    assert review.outcome is Outcome.FAILED
    (notice,) = review.notices
    assert notice.text == (stderr.strip() or "The engine ended with 7 and did not say why.")


def test_a_log_that_breaks_off_leaves_the_word_to_the_digest(preview: Make) -> None:
    made = preview(step("create", new={}))
    made.events = [diagnostic("careful", "warning", of=urn("one"))]
    review = made.review(log="")
    assert [(one.text, one.urn) for one in review.notices] == [("careful", urn("one"))]


def test_an_error_of_the_engine_itself_is_told(preview: Make) -> None:
    made = preview()
    made.events = [{"errorEvent": {"error": "it broke"}}]
    made.result, made.code = "failed", 1
    assert texts(made) == [(Weight.ERROR, "it broke")]
