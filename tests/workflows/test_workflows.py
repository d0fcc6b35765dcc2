"""The project's workflows keep to the rules, and fit what else the project says."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.workflows import rules
from tests.workflows.reading import ACTIONS, ROOT, Workflow, workflows
from tests.workflows.rules import RULES, Rule
from toolchain.go_compiler import WANTED

ALL = {workflow.file: workflow for workflow in workflows()}


@pytest.mark.parametrize("workflow", ALL.values(), ids=ALL)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_workflows_keep_to_the_rule(rule: Rule, workflow: Workflow) -> None:
    assert list(rule(workflow)) == []


def test_no_right_is_granted_that_no_job_asks_for() -> None:
    asked = {
        f"{workflow.file}/{name}": {
            right for right, level in job.rights.items() if level == "write"
        }
        for workflow in ALL.values()
        for name, job in workflow.jobs.items()
    }
    assert {name: rights for name, rights in asked.items() if rights} == rules.MAY_WRITE


def test_exactly_one_of_the_two_reports_is_made_for_a_pull_request() -> None:
    jobs = ALL["preview.yml"].jobs
    assert jobs["offline"].condition == f"!({jobs['deployed'].condition})"


def test_exactly_one_of_the_two_workflows_comments_on_a_pull_request() -> None:
    own = ALL["preview.yml"].jobs["comment"].condition
    forks = ALL["comment.yml"].jobs["comment"].condition
    assert own == f"!cancelled() && {rules.OWN} && github.actor != 'dependabot[bot]'"
    assert forks.endswith(
        "(github.event.workflow_run.head_repository.full_name != github.repository || "
        "github.event.workflow_run.actor.login == 'dependabot[bot]')"
    )
    assert ALL["comment.yml"].triggers["workflow_run"]["workflows"] == [ALL["preview.yml"].name]


def test_what_a_fork_runs_has_nothing_of_its_own() -> None:
    offline = ALL["preview.yml"].jobs["offline"]
    assert offline.rights == {"contents": "read"}
    assert offline.environment is None
    assert "secrets." not in offline.text
    assert "github.token" not in offline.text


def test_one_action_has_one_version() -> None:
    sources = [workflow.source for workflow in ALL.values()]
    sources += [path.read_text() for path in ACTIONS.rglob("action.yml")]
    used = {u for source in sources for u in re.findall(r"uses: *([\w.-]+/\S+ # \S+)", source)}
    repositories = [("/".join(one.split("@")[0].split("/")[:2]), one.split("@")[1]) for one in used]
    assert len({name for name, _ in repositories}) == len(set(repositories))


def test_the_projects_own_actions_are_pinned_as_well() -> None:
    for path in ACTIONS.rglob("action.yml"):
        used = re.findall(r"uses: *(\S+)(.*)", path.read_text())
        assert used
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name, _ in used)
        assert all(re.fullmatch(r" # v\d+\.\d+\.\d+", version) for _, version in used)


def test_what_is_saved_is_what_is_restored() -> None:
    action: dict[str, Any] = yaml.safe_load((ACTIONS / "toolchain" / "action.yml").read_text())
    (restored,) = action["runs"]["steps"]
    saved = [step for _, step in ALL["ci.yml"].steps if step.action == "actions/cache/save"]
    assert len(saved) > 5
    assert {step.inputs["path"] for step in saved} == {restored["with"]["path"]}


def test_a_cache_that_is_restored_is_filled_by_the_job_of_its_name() -> None:
    filled = {name for name, step in ALL["ci.yml"].steps if step.action == "actions/cache/save"}
    restored = {
        (workflow.file, name, step.inputs["part"])
        for workflow in ALL.values()
        for name, step in workflow.steps
        if step.uses == "./.github/actions/toolchain"
    }
    assert {part for *_, part in restored} == filled
    assert all(part == name for file, name, part in restored if file == "ci.yml" and name in filled)


def test_the_installed_pulumi_is_the_one_of_the_locked_sdk() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed = {
        step.inputs["pulumi-version"]
        for workflow in ALL.values()
        for _, step in workflow.steps
        if step.action == "pulumi/actions"
    }
    assert [f"pulumi=={version}" for version in installed] == [
        name for name in project["dependencies"] if name.startswith("pulumi==")
    ]


def test_the_machine_has_the_go_that_the_toolchain_wants() -> None:
    images = {
        job.container.image
        for workflow in ALL.values()
        for job in workflow.jobs.values()
        if job.container
    }
    (image,) = images
    found = re.match(r"golang:(\d+)\.(\d+)\.\d+-bookworm@", image)
    assert found is not None
    assert (int(found[1]), int(found[2])) >= WANTED


def test_the_apps_tests_are_told_where_the_services_are() -> None:
    job = ALL["ci.yml"].jobs["test"]
    source = (ROOT / "app" / "tests" / "services.py").read_text()
    names = set(re.findall(r'^\w+ = "(AGENT_TESTS_\w+)"', source, re.MULTILINE))
    assert set(job.env) == names
    password = job.services["postgres"].env["POSTGRES_PASSWORD"]
    assert job.env["AGENT_TESTS_POSTGRES"] == (
        f"postgresql://postgres:{password}@postgres:5432/postgres"
    )
    assert job.env["AGENT_TESTS_REDIS"] == "redis://redis:6379"


def test_what_is_uploaded_is_what_make_writes() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for workflow in ALL.values():
        for _, step in workflow.steps:
            if step.action == "actions/upload-artifact":
                for path in str(step.inputs["path"]).split():
                    folder = "/".join(path.split("/")[:2])
                    assert f"{folder}/" in makefile or folder in makefile, path
