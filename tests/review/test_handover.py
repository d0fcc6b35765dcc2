"""What a fork's run leaves is posted on its own pull request, and on nobody else's."""

import html
import json
import re
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from hypothesis import given
from hypothesis import strategies as st

from review.handover import LARGEST, main, tamed
from tests.review.hosting.github_host import GitHubHost
from tests.review.hosting.github_records import LIMIT, REPOSITORY
from tests.review.hosting.server import Answer, FakeClock, Request, serving

TOKEN: Final = "ghs_token-of-the-workflow"
FORK: Final = "eve/platform"
HEAD: Final = "1f" * 20
OTHER: Final = "2e" * 20


@dataclass(frozen=True)
class Pull:
    """Where a pull request comes from, as the host tells it."""

    repo: str | None
    sha: str
    state: str = "open"
    base: str = REPOSITORY


class ForkedHost(GitHubHost):
    """GitHub that tells of pull requests as well."""

    def __init__(self) -> None:
        super().__init__(FakeClock())
        self.grant(TOKEN)
        self.pulls = {1: Pull(FORK, HEAD), 2: Pull("ada/platform", OTHER)}

    def answer(self, request: Request) -> Answer:
        found = re.fullmatch(rf"/repos/{REPOSITORY}/pulls/(\d+)", request.path)
        if found is None or request.headers.get("authorization") != f"Bearer {TOKEN}":
            return super().answer(request)
        pull = self.pulls.get(int(found[1]))
        if pull is None:
            return Answer(404, {"message": "Not Found"})
        head = {"sha": pull.sha, "repo": {"full_name": pull.repo} if pull.repo else None}
        base = {"sha": OTHER, "repo": {"full_name": pull.base}}
        told = {"number": int(found[1]), "state": pull.state, "head": head, "base": base}
        return Answer(200, told)


@dataclass
class Place:
    """The runner of comment.yml, after the artifacts of the other run were fetched."""

    host: ForkedHost
    variables: dict[str, str]
    folder: Path

    def leave(self, report: str | bytes, number: str = "1") -> Path:
        self.folder.mkdir()
        (self.folder / "pull-request.txt").write_text(f"{number}\n")
        file = self.folder / "report.md"
        file.write_bytes(report.encode() if isinstance(report, str) else report)
        return file

    def event(self, **changes: object) -> None:
        """What started the workflow, as GitHub writes it."""
        run: dict[str, object] = {
            "id": 4711,
            "event": "pull_request",
            "path": ".github/workflows/preview.yml",
            "run_number": 8,
            "run_attempt": 1,
            "head_sha": HEAD,
            "head_branch": "patch-1",
            "head_repository": {"full_name": FORK},
            # Empty for a fork, which is why the number has to be claimed at all.
            "pull_requests": [],
        }
        Path(self.variables["GITHUB_EVENT_PATH"]).write_text(
            json.dumps({"workflow_run": {**run, **changes}})
        )

    def run(self) -> int:
        return main([str(self.folder)], self.variables)

    @property
    def posted(self) -> list[tuple[int, str]]:
        return [(remark.thread, remark.body) for remark in self.host.remarks]


@pytest.fixture
def place(tmp_path: Path) -> Generator[Place]:
    host = ForkedHost()
    with serving(host) as address:
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": address,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
        }
        made = Place(host, variables, tmp_path / "handover")
        made.event()
        yield made


def test_a_forks_report_is_posted_on_its_pull_request_with_a_word_on_who_made_it(
    place: Place,
) -> None:
    place.leave("## Preview\n\nNothing changes.\n")
    assert place.run() == 0
    ((number, body),) = place.posted
    assert number == 1
    assert body.startswith("<!-- agent-platform preview: preview -->\n")
    assert f"Made by code of the fork `{FORK}` at `{HEAD[:12]}`" in body
    assert body.index("Made by code") < body.index("## Preview")


def test_the_next_run_of_the_fork_updates_the_same_comment(place: Place) -> None:
    report = place.leave("First.\n")
    assert place.run() == 0
    report.write_text("Second.\n")
    place.event(run_number=9)
    assert place.run() == 0
    ((_, body),) = place.posted
    assert "Second." in body
    assert "First." not in body


@pytest.mark.parametrize(
    ("pull", "doubt"),
    [
        (Pull("ada/platform", OTHER), "does not come from eve/platform"),
        # Anybody can push the very commit of somebody else's pull request to a fork of their own.
        (Pull("ada/platform", HEAD), "does not come from eve/platform"),
        (Pull(None, HEAD), "does not come from eve/platform"),
        (Pull(FORK, OTHER), "it is at 2e2e2e2e2e2e and the run was of 1f1f1f1f1f1f"),
        (Pull(FORK, HEAD, state="closed"), "it is closed"),
        (Pull(FORK, HEAD, base="octo/elsewhere"), "of another repository"),
    ],
)
def test_a_pull_request_that_the_run_is_not_of_gets_no_comment(
    place: Place, capsys: pytest.CaptureFixture[str], pull: Pull, doubt: str
) -> None:
    place.host.pulls[2] = pull
    place.leave("Approved by everybody.\n", "2")
    assert place.run() == 0
    assert place.posted == []
    told = capsys.readouterr().out
    assert told.startswith("::notice title=Preview::Nothing posted on #2")
    assert doubt in told


def test_a_pull_request_that_is_not_there_is_an_error(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.leave("A report.\n", "99")
    assert place.run() == 1
    assert "GET /repos/octo/platform/pulls/99" in capsys.readouterr().err


@pytest.mark.parametrize(
    "number",
    [
        "",
        "0",
        "01",
        "1 ",
        "1\n2",
        "１",  # noqa: RUF001 - a digit, as Python takes it, that is none of ASCII
        "1000000000",
        "1%0A::stop-commands::x",
    ],
)
def test_a_number_that_the_workflow_does_not_write_is_refused_before_anybody_is_asked(
    place: Place, number: str
) -> None:
    place.leave("A report.\n", number)
    assert place.run() == 1
    assert place.host.requests == []


@pytest.mark.parametrize("name", ["pull-request.txt", "report.md"])
def test_a_run_that_left_half_of_it_gets_no_comment(place: Place, name: str) -> None:
    place.leave("A report.\n")
    (place.folder / name).unlink()
    assert place.run() == 1
    assert place.host.requests == []


def test_a_report_that_leads_elsewhere_is_not_read(place: Place, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("what only the runner knows")
    report = place.leave("")
    report.unlink()
    report.symlink_to(secret)
    assert place.run() == 1
    assert place.host.requests == []


@pytest.mark.parametrize("size", [0, LARGEST + 1])
def test_a_report_without_a_reasonable_size_is_not_read(place: Place, size: int) -> None:
    place.leave(b"a" * size)
    assert place.run() == 1
    assert place.host.requests == []


def test_a_report_as_large_as_can_be_is_cut_to_what_a_comment_takes(place: Place) -> None:
    place.leave(b"\xff" + b"a line of text\n" * (LARGEST // 15))
    assert place.run() == 0
    ((_, body),) = place.posted
    assert len(body) <= LIMIT


def test_a_run_that_was_not_of_a_pull_request_posts_nothing(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.event(event="push")
    place.leave("A report.\n")
    assert place.run() == 1
    assert "got a run of the event 'push'" in capsys.readouterr().err
    assert place.host.requests == []


def test_a_locked_conversation_is_a_warning(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.host.threads[1] = replace(place.host.threads[1], locked=True)
    place.leave("A report.\n")
    assert place.run() == 0
    assert "::warning title=Preview::No comment" in capsys.readouterr().err


def test_dependabots_report_is_the_repositorys_own(place: Place) -> None:
    place.event(head_repository={"full_name": REPOSITORY})
    place.host.pulls[1] = Pull(REPOSITORY, HEAD)
    place.leave("A report.\n")
    assert place.run() == 0
    ((_, body),) = place.posted
    assert "Made by code" not in body


@given(st.text(alphabet=st.sampled_from("@#&ab1 \n\u200b\u202e\x00\x1b`<") | st.characters()))
def test_nothing_in_a_report_calls_anybody_or_hides(report: str) -> None:
    plain = tamed(report, FORK, HEAD, REPOSITORY)
    body = plain.split("\n\n", 1)[1]
    assert re.search(r"@\w", body) is None
    assert re.search(r"(?<!&)#\d|&#\d+(?![\d;])", body) is None
    assert not set(body) & {"\u200b", "\u202e", "\x00", "\x1b", "\r"}
    told = body.replace("&amp;", "&")
    assert [c for c in told if c.isalnum()] == [
        c for c in report.replace("&amp;", "&") if c.isalnum()
    ]


@pytest.mark.parametrize(
    "text",
    [
        "&#64;octocat",
        "&commat;org/team",
        "&num;12",
        "&#x23;12",
        "&#12",
        "GH-12",
        "https://github.com/o/r/issues/12",
        "https://github.com/o/r/pull/12",
    ],
)
def test_what_a_parser_would_make_a_call_of_stays_text(text: str) -> None:
    body = tamed(text, REPOSITORY, HEAD, REPOSITORY)
    rendered = github_flavored_markdown_to_html(body)
    assert not re.search(r"@\w|(?<!&)#\d|\bGH-\d|/(issues|pull)/\d", html.unescape(rendered)), (
        rendered
    )


def test_the_reports_own_punctuation_is_kept() -> None:
    own = "a &#124; b &lt;c&gt; &amp; d"
    assert tamed(own, REPOSITORY, HEAD, REPOSITORY) == own
