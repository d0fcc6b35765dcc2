"""What GitHub Actions and GitLab CI tell of a run."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from review.hosting.environment import Actions, Pipeline, Target
from review.hosting.errors import SettingError
from review.hosting.marker import Run

BASE = {
    "GITHUB_REPOSITORY": "octo/platform",
    "GITHUB_TOKEN": "ghs_x",
    "GITHUB_WORKFLOW_REF": "octo/platform/.github/workflows/preview.yml@refs/pull/12/merge",
    "GITHUB_RUN_NUMBER": "41",
    "GITHUB_RUN_ATTEMPT": "2",
}
GITLAB = {
    "CI_API_V4_URL": "https://gitlab.example/api/v4",
    "CI_MERGE_REQUEST_PROJECT_ID": "278",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "278",
    "CI_MERGE_REQUEST_IID": "5",
    "CI_PROJECT_ID": "278",
    "CI_PIPELINE_IID": "90",
    "CI_JOB_ID": "12345",
}


def event(folder: Path, told: object) -> Actions:
    path = folder / "event.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return Actions.read({**BASE, "GITHUB_EVENT_PATH": str(path)})


def pull_request(
    head: str | None = "octo/platform", user: str = "ada", number: int = 12
) -> dict[str, object]:
    return {
        "action": "synchronize",
        "pull_request": {
            "number": number,
            "head": {"sha": "0a1b", "repo": None if head is None else {"full_name": head}},
            "base": {"repo": {"full_name": "octo/platform"}},
            "user": {"login": user},
        },
    }


@pytest.mark.parametrize(
    ("told", "readonly"),
    [
        (pull_request(), False),
        (pull_request(head="somebody/platform"), True),
        (pull_request(head=None), True),
        (pull_request(user="dependabot[bot]"), True),
    ],
)
def test_a_fork_and_dependabot_may_only_read(tmp_path: Path, told: object, readonly: bool) -> None:
    assert event(tmp_path, told).target() == Target(12, readonly=readonly)


def test_a_run_has_its_place_among_those_of_its_workflow(tmp_path: Path) -> None:
    actions = event(tmp_path, pull_request())
    assert actions.run() == Run(".github/workflows/preview.yml", 41, 2)
    assert actions.api_url == "https://api.github.com"


def test_after_another_workflow_its_place_is_what_counts(tmp_path: Path) -> None:
    ended = {
        "path": ".github/workflows/preview.yml@main",
        "run_number": 7,
        "run_attempt": 3,
        "pull_requests": [{"number": 12}],
    }
    actions = event(tmp_path, {"workflow_run": ended})
    assert actions.run() == Run(".github/workflows/preview.yml", 7, 3)
    assert actions.target() == Target(12, readonly=False)
    with pytest.raises(SettingError, match="after workflow_run a fork's pull request is not named"):
        event(tmp_path, {"workflow_run": {**ended, "pull_requests": []}}).target()


def test_another_number_may_be_given(tmp_path: Path) -> None:
    assert event(tmp_path, {"schedule": "0 3 * * *"}).target(9) == Target(9, readonly=False)
    assert event(tmp_path, pull_request(head="fork/p")).target(9) == Target(9, readonly=False)
    assert event(tmp_path, pull_request(head="fork/p")).target(12) == Target(12, readonly=True)


def test_outside_of_a_job_a_number_is_enough() -> None:
    actions = Actions.read({"GITHUB_REPOSITORY": "octo/platform", "GITHUB_TOKEN": "ghp_x"})
    assert actions.run() is None
    assert actions.target(3) == Target(3, readonly=False)
    with pytest.raises(SettingError, match="give --number"):
        actions.target()


@pytest.mark.parametrize("missing", ["GITHUB_REPOSITORY", "GITHUB_TOKEN"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_what_is_missing_is_named_with_the_way_out(missing: str, how: str) -> None:
    told = {name: value for name, value in BASE.items() if name != missing}
    with pytest.raises(SettingError, match=f"got no {missing} in the environment.*github.token"):
        Actions.read({**told, missing: " "} if how == "empty" else told)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "got the whole: Invalid JSON"),
        ("", "got the whole: Invalid JSON"),
        ({"pull_request": {"number": "x"}}, "pull_request.number"),
        ({"pull_request": {"number": 1, "base": {}}}, "got no pull_request.head"),
    ],
)
def test_an_event_that_cannot_be_read_is_told(tmp_path: Path, told: object, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        event(tmp_path, told).target()


def test_an_event_that_is_not_there_is_told(tmp_path: Path) -> None:
    actions = Actions.read({**BASE, "GITHUB_EVENT_PATH": str(tmp_path / "nothing.json")})
    with pytest.raises(SettingError, match="No such file or directory in the file of GITHUB_EVENT"):
        actions.target(5)


def test_surroundings_do_not_change() -> None:
    actions = Actions.read(BASE)
    with pytest.raises(ValidationError, match="frozen"):
        actions.repository = "other/one"  # pyright: ignore[reportAttributeAccessIssue] - that is the test


def test_a_pipeline_of_gitlab_tells_the_same() -> None:
    pipeline = Pipeline.read({**GITLAB, "GITLAB_TOKEN": "glpat-x"})
    assert pipeline.target() == Target(5, readonly=False)
    assert pipeline.run() == Run("project-278", 90, 12345)


def test_a_forks_pipeline_has_no_token() -> None:
    pipeline = Pipeline.read({**GITLAB, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "999"})
    assert pipeline.target() == Target(5, readonly=True)
    assert pipeline.token.get_secret_value() == ""


def test_a_pipeline_of_no_merge_request_is_told() -> None:
    with pytest.raises(SettingError, match="merge request pipeline of GitLab CI"):
        Pipeline.read({n: v for n, v in GITLAB.items() if "MERGE_REQUEST" not in n})
