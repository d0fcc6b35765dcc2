"""One comment per pull request and key, updated in place."""

import pytest

from review.hosting.comments import Outcome, post
from review.hosting.errors import SettingError, StrangeError, UnreachableError
from tests.review.hosting.github_records import ACTIONS, OTHER_APP, PERSON
from tests.review.hosting.server import Answer, answering, first
from tests.review.hosting.world import TOKEN, World, body, run, world

REPORT = "## dev\n\n2 to create\n"
OTHER = "## dev\n\n1 to delete\n"


def test_the_first_report_becomes_a_comment_that_begins_with_its_marker(github: World) -> None:
    posted = post(REPORT, github.pull_request(), "preview", run=run(41, 2))
    assert posted.outcome is Outcome.CREATED
    assert github.bodies() == [
        "<!-- agent-platform preview: preview -->\n"
        "<!-- run 41.2 of .github/workflows/preview.yml -->\n\n"
        "## dev\n\n2 to create\n"
    ]
    assert posted.url.endswith(f"/pull/1#issuecomment-{github.host.below(1)[0].id}")


def test_a_changed_report_is_written_over_the_one_before(github: World) -> None:
    before = post(REPORT, github.pull_request(), "preview", run=run(1))
    after = post(OTHER, github.pull_request(), "preview", run=run(2))
    assert after.outcome is Outcome.UPDATED
    assert after.url == before.url
    assert github.bodies() == [body(OTHER, run(2))]


def test_a_run_that_has_posted_its_report_writes_nothing_more(github: World) -> None:
    post(REPORT, github.pull_request(), "preview", run=run(1))
    writes = list(github.host.writes)
    posted = post(REPORT, github.pull_request(), "preview", run=run(1))
    assert posted.outcome is Outcome.UNCHANGED
    assert github.host.writes == writes


def test_a_report_that_the_host_gives_back_with_other_line_ends_is_not_written_again(
    github: World,
) -> None:
    github.host.stores = lambda text: text.rstrip().replace("\n", "\r\n")
    post(REPORT, github.pull_request(), "preview", run=run(1))
    posted = post(REPORT, github.pull_request(), "preview", run=run(1))
    assert posted.outcome is Outcome.UNCHANGED
    assert len(github.host.writes) == 1


def test_outside_of_a_job_an_unchanged_report_writes_nothing(github: World) -> None:
    post(REPORT, github.pull_request(), "preview")
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.UNCHANGED
    assert len(github.host.writes) == 1


def test_a_later_run_with_the_same_report_notes_that_it_has_spoken(github: World) -> None:
    post(REPORT, github.pull_request(), "preview", run=run(5))
    post(REPORT, github.pull_request(), "preview", run=run(7))
    assert github.bodies() == [body(REPORT, run(7))]
    late = post(OTHER, github.pull_request(), "preview", run=run(6))
    assert late.outcome is Outcome.SUPERSEDED
    assert github.bodies() == [body(REPORT, run(7))]


@pytest.mark.parametrize(
    ("there", "late"), [(run(8), run(7)), (run(8), run(7, 3)), (run(8, 2), run(8, 1))]
)
def test_an_older_run_that_ends_later_leaves_the_newer_report(
    github: World, there: object, late: object
) -> None:
    assert isinstance(there, type(run(1)))
    assert isinstance(late, type(run(1)))
    github.host.write(1, body(OTHER, there))
    posted = post(REPORT, github.pull_request(), "preview", run=late)
    assert posted.outcome is Outcome.SUPERSEDED
    assert posted.url
    assert github.host.writes == []
    assert github.bodies() == [body(OTHER, there)]


def test_runs_of_another_workflow_are_neither_earlier_nor_later(github: World) -> None:
    github.host.write(1, body(OTHER, run(900, series=".github/workflows/renamed.yml")))
    posted = post(REPORT, github.pull_request(), "preview", run=run(1))
    assert posted.outcome is Outcome.UPDATED
    assert github.bodies() == [body(REPORT, run(1))]


def test_each_pull_request_and_each_key_has_a_comment_of_its_own(github: World) -> None:
    post(REPORT, github.pull_request(1), "preview")
    post(OTHER, github.pull_request(2), "preview")
    post(OTHER, github.pull_request(1), "costs")
    assert [len(github.bodies(n)) for n in (1, 2, 3)] == [2, 1, 0]
    assert github.bodies(1)[0] == body(REPORT)


@pytest.mark.parametrize("author", [PERSON, OTHER_APP])
def test_somebody_elses_comment_with_the_marker_is_left_alone(
    github: World, author: object
) -> None:
    assert isinstance(author, type(PERSON))
    theirs = github.host.write(1, body("look what I can do", run(10**9)), author)
    posted = post(REPORT, github.pull_request(), "preview", run=run(1))
    assert posted.outcome is Outcome.CREATED
    assert github.bodies(author=author) == [theirs.body]
    assert post(OTHER, github.pull_request(), "preview", run=run(2)).outcome is Outcome.UPDATED
    assert github.bodies(author=author) == [theirs.body]
    assert github.bodies(author=ACTIONS) == [body(OTHER, run(2))]


def test_a_marker_that_our_bot_only_quotes_makes_no_comment_ours(github: World) -> None:
    quoted = github.host.write(1, f"> {body(REPORT)}")
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED
    assert github.bodies() == [quoted.body, body(REPORT)]


def test_a_comment_that_was_deleted_by_hand_is_written_anew(github: World) -> None:
    post(REPORT, github.pull_request(), "preview", run=run(1))
    github.host.delete(github.host.below(1)[0].id)
    assert post(REPORT, github.pull_request(), "preview", run=run(2)).outcome is Outcome.CREATED
    assert github.bodies() == [body(REPORT, run(2))]


@pytest.mark.parametrize("status", [404, 410])
def test_a_comment_that_is_deleted_between_look_and_write_is_written_anew(
    github: World, status: int
) -> None:
    there = github.host.write(1, body(OTHER, run(1)))
    github.host.happen("PATCH", first(lambda: github.host.delete(there.id)))
    if status == 410:
        github.host.happen("PATCH", answering(Answer(410, {"message": "This was deleted"})))
        github.host.delete(there.id)
    posted = post(REPORT, github.pull_request(), "preview", run=run(2))
    assert posted.outcome is Outcome.CREATED
    assert github.bodies() == [body(REPORT, run(2))]


def test_a_list_that_still_shows_what_was_deleted_is_not_believed(github: World) -> None:
    there = github.host.write(1, body(OTHER, run(1)))
    stale = answering(Answer(200, [there.shown]))
    github.host.delete(there.id)
    github.host.happen("GET", stale, times=3)
    posted = post(REPORT, github.pull_request(), "preview", run=run(2))
    assert posted.outcome is Outcome.CREATED
    assert [line.split()[0] for line in github.host.writes] == ["PATCH", "POST"]
    assert github.bodies() == [body(REPORT, run(2))]


def test_comments_that_never_come_to_rest_are_told(github: World) -> None:
    for number in range(20):
        shown = {**github.host.write(1, body(OTHER)).shown, "id": 10_000 + number}
        github.host.happen("GET", answering(Answer(200, [shown])))
    with pytest.raises(UnreachableError, match="got other comments in each of 6 looks"):
        post(REPORT, github.pull_request(), "preview")


def test_of_several_comments_of_ours_the_oldest_stays(github: World) -> None:
    oldest = github.host.write(1, body(OTHER, run(1)))
    github.host.write(1, "a person's words", PERSON)
    github.host.write(1, body(OTHER, run(2)))
    github.host.write(1, body(OTHER, run(3)))
    posted = post(REPORT, github.pull_request(), "preview", run=run(4))
    assert (posted.outcome, posted.removed) == (Outcome.UPDATED, 2)
    assert github.bodies() == [body(REPORT, run(4)), "a person's words"]
    assert github.host.below(1)[0].id == oldest.id


def test_what_the_latest_run_says_moves_to_the_comment_that_stays(github: World) -> None:
    github.host.write(1, body(OTHER, run(1)))
    github.host.write(1, body(REPORT, run(9)))
    posted = post("too late", github.pull_request(), "preview", run=run(4))
    assert posted.outcome is Outcome.SUPERSEDED
    assert github.bodies() == [body(REPORT, run(9))]


def test_two_comments_stay_where_none_may_be_deleted(github: World) -> None:
    github.host.grants[TOKEN].may_delete = False
    for _ in range(2):
        github.host.write(1, body(OTHER))
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.UPDATED
    assert github.bodies() == [body(REPORT), body(OTHER)]


def test_the_comment_is_found_on_whichever_page_it_stands(github: World) -> None:
    for number in range(333):
        github.host.write(1, f"remark {number}", PERSON)
    there = github.host.write(1, body(OTHER))
    for number in range(90):
        github.host.write(1, f"later remark {number}", PERSON)
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.UPDATED
    assert there.body == body(REPORT)
    assert len(github.bodies()) == 424


def test_a_next_page_elsewhere_is_not_followed(github: World) -> None:
    elsewhere = {"Link": '<https://evil.example/comments?page=2>; rel="next"'}
    github.host.happen("GET", answering(Answer(200, [], elsewhere)))
    with pytest.raises(StrangeError, match=r"got a next page at https://evil\.example"):
        post(REPORT, github.pull_request(), "preview")
    assert github.host.writes == []


def test_a_list_that_never_ends_is_a_fault(github: World) -> None:
    again = {"Link": f'<{github.address}/repos/octo/platform/issues/1/comments>; rel="next"'}
    github.host.happen("GET", answering(Answer(200, [], again)), times=300)
    with pytest.raises(StrangeError, match="wanted an end of the list"):
        post(REPORT, github.pull_request(), "preview")


def test_github_enterprise_is_the_same_under_its_own_address() -> None:
    with world(prefix="/api/v3") as enterprise:
        place = enterprise.pull_request()
        assert place.author().number == ACTIONS.id
        assert post(REPORT, place, "preview").outcome is Outcome.CREATED
        assert enterprise.host.requests[0].line == "POST /api/graphql"
        assert enterprise.host.writes == ["POST /api/v3/repos/octo/platform/issues/1/comments"]


@pytest.mark.parametrize("key", ["", "Preview", "a b", "a-->", "x" * 65, "a\nb"])
def test_a_key_that_could_not_be_found_again_is_refused(github: World, key: str) -> None:
    with pytest.raises(SettingError, match="wanted small letters"):
        post(REPORT, github.pull_request(), key)
    assert github.host.requests == []
