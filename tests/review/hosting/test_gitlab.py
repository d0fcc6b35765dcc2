"""The same promises on GitLab: one note per merge request, updated in place."""

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from review.hosting.comments import Outcome, post
from review.hosting.errors import ForbiddenError, MissingError, RefusedError
from review.hosting.gitlab import DIALECT, MergeRequest
from review.hosting.transport import Access, Transport
from tests.review.hosting.gitlab_host import BOT, LIMIT, PERSON, PROJECT, GitLabHost
from tests.review.hosting.server import Answer, FakeClock, answering, drop_after, first, serving
from tests.review.hosting.world import TOKEN, body, clock_of, run

REPORT = "## dev\n\n2 to create\n"
OTHER = "## dev\n\n1 to delete\n"


@dataclass
class GitLab:
    """A merge request, and clients of it."""

    host: GitLabHost
    closing: ExitStack

    def merge_request(self, token: str = TOKEN, number: int = 5) -> MergeRequest:
        access = Access(base=f"{self.host.address}/api/v4", token=SecretStr(token), dialect=DIALECT)
        transport = Transport(access, clock=clock_of(self.host.clock))
        self.closing.enter_context(transport)
        return MergeRequest(transport, PROJECT, number, "https://gitlab.example/octo/platform")

    @property
    def bodies(self) -> list[str]:
        return [note.body for note in self.host.notes]


@pytest.fixture
def gitlab() -> Generator[GitLab]:
    host = GitLabHost(FakeClock(), tokens={TOKEN: BOT})
    with serving(host) as address, ExitStack() as closing:
        host.address = address
        yield GitLab(host, closing)


def test_a_report_becomes_one_note_that_is_updated_in_place(gitlab: GitLab) -> None:
    first_one = post(REPORT, gitlab.merge_request(), "preview", run=run(1))
    assert first_one.outcome is Outcome.CREATED
    note = gitlab.host.notes[0].id
    assert first_one.url == (f"https://gitlab.example/octo/platform/-/merge_requests/5#note_{note}")
    again = post(REPORT, gitlab.merge_request(), "preview", run=run(1))
    assert again.outcome is Outcome.UNCHANGED
    assert post(OTHER, gitlab.merge_request(), "preview", run=run(2)).outcome is Outcome.UPDATED
    assert gitlab.bodies == [body(OTHER, run(2))]
    late = post(REPORT, gitlab.merge_request(), "preview", run=run(1))
    assert late.outcome is Outcome.SUPERSEDED


def test_notes_of_others_and_of_gitlab_itself_are_left_alone(gitlab: GitLab) -> None:
    gitlab.host.write(body("mine"), PERSON)
    gitlab.host.write(body("added 1 commit"), BOT, system=True)
    assert post(REPORT, gitlab.merge_request(), "preview").outcome is Outcome.CREATED
    assert gitlab.bodies == [body("mine"), body("added 1 commit"), body(REPORT)]


def test_the_note_is_found_on_whichever_page_it_stands(gitlab: GitLab) -> None:
    for number in range(250):
        gitlab.host.write(f"remark {number}", PERSON)
    there = gitlab.host.write(body(OTHER))
    assert post(REPORT, gitlab.merge_request(), "preview").outcome is Outcome.UPDATED
    assert there.body == body(REPORT)


def test_a_note_deleted_by_hand_and_one_too_many_are_mended(gitlab: GitLab) -> None:
    there = gitlab.host.write(body(OTHER))
    gitlab.host.happen("PUT", first(lambda: gitlab.host.notes.remove(there)))
    gitlab.host.write(body(OTHER))
    gitlab.host.write(body(OTHER))
    assert post(REPORT, gitlab.merge_request(), "preview").removed >= 1
    assert gitlab.bodies == [body(REPORT)]


def test_a_note_that_came_through_unheard_is_not_made_twice(gitlab: GitLab) -> None:
    gitlab.host.happen("POST", drop_after)
    post(REPORT, gitlab.merge_request(), "preview")
    assert gitlab.bodies == [body(REPORT)]


def test_a_note_that_is_too_long_gets_shorter(gitlab: GitLab) -> None:
    posted = post("a line\n" * 200_000, gitlab.merge_request(), "preview")
    assert posted.shortened
    assert len(gitlab.bodies[0]) <= LIMIT


def test_gitlabs_own_limits_are_waited_for(gitlab: GitLab) -> None:
    reset = {"RateLimit-Remaining": "0", "RateLimit-Reset": "1800000030"}
    gitlab.host.happen("POST", answering(Answer(429, "Retry later", {"Retry-After": "12"})))
    gitlab.host.happen("POST", answering(Answer(429, "Retry later", reset)))
    place = gitlab.merge_request()
    post(REPORT, place, "preview")
    # Half past twelve seconds the host's clock still shows twelve.
    assert gitlab.host.clock.slept == [12.5, 30 - 12 + 1.5]


def test_refusals_name_gitlabs_settings(gitlab: GitLab) -> None:
    with pytest.raises(RefusedError, match="CI_JOB_TOKEN may not write notes"):
        post(REPORT, gitlab.merge_request("job-token"), "preview")
    with pytest.raises(MissingError, match="CI_MERGE_REQUEST_IID"):
        post(REPORT, gitlab.merge_request(number=6), "preview")
    gitlab.host.scoped = False
    with pytest.raises(ForbiddenError, match=r"got 403 of GitLab \(insufficient_scope\).*`api`"):
        post(REPORT, gitlab.merge_request(), "preview")
