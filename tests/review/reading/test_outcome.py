"""A preview that is not whole is never told as one."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from review.model import Outcome, Review
from tests.review.reading.printing import Preview, complaint, diagnostic, only, signed, step

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Machines that test are busy; an example may take its time."""

Make = Callable[..., Preview]


def test_a_whole_preview_has_no_remarks(preview: Make) -> None:
    review = preview(step("create", new={"a": 1})).review()
    assert (review.outcome, review.remarks, review.seconds) == (Outcome.SUCCEEDED, (), 2.5)
    assert review.compared_with == "branch main"


def test_a_digest_alone_is_a_whole_plan(preview: Make) -> None:
    review = preview(step("create", new={"a": 1})).review(log=None)
    assert review.outcome is Outcome.SUCCEEDED
    assert "The engine's log is not there" in review.remarks[0]


@pytest.mark.parametrize("code", [1, 255, -9])
def test_an_exit_code_that_nothing_explains_is_a_failure(preview: Make, code: int) -> None:
    made = preview(step("create", new={}))
    made.code = code
    assert made.review().outcome is Outcome.FAILED


def test_without_an_exit_code_the_engine_is_believed(preview: Make) -> None:
    made = preview(step("create", new={}))
    made.code = None
    assert made.review().outcome is Outcome.SUCCEEDED
    made.result = "canceled"
    assert made.review().outcome is Outcome.FAILED
    made.events = [diagnostic("broken")]
    assert made.review(log=None).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "nothing", [b"", b"   \n", b"null", b"[]", b"{", b"\xff\xfe", b'{"steps": 5}']
)
def test_files_with_nothing_in_them_are_no_empty_plan(preview: Make, nothing: bytes) -> None:
    review = preview().review(log=nothing or b"\n", digest=nothing or b"\n")
    assert review.outcome is Outcome.INCOMPLETE
    assert review.remarks


def test_files_that_are_not_there_are_no_empty_plan(preview: Make, tmp_path: Path) -> None:
    assert preview().review(log=None, digest=None).outcome is Outcome.INCOMPLETE
    made = preview()
    made.folder = tmp_path / "absent"
    made.folder.mkdir()
    review = made.review(log=None)
    (made.folder / "plan.json").unlink()
    assert review.outcome is Outcome.SUCCEEDED


def test_a_digest_that_breaks_off_still_has_its_first_steps(preview: Make) -> None:
    made = preview(*(step("create", name, new={"a": 1}) for name in ("one", "two", "three")))
    text = made.digest_text()
    review = made.review(
        log=None,
        digest=text[: text.index('"three"') if '"three"' in text else text.rindex("three")],
    )
    assert [one.identity.name for one in review.resources] == ["one", "two"]
    assert review.outcome is Outcome.INCOMPLETE


def test_a_line_that_is_lost_is_missed(preview: Make) -> None:
    made = preview(step("create", new={"a": 1}), step("delete", "two", old={}))
    lines = made.log_text().splitlines(keepends=True)
    for lost in range(len(lines) - 1):
        review = made.review(log="".join(lines[:lost] + lines[lost + 1 :]))
        assert review.outcome is Outcome.INCOMPLETE, lines[lost]
        assert any("lacks" in remark for remark in review.remarks)


def test_what_a_newer_engine_tells_is_counted_and_does_no_harm(preview: Make) -> None:
    new = step("create", new={"a": 1}, will_be={"mood": "good"})
    new["weather"] = {"rain": True}
    made = preview(new)
    made.events = [{"moodEvent": {"x": 1}}, {"moodEvent": None}]
    review = made.review()
    assert review.outcome is Outcome.SUCCEEDED
    assert only(review).properties
    assert review.remarks == (
        "The engine tells of events that are not known here: moodEvent (2).",
        "The engine tells of fields that are not known here: mood (1), weather (1).",
    )


def test_a_step_of_an_unknown_form_is_told(preview: Make) -> None:
    made = preview(step("create", new={"a": 1}))
    document = json.loads(made.digest_text())
    document["steps"] += [{"op": 5}, "what", {"op": "create", "urn": "u", "newState": []}]
    review = made.review(digest=json.dumps(document))
    assert review.outcome is Outcome.INCOMPLETE
    assert any("3 steps of it cannot be read" in remark for remark in review.remarks)


def test_json_without_a_bottom_is_no_crash(preview: Make) -> None:
    deep = "[" * 200_000
    review = preview().review(log=f'{{"sequence":0,"x":{deep}\n', digest=f'{{"steps": {deep}')
    assert review.outcome is Outcome.INCOMPLETE


def sample(folder: str) -> Preview:
    """A preview with something of everything."""
    made = Preview(Path(folder))
    made.steps = [
        step(
            "update", "één", {"a": {"b": [1, 2]}, "p": signed()}, {"a": {"b": [2]}, "p": signed()}
        ),
        step("replace", "two", {"a": 1}, {"a": 2}, reasons=["a"], diff={"a": "update-replace"}),
        step("delete", "three", {"text": "x: 1\ny: 2\n"}),
    ]
    made.also_logged = [step("delete-replaced", "two", {"a": 1})]
    made.events = [diagnostic("careful", "warning"), complaint("no", enforcementLevel="advisory")]
    return made


def everything(review: Review) -> str:
    return repr(review)


@patient
@given(st.data())
def test_a_log_cut_anywhere_is_read_and_never_taken_for_whole(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = sample(folder)
        whole = made.log_text().encode()
        at = data.draw(st.integers(0, whole.rindex(b'"result"')))
        with_digest = made.review(log=whole[:at] or b" ")
        alone = made.review(log=whole[:at] or b" ", digest=None)
    assert with_digest.outcome is Outcome.INCOMPLETE
    assert alone.outcome is Outcome.INCOMPLETE
    assert with_digest.policies.packs == {} or not with_digest.policies.failed


@patient
@given(st.data())
def test_a_digest_cut_anywhere_is_read_and_never_taken_for_whole(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = sample(folder)
        whole = made.digest_text().encode()
        at = data.draw(st.integers(0, len(whole) - 1))
        with_log = made.review(digest=whole[:at] or b" ")
        alone = made.review(digest=whole[:at] or b" ", log=None)
    assert with_log.outcome is Outcome.INCOMPLETE
    assert alone.outcome is Outcome.INCOMPLETE
    # The log has all of them.
    assert len(with_log.resources) == 3


@patient
@given(
    junk=st.binary(max_size=40),
    at=st.floats(0, 1),
    length=st.integers(0, 60),
    code=st.sampled_from([0, 1]),
)
@example(junk=b"\n", at=0.5, length=0, code=0)
@example(junk=b"\xff\x00}{", at=0.3, length=20, code=1)
def test_bytes_that_are_overwritten_never_stop_the_reading(
    junk: bytes, at: float, length: int, code: int
) -> None:
    def mangled(text: str) -> bytes:
        raw = text.encode()
        begin = int(at * len(raw))
        return raw[:begin] + junk + raw[begin + length :] or b" "

    with tempfile.TemporaryDirectory() as folder:
        made = sample(folder)
        made.code = code
        for review in (
            made.review(log=mangled(made.log_text())),
            made.review(digest=mangled(made.digest_text())),
            made.review(log=mangled(made.log_text()), digest=mangled(made.digest_text())),
        ):
            assert review.outcome is not Outcome.SUCCEEDED or code == 0
            assert everything(review)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
PLACES = ["op", "urn", "oldState", "newState", "detailedDiff", "replaceReasons", "provider"]


@patient
@given(place=st.sampled_from(PLACES), value=JSON, kept=st.sampled_from(["log", "digest", "both"]))
def test_a_field_of_any_other_form_never_stops_the_reading(
    place: str, value: object, kept: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = sample(folder)
        digest = json.loads(made.digest_text())
        digest["steps"][0][place] = value
        lines = [json.loads(line) for line in made.log_text().splitlines()]
        in_log = {"oldState": "old", "newState": "new", "replaceReasons": "keys"}.get(place, place)
        lines[2]["resourcePreEvent"]["metadata"][in_log] = value
        log = "".join(json.dumps(line) + "\n" for line in lines)
        review = made.review(
            log=None if kept == "digest" else log,
            digest=None if kept == "log" else json.dumps(digest),
        )
    assert review.resources
    assert everything(review)


@patient
@given(value=st.dictionaries(st.sampled_from(["inputs", "outputs", "type", "parent"]), JSON))
def test_a_state_of_any_other_form_never_stops_the_reading(value: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = sample(folder)
        made.steps[0]["newState"] = value
        assert everything(made.review())
