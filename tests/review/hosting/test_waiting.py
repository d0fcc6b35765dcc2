"""Rate limits, hosts out of order and slow ones: waited for as told, and never past the deadline."""

import socket
import threading
from collections.abc import Callable, Mapping
from email.utils import formatdate

import pytest

from review.hosting.comments import Outcome, post
from review.hosting.errors import LimitedError, UnreachableError, UnsureError
from review.hosting.waiting import Patience
from tests.review.hosting.github_records import refusal
from tests.review.hosting.server import Answer, Request, answering, drop
from tests.review.hosting.world import World, body

REPORT = "## dev\n\n2 to create\n"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


def test_a_primary_limit_is_waited_for_until_it_opens(github: World) -> None:
    github.host.remaining = 2
    github.host.reset = github.clock.now + 90
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED
    assert github.bodies() == [body(REPORT)]
    # Until the reset, the second after it and half a second of chance: the host refuses any earlier.
    assert github.clock.slept == [91.5]
    assert "API rate limit exceeded" in github.said[0]


@pytest.mark.parametrize(
    ("status", "headers", "waits"),
    [
        (403, {"Retry-After": "33"}, 33.5),
        (429, {"Retry-After": "33"}, 33.5),
        (429, {"Retry-After": formatdate(1_800_000_045, usegmt=True)}, 45.5),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000021"}, 22.5),
        (403, {}, 60.5),
        (429, {}, 60.5),
        (429, {"Retry-After": "soon"}, 60.5),
        (429, {"Retry-After": "0"}, 0.5),
    ],
)
def test_a_secondary_limit_is_waited_for_as_told_else_for_a_minute(
    github: World, status: int, headers: Mapping[str, str], waits: float
) -> None:
    github.host.happen("POST", answering(refusal(status, SECONDARY, headers)))
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED
    assert github.clock.slept == [waits]
    assert github.bodies() == [body(REPORT)]


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "9"}, 9.5),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000021"}, 22.5),
    ],
)
def test_a_limit_is_known_by_its_headers_whatever_it_says(
    github: World, headers: Mapping[str, str], waits: float
) -> None:
    github.host.happen("POST", answering(refusal(403, "Not now.", headers)))
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED
    assert github.clock.slept == [waits]


def test_the_wait_is_reckoned_by_the_hosts_clock(github: World) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000010"}
    github.host.happen("POST", answering(refusal(429, SECONDARY, headers)))
    place = github.pull_request(transport=github.transport(ahead=500.0))
    post(REPORT, place, "preview")
    assert github.clock.slept == [11.5]


def test_a_limit_beyond_the_deadline_is_told_at_once(github: World) -> None:
    github.host.remaining = 1
    github.host.reset = github.clock.now + 3600
    with pytest.raises(LimitedError, match=r"another 36\d\d s and 180 s are left .* --deadline"):
        post(REPORT, github.pull_request(), "preview")
    assert github.clock.slept == []


def test_the_deadline_holds_for_all_requests_together(github: World) -> None:
    limit = refusal(403, SECONDARY, {"Retry-After": "50"})
    github.host.happen("GET", answering(limit))
    github.host.happen("POST", answering(limit), times=3)
    place = github.pull_request(transport=github.transport(patience=Patience(deadline=120)))
    with pytest.raises(LimitedError, match="120 s deadline"):
        post(REPORT, place, "preview")
    assert github.clock.slept == [50.5, 50.5]


def test_a_deadline_that_is_over_stops_before_the_next_request(github: World) -> None:
    place = github.pull_request()
    github.clock.now += 181
    with pytest.raises(UnreachableError, match="past the 180 s deadline"):
        post(REPORT, place, "preview")
    assert github.host.requests == []


def test_a_host_that_limits_for_ever_is_not_asked_for_ever(github: World) -> None:
    limit = refusal(429, SECONDARY, {"Retry-After": "1"})
    github.host.happen("POST", answering(limit), times=50)
    with pytest.raises(LimitedError):
        post(REPORT, github.pull_request(), "preview")
    assert len(github.host.writes) == 6
    assert github.bodies() == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_host_out_of_order_is_asked_again_with_growing_waits(github: World, status: int) -> None:
    github.host.happen("GET", answering(refusal(status, "Server Error")), times=3)
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED
    assert github.clock.slept == [0.75, 1.5, 3.0]


def test_a_host_that_stays_out_of_order_is_told(github: World) -> None:
    github.host.happen("GET", answering(Answer(502, "<html>Bad gateway</html>")), times=50)
    with pytest.raises(UnreachableError, match=r"got 502 of GitHub, wanted it in working order"):
        post(REPORT, github.pull_request(), "preview")
    assert len(github.host.requests) == 1 + 6


def test_a_host_that_says_when_it_is_back_is_left_alone_until_then(github: World) -> None:
    github.host.happen("GET", answering(refusal(503, "Maintenance", {"Retry-After": "17"})))
    post(REPORT, github.pull_request(), "preview")
    assert github.clock.slept == [17.0]


def test_a_connection_that_breaks_is_made_again(github: World) -> None:
    github.host.happen("GET", drop, times=2)
    assert post(REPORT, github.pull_request(), "preview").outcome is Outcome.CREATED


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_was_never_sent_is_sent_again_whatever_it_is(github: World, method: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnreachableError, match=r"got no answer of GitHub \(ConnectError") as raised:
        github.transport(base=nobody).send(method, "/somewhere")
    assert type(raised.value) is UnreachableError
    assert github.clock.slept == [0.75, 1.5, 3.0, 6.0, 12.0]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slow_answer_is_not_waited_for(github: World, method: str) -> None:
    over = threading.Event()

    def slow(request: Request, through: Callable[[], Answer]) -> Answer:
        over.wait(20)
        return through()

    github.host.happen(method, slow, times=50)
    patience = Patience(timeout=0.2, attempts=2)
    place = github.pull_request(transport=github.transport(patience=patience))
    wanted = UnreachableError if method == "GET" else UnsureError
    try:
        with pytest.raises(wanted, match="ReadTimeout"):
            post(REPORT, place, "preview")
    finally:
        over.set()
