"""Refusals: each says what was got, what was wanted and how to mend it."""

from collections.abc import Callable

import pytest

from review.hosting.comments import post
from review.hosting.errors import (
    ForbiddenError,
    HostingError,
    InvalidError,
    LockedError,
    MissingError,
    RefusedError,
    SettingError,
    StrangeError,
)
from review.hosting.github import Repository
from tests.review.hosting.github_records import REPOSITORY, refusal
from tests.review.hosting.server import Answer, answering
from tests.review.hosting.world import TOKEN, World, body

REPORT = "## dev\n\n2 to create\n"


def read_only(github: World) -> None:
    github.host.grants[TOKEN].may_write = False


def locked(github: World) -> None:
    github.host.threads[1].locked = True


def locked_with_a_comment(github: World) -> None:
    github.host.write(1, body("before"))
    github.host.threads[1].locked = True


def archived(github: World) -> None:
    github.host.archived = True


def gone(github: World) -> None:
    del github.host.threads[1]


def unknown(github: World) -> None:
    github.host.grants.clear()


def answered(answer: Answer) -> Callable[[World], None]:
    return lambda github: github.host.happen("POST", answering(answer), times=9)


@pytest.mark.parametrize(
    ("arrange", "kind", "words"),
    [
        (
            read_only,
            ForbiddenError,
            r"got 403 of GitHub \(Resource not accessible by integration\), wanted the right to write "
            r"there: give the job `permissions: pull-requests: write`",
        ),
        (locked, LockedError, r"\(Unable to create comment because issue is locked\.\), wanted"),
        (locked_with_a_comment, LockedError, "Unable to update comment because issue is locked"),
        (archived, LockedError, "archived"),
        (gone, MissingError, r"got 404 of GitHub \(Not Found\), wanted what is there: name the"),
        (unknown, RefusedError, r"got 401 of GitHub \(Bad credentials\), wanted a token"),
        (
            answered(refusal(403, "Resource protected by organization SAML enforcement.")),
            ForbiddenError,
            "SAML enforcement",
        ),
        (
            answered(refusal(422, "Validation Failed")),
            InvalidError,
            r"got 422 of GitHub \(Validation Failed\), wanted it taken: mend what the answer names",
        ),
        (
            answered(Answer(418, "<h1>teapot</h1>")),
            StrangeError,
            "got 418 of GitHub, wanted an ans",
        ),
        (
            answered(Answer(307, {"message": "Moved"}, {"Location": "https://evil.example/"})),
            StrangeError,
            r"got 307 of GitHub \(Moved\), wanted it where it was asked for: it has moved; name the",
        ),
    ],
)
def test_a_refusal_says_how_to_mend_it(
    github: World, arrange: Callable[[World], None], kind: type[HostingError], words: str
) -> None:
    arrange(github)
    with pytest.raises(HostingError, match=words) as raised:
        post(REPORT, github.pull_request(), "preview")
    assert type(raised.value) is kind
    assert github.clock.slept == []


def test_a_collaborators_token_writes_where_it_is_locked(github: World) -> None:
    github.host.threads[1].locked = True
    github.host.grants[TOKEN].collaborator = True
    post(REPORT, github.pull_request(), "preview")
    assert github.bodies() == [body(REPORT)]


@pytest.mark.parametrize("answer", ["<html>login</html>", {"comments": []}, [{"id": "x"}], [3]])
def test_an_answer_that_is_not_the_apis_is_told_without_its_text(
    github: World, answer: object
) -> None:
    github.host.happen("GET", answering(Answer(200, answer)))
    with pytest.raises(StrangeError, match="not GitHub's, wanted its REST API") as raised:
        post(REPORT, github.pull_request(), "preview")
    assert "login" not in str(raised.value)
    assert github.host.writes == []


def test_a_long_message_of_the_host_is_cut_to_a_line(github: World) -> None:
    github.host.happen("POST", answering(refusal(403, "no\n\n" * 1000)))
    with pytest.raises(ForbiddenError) as raised:
        post(REPORT, github.pull_request(), "preview")
    assert len(str(raised.value)) < 700
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("http://api.example.com", r"got http://api\.example\.com in GITHUB_API_URL, wanted https"),
        ("https://user:pass@api.example.com", "without a user or a query"),
        ("https://api.example.com?x=1", "without a user or a query"),
        ("ftp://api.example.com", "none of an API"),
        ("api.example.com", "none of an API"),
        ("", "none of an API"),
        ("https://api.example.com:port", "none of an API"),
    ],
)
def test_a_token_is_not_sent_to_an_address_that_is_not_safe(
    github: World, base: str, words: str
) -> None:
    with pytest.raises(SettingError, match=words) as raised:
        github.transport(base=base)
    assert "pass" not in str(raised.value)


@pytest.mark.parametrize("name", ["platform", "a/b/c", "../x", "a/..", "a/b?x=1", "a b/c", ""])
def test_a_repository_has_an_owner_and_a_name(github: World, name: str) -> None:
    with pytest.raises(SettingError, match="wanted owner/name"):
        Repository(github.transport(), name)
    assert Repository(github.transport(), REPOSITORY).name == REPOSITORY
