"""As whom a token writes, and which comments are ours by that."""

import pytest

from review.hosting.comments import Outcome, post
from review.hosting.conversation import Author
from tests.review.hosting.github_records import ACTIONS, OTHER_APP, PERSON, refusal
from tests.review.hosting.server import Answer, answering, drop
from tests.review.hosting.world import World, body


def test_the_host_tells_as_whom_the_token_writes(github: World) -> None:
    github.host.grant("ghp_person", PERSON)
    place = github.pull_request(transport=github.transport("ghp_person"))
    assert place.author() == Author("ada", 7)
    github.host.write(1, body("of the bot"), ACTIONS)
    assert post("mine", place, "preview").outcome is Outcome.CREATED
    assert github.bodies(author=ACTIONS) == [body("of the bot")]


def test_a_question_that_came_to_nothing_is_asked_again(github: World) -> None:
    github.host.grant("ghp_person", PERSON)
    github.host.happen("GRAPHQL", drop)
    github.host.happen("GRAPHQL", answering(refusal(502, "Bad gateway")))
    place = github.pull_request(transport=github.transport("ghp_person"))
    assert place.author() == Author("ada", 7)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(404, "Not Found"),
        refusal(422, "Unprocessable"),
        Answer(200, {"data": None, "errors": [{"message": "no"}]}),
    ],
)
def test_a_host_without_an_answer_leaves_it_at_the_bot_of_github_actions(
    github: World, answer: Answer
) -> None:
    github.host.happen("GRAPHQL", answering(answer))
    assert github.pull_request().author() == Author("github-actions[bot]")


def test_where_the_host_does_not_tell_it_is_the_bot_of_github_actions(github: World) -> None:
    github.host.graphql = False
    there = github.host.write(1, body("before"), ACTIONS)
    assert post("after", github.pull_request(), "preview").outcome is Outcome.UPDATED
    assert there.body == body("after")


def test_a_named_author_is_not_asked_for(github: World) -> None:
    github.host.grant("ghs_app", OTHER_APP)
    place = github.pull_request(transport=github.transport("ghs_app"), login="Labeller[bot]")
    there = github.host.write(1, body("before"), OTHER_APP)
    assert post("after", place, "preview").outcome is Outcome.UPDATED
    assert there.body == body("after")
    assert not [r for r in github.host.requests if r.path == "/graphql"]


def test_a_wrong_guess_still_ends_with_one_comment(github: World) -> None:
    github.host.graphql = False
    github.host.grant("ghs_app", OTHER_APP)
    for report in ("first", "second", "third"):
        place = github.pull_request(transport=github.transport("ghs_app"))
        post(report, place, "preview")
        assert github.bodies() == [body(report)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Author("ada", 7), Author("ada-renamed", 7), True),
        (Author("ada", 7), Author("ada", 8), False),
        (Author("Ada"), Author("ada", 7), True),
        (Author("ada"), None, False),
    ],
)
def test_authors_are_one_by_number_else_by_name(
    one: Author, other: Author | None, same: bool
) -> None:
    assert one.same(other) is same
