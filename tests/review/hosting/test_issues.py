"""Drift: one issue that is opened, kept up to date, and closed when there is none any more."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from review.hosting import issues
from review.hosting.errors import ForbiddenError, MissingError, UnreachableError, UnsureError
from review.hosting.issues import Drift, report, resolve
from tests.review.hosting.github_records import ACTIONS, OTHER_APP, PERSON, Account, Thread, refusal
from tests.review.hosting.server import Answer, answering, drop, drop_after
from tests.review.hosting.test_at_once import together
from tests.review.hosting.world import TOKEN, World

TITLE = "prod has drifted"
DRIFT = "## prod\n\n1 to update\n"
MORE = "## prod\n\n3 to update\n"
LINE = "<!-- agent-platform drift: drift -->\n"


def one(github: World) -> Thread:
    (issue,) = github.host.issues
    return issue


def comments_of(github: World, number: int) -> list[str]:
    return [r.body.split("\n\n", 1)[1] for r in github.host.below(number)]


def test_the_first_drift_opens_an_issue(github: World) -> None:
    told = report(TITLE, DRIFT, github.repository(), labels=["drift", "ops"])
    assert told.drift is Drift.OPENED
    issue = one(github)
    assert (issue.title, issue.labels, issue.state) == (TITLE, ["drift", "ops"], "open")
    assert issue.body == f"{LINE}\n{DRIFT}"
    assert told.url.endswith(f"/issues/{issue.number}")


def test_the_same_drift_writes_nothing(github: World) -> None:
    report(TITLE, DRIFT, github.repository())
    writes = list(github.host.writes)
    assert report(TITLE, DRIFT, github.repository()).drift is Drift.UNCHANGED
    assert github.host.writes == writes


def test_other_drift_is_told_in_place_and_once_in_a_comment(github: World) -> None:
    report(TITLE, DRIFT, github.repository())
    assert report(TITLE, MORE, github.repository()).drift is Drift.UPDATED
    assert report(TITLE, DRIFT, github.repository()).drift is Drift.UPDATED
    assert report(TITLE, MORE, github.repository()).drift is Drift.UPDATED
    issue = one(github)
    assert issue.body == f"{LINE}\n{MORE}"
    assert comments_of(github, issue.number) == [issues.CHANGED]


def test_a_title_that_somebody_gave_it_stays(github: World) -> None:
    report(TITLE, DRIFT, github.repository())
    one(github).title = "prod: somebody resized the database"
    report(TITLE, MORE, github.repository())
    assert one(github).title == "prod: somebody resized the database"


def test_drift_that_is_gone_closes_the_issue_and_says_so(github: World) -> None:
    report(TITLE, DRIFT, github.repository())
    told = resolve(github.repository())
    assert told.drift is Drift.CLOSED
    issue = one(github)
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert comments_of(github, issue.number) == [issues.GONE]
    writes = list(github.host.writes)
    assert resolve(github.repository()).drift is Drift.NONE
    assert github.host.writes == writes


def test_without_drift_and_without_an_issue_nothing_is_written(github: World) -> None:
    assert resolve(github.repository()).drift is Drift.NONE
    assert github.host.writes == []


def test_drift_that_comes_back_opens_a_new_issue(github: World) -> None:
    report(TITLE, DRIFT, github.repository())
    resolve(github.repository())
    assert report(TITLE, DRIFT, github.repository()).drift is Drift.OPENED
    assert [i.state for i in github.host.issues] == ["closed", "open"]


def test_a_closing_that_broke_off_is_ended_by_the_next_night(github: World) -> None:
    report(TITLE, DRIFT, github.repository())
    github.host.happen("PATCH", drop, times=99)
    with pytest.raises(UnreachableError, match="got no answer of GitHub"):
        resolve(github.repository())
    assert one(github).state == "open"
    github.host.recover()
    assert resolve(github.repository()).drift is Drift.CLOSED
    assert comments_of(github, one(github).number) == [issues.GONE]


@pytest.mark.parametrize("author", [PERSON, OTHER_APP])
def test_somebody_elses_issue_with_the_marker_is_left_alone(github: World, author: Account) -> None:
    theirs = Thread(9, author, pull_request=False, title="mine", body=f"{LINE}\nmine")
    github.host.threads[9] = theirs
    assert report(TITLE, DRIFT, github.repository()).drift is Drift.OPENED
    assert resolve(github.repository()).drift is Drift.CLOSED
    assert (theirs.body, theirs.state) == (f"{LINE}\nmine", "open")


def test_a_pull_request_with_the_marker_is_no_issue(github: World) -> None:
    github.host.threads[9] = Thread(9, ACTIONS, pull_request=True, body=f"{LINE}\nx")
    assert report(TITLE, DRIFT, github.repository()).drift is Drift.OPENED
    assert github.host.threads[9].body == f"{LINE}\nx"


def test_the_issue_is_found_among_hundreds(github: World) -> None:
    report(TITLE, DRIFT, github.repository())
    for number in range(1000, 1250):
        github.host.threads[number] = Thread(number, PERSON, pull_request=number % 2 == 0)
    assert report(TITLE, DRIFT, github.repository()).drift is Drift.UNCHANGED


def test_each_key_has_an_issue_of_its_own(github: World) -> None:
    report(TITLE, DRIFT, github.repository(), key="dev")
    report(TITLE, DRIFT, github.repository(), key="prod")
    resolve(github.repository(), key="dev")
    assert [i.state for i in github.host.issues] == ["closed", "open"]


def test_two_first_issues_at_once_become_one(github: World) -> None:
    github.host.happen("POST", together(2), times=2)
    repositories = [github.repository() for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(report, TITLE, DRIFT, r) for r in repositories]
        for future in futures:
            future.result(timeout=60)
    older, newer = github.host.issues
    assert (older.state, newer.state, newer.state_reason) == ("open", "closed", "not_planned")
    assert comments_of(github, newer.number) == [f"Told in #{older.number}, which is older."]


def test_an_issue_that_came_through_unheard_is_not_opened_twice(github: World) -> None:
    github.host.happen("POST", drop_after)
    report(TITLE, DRIFT, github.repository())
    assert one(github).body == f"{LINE}\n{DRIFT}"


def test_a_list_that_lags_behind_opens_no_second_issue(github: World) -> None:
    github.host.happen("GET", answering(Answer(200, [])), times=3)
    assert report(TITLE, DRIFT, github.repository()).drift is Drift.OPENED
    assert len(github.host.issues) == 1


def test_a_wrong_guess_at_the_author_still_ends_with_one_open_issue(github: World) -> None:
    github.host.graphql = False
    github.host.grant("ghs_app", OTHER_APP)
    for drift in (DRIFT, MORE):
        report(TITLE, drift, github.repository(github.transport("ghs_app")))
        (there,) = [i for i in github.host.issues if i.state == "open"]
        assert there.body == f"{LINE}\n{drift}"


def test_an_issue_that_never_comes_through_is_told(github: World) -> None:
    github.host.happen("POST", drop, times=99)
    with pytest.raises(UnsureError):
        report(TITLE, DRIFT, github.repository())
    assert github.host.issues == []


def test_drift_that_is_too_long_is_told_shorter(github: World) -> None:
    told = report(TITLE, "a line\n" * 20_000, github.repository())
    assert told.shortened
    assert len(one(github).body) <= 65_536
    assert report(TITLE, "a line\n" * 20_000, github.repository()).drift is Drift.UNCHANGED


def disabled(github: World) -> None:
    github.host.issues_enabled = False


def read_only(github: World) -> None:
    github.host.grants[TOKEN].may_write = False


@pytest.mark.parametrize(
    ("arrange", "kind", "words"),
    [
        (disabled, MissingError, r"got 410 of GitHub \(Issues has been disabled.*switched off"),
        (read_only, ForbiddenError, r"issues: write"),
    ],
)
def test_an_issue_that_may_not_be_opened_says_how_to_mend_it(
    github: World, arrange: Callable[[World], None], kind: type[Exception], words: str
) -> None:
    arrange(github)
    with pytest.raises(kind, match=words):
        report(TITLE, DRIFT, github.repository())


def test_a_comment_that_is_refused_leaves_the_description_for_the_next_night(
    github: World,
) -> None:
    report(TITLE, DRIFT, github.repository())
    github.host.happen("POST", answering(refusal(403, "This conversation is locked.")))
    with pytest.raises(ForbiddenError):
        report(TITLE, MORE, github.repository())
    assert one(github).body == f"{LINE}\n{DRIFT}"
    assert report(TITLE, MORE, github.repository()).drift is Drift.UPDATED
    assert comments_of(github, one(github).number) == [issues.CHANGED]
