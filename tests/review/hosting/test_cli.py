"""The commands, with the variables that a job has."""

import json
import os
from pathlib import Path
from typing import Final

import pytest
from rich.text import Text
from typer.testing import CliRunner, Result

from review.hosting.cli import app
from tests.review.hosting.github_records import REPOSITORY
from tests.review.hosting.gitlab_host import BOT, GitLabHost
from tests.review.hosting.server import FakeClock, serving
from tests.review.hosting.test_environment import GITLAB, pull_request
from tests.review.hosting.world import TOKEN, World, body, run

REPORT: Final = "## dev\n\n2 to create\n"


class Shell:
    """A job's folder and variables."""

    def __init__(self, folder: Path, github: World) -> None:
        self.folder = folder
        self.report = folder / "report.md"
        self.report.write_text(REPORT)
        self.variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": github.address,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_RUN_NUMBER": "4",
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/preview.yml@refs/heads/x",
        }
        self.event(pull_request(number=1))

    def event(self, told: object) -> None:
        path = self.folder / "event.json"
        path.write_text(json.dumps(told))
        self.variables["GITHUB_EVENT_PATH"] = str(path)

    def run(self, *arguments: str) -> Result:
        result = CliRunner().invoke(app, arguments, env=self.variables)
        assert TOKEN not in result.output
        return result

    def read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@pytest.fixture
def shell(github: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in os.environ:
        if name.startswith(("GITHUB_", "CI_", "GITLAB_", "REVIEW_")):
            monkeypatch.delenv(name)
    return Shell(tmp_path, github)


def test_a_comment_is_posted_and_its_address_told(github: World, shell: Shell) -> None:
    result = shell.run("comment", str(shell.report))
    assert result.exit_code == 0
    assert github.bodies() == [body(REPORT, run(4))]
    url = f"https://github.example/{REPOSITORY}/pull/1#issuecomment-{github.host.remarks[0].id}"
    assert result.stdout == f"comment created: {url}\n"
    assert shell.read("output") == f"outcome=created\nurl={url}\n"
    assert shell.read("summary.md") == ""


def test_a_forks_report_goes_to_the_summary_with_a_notice(github: World, shell: Shell) -> None:
    github.host.grants[TOKEN].may_write = False
    shell.event(pull_request(head="somebody/platform", number=1))
    result = shell.run("comment", str(shell.report))
    assert result.exit_code == 0
    assert result.stderr.startswith(
        "::notice title=Preview::No comment, the report is in the job's"
    )
    assert shell.read("summary.md") == f"{REPORT}\n"
    assert shell.read("output") == "outcome=summary\nurl=\n"


def test_a_permission_that_is_missing_in_our_own_run_fails(github: World, shell: Shell) -> None:
    github.host.grants[TOKEN].may_write = False
    result = shell.run("comment", str(shell.report))
    assert result.exit_code == 1
    assert result.stderr.startswith("::error title=Preview::")
    assert "pull-requests: write" in result.stderr
    assert shell.read("summary.md") == f"{REPORT}\n"


def test_a_locked_conversation_is_a_warning(github: World, shell: Shell) -> None:
    github.host.threads[1].locked = True
    result = shell.run("comment", str(shell.report))
    assert result.exit_code == 0
    assert result.stderr.startswith("::warning title=Preview::No comment")
    assert shell.read("summary.md") == f"{REPORT}\n"


def test_an_unknown_token_fails_and_the_report_is_read_all_the_same(
    github: World, shell: Shell
) -> None:
    github.host.grants.clear()
    result = shell.run("comment", str(shell.report))
    assert result.exit_code == 1
    assert "Bad credentials" in result.stderr
    assert shell.read("summary.md") == f"{REPORT}\n"


def test_without_a_job_it_speaks_plainly(github: World, shell: Shell) -> None:
    shell.variables = {
        name: shell.variables[name]
        for name in ("GITHUB_API_URL", "GITHUB_TOKEN", "GITHUB_REPOSITORY")
    }
    assert shell.run("comment", str(shell.report), "--number", "2").exit_code == 0
    assert github.bodies(2) == [body(REPORT)]
    github.host.threads[2].locked = True
    shell.report.write_text("another")
    result = shell.run("comment", str(shell.report), "--number", "2")
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: No comment, the report is in report.md: PATCH")


def test_options_can_be_variables(github: World, shell: Shell) -> None:
    shell.variables |= {"REVIEW_PULL_REQUEST": "3", "REVIEW_AUTHOR": "github-actions[bot]"}
    assert shell.run("comment", str(shell.report), "--key", "costs").exit_code == 0
    assert len(github.bodies(3)) == 1
    assert not [r for r in github.host.requests if r.path == "/graphql"]


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_report_without_text_is_refused(github: World, shell: Shell, content: bytes) -> None:
    shell.report.write_bytes(content)
    result = shell.run("comment", str(shell.report))
    assert result.exit_code == 1
    assert "wanted a report in UTF-8" in result.stderr
    assert github.host.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["comment"],
        ["comment", "nothing.md"],
        ["comment", "report.md", "--number", "0"],
        ["comment", "report.md", "--number", "many"],
        ["drift"],
        ["drift", "report.md", "--none"],
        ["summary"],
    ],
)
def test_wrong_options_are_told_as_such(
    github: World, shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(shell.folder)
    assert shell.run(*arguments).exit_code == 2
    assert github.host.requests == []


def test_drift_is_told_and_taken_back(github: World, shell: Shell) -> None:
    told = shell.run("drift", str(shell.report), "--title", "prod drifted", "--label", "drift")
    assert told.exit_code == 0
    (issue,) = github.host.issues
    assert (issue.title, issue.labels) == ("prod drifted", ["drift"])
    assert told.stdout == f"drift opened: https://github.example/{REPOSITORY}/issues/4\n"
    assert shell.run("drift", "--none").exit_code == 0
    assert issue.state == "closed"
    assert shell.run("drift", "--none").stdout == "no drift, and no issue of any\n"
    assert shell.read("output").splitlines()[::2] == [
        "outcome=opened",
        "outcome=closed",
        "outcome=none",
    ]


def test_drift_that_cannot_be_told_is_in_the_summary(github: World, shell: Shell) -> None:
    github.host.issues_enabled = False
    result = shell.run("drift", str(shell.report))
    assert result.exit_code == 1
    assert "Issues has been disabled" in result.stderr
    assert shell.read("summary.md") == f"{REPORT}\n"


def test_a_summary_needs_no_token(github: World, shell: Shell) -> None:
    del shell.variables["GITHUB_TOKEN"]
    assert shell.run("summary", str(shell.report)).exit_code == 0
    assert shell.read("summary.md") == f"{REPORT}\n"
    shell.variables["GITHUB_STEP_SUMMARY"] = ""
    assert shell.run("summary", str(shell.report)).exit_code == 1


def test_a_pipeline_of_gitlab_posts_a_note(shell: Shell) -> None:
    host = GitLabHost(FakeClock(), tokens={TOKEN: BOT})
    with serving(host) as address:
        host.address = address
        shell.variables = {
            **GITLAB,
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{address}/api/v4",
            "GITLAB_TOKEN": TOKEN,
        }
        assert shell.run("comment", str(shell.report)).exit_code == 0
        assert host.notes[0].body == body(REPORT, run(90, 12345, "project-278"))
        shell.variables |= {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "9", "GITLAB_TOKEN": ""}
        result = shell.run("comment", str(shell.report))
        assert result.exit_code == 0
        assert result.stderr.startswith("notice: No comment, the report is in report.md: a fork's")
        del shell.variables["CI_MERGE_REQUEST_SOURCE_PROJECT_ID"]
        assert "project access token" in shell.run("comment", str(shell.report)).stderr


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("comment", ["Exit code 0", "read-only token", "REVIEW_PULL_REQUEST", "--key"]),
        ("drift", ["Exit code 0", "--none", "--label"]),
        ("summary", ["GITHUB_STEP_SUMMARY"]),
    ],
)
def test_each_command_explains_itself(shell: Shell, command: str, words: list[str]) -> None:
    shell.variables["COLUMNS"] = "200"
    shown = Text.from_ansi(shell.run(command, "--help").stdout).plain
    assert [word for word in words if word not in shown] == []
