"""Several runs at the same time, and writes of which nobody is told what became of them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from review.hosting.comments import Outcome, Posted, post
from review.hosting.errors import UnsureError
from review.hosting.marker import Run
from tests.review.hosting.github_records import PERSON, refusal
from tests.review.hosting.server import (
    Answer,
    Incident,
    Request,
    answering,
    answering_after,
    drop,
    drop_after,
)
from tests.review.hosting.world import World, body, run

REPORT = "## dev\n\n2 to create\n"


def together(count: int) -> Incident:
    """Requests wait for each other before any of them is let through."""
    barrier = threading.Barrier(count, timeout=20)

    def incident(request: Request, through: Callable[[], Answer]) -> Answer:
        barrier.wait()
        return through()

    return incident


def at_once(github: World, posts: list[tuple[int, str, Run]]) -> list[Posted]:
    """Reports posted by clients of their own, each in a thread."""
    places = [github.pull_request(number) for number, _, _ in posts]
    with ThreadPoolExecutor(len(posts)) as pool:
        futures = [
            pool.submit(post, report, place, "preview", run=by)
            for place, (_, report, by) in zip(places, posts, strict=True)
        ]
        return [future.result(timeout=60) for future in futures]


def test_two_pull_requests_at_once_do_not_touch_each_other(github: World) -> None:
    github.host.happen("POST", together(2), times=2)
    posted = at_once(github, [(1, "of one", run(1)), (2, "of two", run(2))])
    assert [p.outcome for p in posted] == [Outcome.CREATED, Outcome.CREATED]
    assert github.bodies(1) == [body("of one", run(1))]
    assert github.bodies(2) == [body("of two", run(2))]
    assert github.host.incidents_left == 0


@pytest.mark.parametrize("order", [(7, 8), (8, 7)])
def test_two_first_comments_at_once_become_one_with_what_the_later_run_says(
    github: World, order: tuple[int, int]
) -> None:
    github.host.happen("POST", together(2), times=2)
    at_once(github, [(1, f"of run {number}", run(number)) for number in order])
    assert github.bodies() == [body("of run 8", run(8))]
    assert github.host.incidents_left == 0


def test_five_runs_at_once_end_with_one_comment_of_the_last(github: World) -> None:
    github.host.happen("POST", together(5), times=5)
    at_once(github, [(1, f"of run {number}", run(number)) for number in (3, 5, 1, 4, 2)])
    assert github.bodies() == [body("of run 5", run(5))]


@pytest.mark.parametrize("last", [2, 3])
def test_two_updates_at_once_end_with_what_the_later_run_says(github: World, last: int) -> None:
    github.host.write(1, body("before", run(1)))
    written = {2: threading.Event(), 3: threading.Event()}

    def in_turn(request: Request, through: Callable[[], Answer]) -> Answer:
        number = 2 if "of run 2" in str(request.body["body"]) else 3
        if number == last:
            assert written[5 - last].wait(20)
        answer = through()
        written[number].set()
        return answer

    def after_both(request: Request, through: Callable[[], Answer]) -> Answer:
        assert all(event.wait(20) for event in written.values())
        return through()

    # Both look before either writes, and look again when both have written.
    github.host.happen("GET", together(2), times=2)
    github.host.happen("GET", after_both, times=2)
    github.host.happen("PATCH", in_turn, times=2)
    at_once(github, [(1, "of run 2", run(2)), (1, "of run 3", run(3))])
    assert github.bodies() == [body("of run 3", run(3))]
    assert github.host.incidents_left == 0


@pytest.mark.parametrize("incident", [drop_after, answering_after(refusal(502, "Server Error"))])
def test_a_comment_that_came_through_unheard_is_not_made_twice(
    github: World, incident: Incident
) -> None:
    github.host.happen("POST", incident)
    posted = post(REPORT, github.pull_request(), "preview", run=run(1))
    assert github.host.writes == ["POST /repos/octo/platform/issues/1/comments"]
    assert github.bodies() == [body(REPORT, run(1))]
    assert posted.url.endswith(str(github.host.below(1)[0].id))


@pytest.mark.parametrize("incident", [drop, answering(refusal(503, "Unavailable"))])
def test_a_comment_that_did_not_come_through_is_made_after_a_look(
    github: World, incident: Incident
) -> None:
    github.host.happen("POST", incident)
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED
    assert github.bodies() == [body(REPORT)]
    methods = [r.method for r in github.host.requests if r.path != "/graphql"]
    assert methods == ["GET", "POST", "GET", "POST", "GET"]


def test_what_never_comes_through_is_told_in_the_end(github: World) -> None:
    github.host.happen("POST", drop, times=50)
    with pytest.raises(UnsureError, match="nobody knows whether it came through"):
        post(REPORT, github.pull_request(), "preview")
    assert github.bodies() == []
    assert len(github.host.writes) <= 6


def test_a_list_that_lags_behind_makes_no_second_comment(github: World) -> None:
    def hide(request: Request, through: Callable[[], Answer]) -> Answer:
        answer = through()
        github.host.hidden_from_lists = {r.id for r in github.host.below(1)}
        return answer

    github.host.happen("POST", hide)
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED
    assert github.bodies() == [body(REPORT)]


def test_an_update_and_a_removal_are_repeated_when_the_connection_breaks(github: World) -> None:
    github.host.write(1, body("before"))
    github.host.write(1, "words", PERSON)
    github.host.write(1, body("twice"))
    github.host.happen("PATCH", drop_after)
    github.host.happen("DELETE", drop_after)
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.UPDATED
    assert github.bodies() == [body(REPORT), "words"]
