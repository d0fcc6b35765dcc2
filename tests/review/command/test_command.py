"""Units: the command that writes a report from what the engine printed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from review import __main__ as command
from review.drift import drifted
from review.gates import FAILED, HIT, OK, USAGE
from review.links import links
from review.run import EVENTS, PLAN, Run, RunError

Invoke = Callable[..., tuple[int, str]]
"""Arguments of the command → its exit code and what it printed."""
STACK = "urn:pulumi:test::project::pulumi:pulumi:Stack::project-test"
RESOURCE = "urn:pulumi:test::project::random:index/randomPassword:RandomPassword::password"


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(command.app, list(arguments))
        return done.exit_code, done.output

    return call


def _preview(folder: Path, *operations: str) -> Path:
    """A preview as the engine prints it, with a step for each operation."""
    folder.mkdir()
    state = {"urn": RESOURCE, "custom": True, "type": "random:index/randomPassword:RandomPassword"}
    steps = [
        {"op": operation, "urn": RESOURCE, "newState": state, "oldState": state}
        for operation in operations
    ]
    (folder / PLAN).write_text(json.dumps({"steps": steps, "duration": 1}))
    summary = {"resourceChanges": {}, "result": "succeeded", "PolicyPacks": {"pack": "1"}}
    events: list[dict[str, object]] = [
        {"policyLoadEvent": {}},
        {"summaryEvent": summary},
        {"cancelEvent": {}},
    ]
    lines = [json.dumps({"sequence": n, **event}) for n, event in enumerate(events)]
    (folder / EVENTS).write_text("\n".join(lines) + "\n")
    Run(stack="test", code=0, compared_with="main at 1a2b3c4").write(folder)
    return folder


def test_a_report_is_written_in_three_forms(invoke: Invoke, tmp_path: Path) -> None:
    code, told = invoke("report", "--run", str(_preview(tmp_path / "run", "same")), "--out", "out")
    assert code == OK, told
    assert {each.name for each in (tmp_path / "out").iterdir()} == {
        "report.md",
        "report.html",
        "report.json",
    }
    assert "main at" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_a_gate_that_finds_something_ends_with_its_code_and_the_report_is_there(
    invoke: Invoke,
    tmp_path: Path,
) -> None:
    run = str(_preview(tmp_path / "run", "create"))
    code, told = invoke("report", "--run", run, "--out", "out", "--fail-on", "create")
    assert code == HIT
    assert "it would create" in told
    assert (tmp_path / "out" / "report.html").exists()


def test_output_that_breaks_off_ends_as_a_failure(invoke: Invoke, tmp_path: Path) -> None:
    folder = _preview(tmp_path / "run", "create")
    events = folder / EVENTS
    events.write_text(events.read_text()[:40])
    code, _ = invoke("report", "--run", str(folder), "--out", "out")
    assert code == FAILED


def test_a_base_that_could_not_be_made_ends_as_a_failure_and_says_why_first(
    invoke: Invoke, tmp_path: Path
) -> None:
    folder = _preview(tmp_path / "run", "create")
    why = "The program of main could not be run: no such module"
    Run(stack="test", code=0, compared_with="nothing", incomplete=why).write(folder)
    code, told = invoke("report", "--run", str(folder), "--out", "out", "--fail-on", "delete")
    assert code == FAILED
    assert f"preview: the preview does not show the change: {why}" in told
    (stack,) = json.loads((tmp_path / "out" / "report.json").read_text())["stacks"]
    assert stack["outcome"] == "incomplete"
    assert stack["notices"][0]["text"] == stack["incomplete"] == why
    for name in ("report.md", "report.html"):
        assert why in (tmp_path / "out" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [("--run", "nowhere"), ("--run", ".", "--fail-on", "all")])
def test_what_cannot_be_reported_on_is_refused_in_one_sentence(
    invoke: Invoke,
    arguments: tuple[str, ...],
) -> None:
    code, told = invoke("report", *arguments)
    assert code == USAGE
    assert "wanted" in told


def test_secrets_of_the_environment_are_known_by_their_names() -> None:
    found = command.secrets_of(
        {
            "PULUMI_ACCESS_TOKEN": "of-the-backend",
            "REDISCLI_AUTH": "of-the-cache",
            "HOME": "/home/somebody",
            "PWD": "/home/somebody",
            "A_TOKEN": "short",
        }
    )
    assert found == {"of-the-backend", "of-the-cache"}


def test_a_folder_without_a_note_is_the_stack_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "staging"
    folder.mkdir()
    (folder / PLAN).write_text("{}")
    assert Run.read(folder).stack == "staging"


def test_a_note_of_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"stack": 1}')
    with pytest.raises(RunError, match="of another form"):
        Run.read(tmp_path)


@pytest.mark.parametrize(
    ("outcomes", "counts", "told"),
    [
        ({"succeeded": 1}, {}, False),
        ({"succeeded": 1}, {"update": 1}, True),
        ({"failed": 1}, {}, True),
    ],
)
def test_drift_is_what_differs_or_could_not_be_compared(
    outcomes: dict[str, int], counts: dict[str, int], told: bool
) -> None:
    assert drifted(json.dumps({"summary": {"outcomes": outcomes, "counts": counts}})) is told


def test_on_github_the_comment_leads_to_the_run_and_to_the_files_of_the_commit() -> None:
    found = links(
        {
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "team/platform",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SHA": "abc",
        }
    )
    assert found.report == "https://github.example/team/platform/actions/runs/7#artifacts"
    assert found.files == "https://github.example/team/platform/blob/abc/"


def test_on_gitlab_likewise_and_elsewhere_nowhere() -> None:
    found = links(
        {
            "CI_PROJECT_URL": "https://gitlab.example/team/platform",
            "CI_COMMIT_SHA": "abc",
            "CI_JOB_URL": "https://gitlab.example/team/platform/-/jobs/7",
        }
    )
    assert found.report.endswith("/-/jobs/7/artifacts/browse")
    assert found.files == "https://gitlab.example/team/platform/-/blob/abc/"
    assert not links({}).report
