"""The token is nowhere but in the request's header."""

import logging
import traceback
from collections.abc import Callable

import pytest
from pydantic import SecretStr, ValidationError

from review.hosting.comments import post
from review.hosting.environment import Actions, Pipeline
from review.hosting.errors import HostingError, SettingError
from review.hosting.github import DIALECT
from review.hosting.gitlab import DIALECT as GITLAB
from review.hosting.transport import Access
from review.hosting.waiting import Patience
from tests.review.hosting.github_records import refusal
from tests.review.hosting.server import Answer, Incident, answering, drop
from tests.review.hosting.world import TOKEN, World

ECHO = f"you sent Bearer {TOKEN} and\n{TOKEN} again"
INCIDENTS: dict[str, Incident] = {
    "dropped": drop,
    **{str(status): answering(refusal(status, ECHO)) for status in (400, 401, 403, 404, 418, 422)},
    **{str(status): answering(refusal(status, ECHO)) for status in (429, 500, 502)},
    "not JSON": answering(Answer(403, ECHO)),
    "not the API": answering(Answer(200, [{"id": ECHO}])),
    "elsewhere": answering(Answer(307, ECHO, {"Location": "https://evil.example/"})),
    "page elsewhere": answering(Answer(200, [], {"Link": '<https://evil.example/>; rel="next"'})),
}


def everything(error: BaseException) -> str:
    """All that a log could show of an error, what led to it and what hangs on it."""
    seen: list[str] = []
    while error.__context__ is not None or error.__cause__ is not None:
        seen += [str(error), repr(error), repr(vars(error))]
        following = error.__cause__ or error.__context__
        assert following is not None
        error = following
    return "\n".join([*seen, str(error), repr(error), repr(vars(error))])


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("incident", INCIDENTS.values(), ids=INCIDENTS.keys())
def test_no_error_and_no_log_shows_the_token(
    github: World, caplog: pytest.LogCaptureFixture, incident: Incident, method: str
) -> None:
    caplog.set_level(logging.DEBUG)
    github.host.happen(method, incident, times=99)
    transport = github.transport(patience=Patience(attempts=2))
    with pytest.raises(HostingError) as raised:
        post("report", github.pull_request(transport=transport), "preview")
    assert any(r.headers.get("authorization") == f"Bearer {TOKEN}" for r in github.host.requests)
    shown = "".join(traceback.format_exception(raised.value)) + everything(raised.value)
    logged = caplog.text + "\n".join(github.said) + "\n".join(repr(r.args) for r in caplog.records)
    assert TOKEN not in shown
    assert TOKEN not in logged
    assert "POST" in logged


def test_no_error_leads_to_the_request_that_holds_the_token(github: World) -> None:
    github.host.happen("POST", drop, times=99)
    with pytest.raises(HostingError) as raised:
        post("report", github.pull_request(), "preview")
    error: BaseException | None = raised.value
    while error is not None:
        assert isinstance(error, HostingError)
        assert not hasattr(error, "request")
        error = error.__cause__ or error.__context__


def test_nothing_that_holds_the_token_shows_it(github: World) -> None:
    transport = github.transport()
    place = github.pull_request(transport=transport)
    access = Access(base="https://api.github.com", token=SecretStr(TOKEN), dialect=DIALECT)
    actions = Actions.read({"GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": TOKEN})
    pipeline = Pipeline.read(
        {
            "CI_API_V4_URL": "https://gitlab.example/api/v4",
            "CI_MERGE_REQUEST_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_IID": "2",
            "GITLAB_TOKEN": TOKEN,
        }
    )
    for thing in (transport, place, access, actions, pipeline, place.repository):
        assert TOKEN not in f"{thing!r} {thing}"
    assert TOKEN not in actions.model_dump_json() + pipeline.model_dump_json()


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "ümläut", "nul\x00"])
@pytest.mark.parametrize("dialect", [DIALECT, GITLAB])
def test_a_token_that_no_header_takes_is_refused_without_showing_it(
    github: World, token: str, dialect: object
) -> None:
    assert isinstance(dialect, type(DIALECT))
    with pytest.raises(SettingError, match="wanted one word of ASCII") as raised:
        github.transport(token, dialect=dialect)
    assert not token.strip() or token not in everything(raised.value)


def test_a_line_break_at_the_end_of_a_token_does_no_harm(github: World) -> None:
    post("report", github.pull_request(transport=github.transport(f"{TOKEN}\n")), "preview")
    assert len(github.bodies()) == 1


def wrong_number(variables: dict[str, str]) -> None:
    variables["GITHUB_RUN_NUMBER"] = TOKEN


def missing_repository(variables: dict[str, str]) -> None:
    del variables["GITHUB_REPOSITORY"]


@pytest.mark.parametrize("spoil", [wrong_number, missing_repository])
def test_wrong_surroundings_are_told_without_their_values(
    spoil: Callable[[dict[str, str]], None],
) -> None:
    variables = {"GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": TOKEN}
    spoil(variables)
    with pytest.raises(SettingError, match=r"got (no )?GITHUB_") as raised:
        Actions.read(variables)
    assert TOKEN not in everything(raised.value)


def test_pydantics_own_complaints_do_not_quote_the_token() -> None:
    with pytest.raises(ValidationError) as raised:
        Actions.model_validate({"GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": [TOKEN]})
    assert TOKEN not in str(raised.value)
