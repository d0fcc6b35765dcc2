"""The example for GitLab does the same as the workflows."""

import re
from typing import Any

import pytest

from tests.workflows.reading import GITLAB, gitlab_jobs, targets, workflows

JOBS = gitlab_jobs()
OF_GITHUB_ALONE = {
    # A fork's merge request runs in the fork's project, which has no token to write here with.
    "fork-comment",
    # GitLab tells the schedule's owner of a job that fails; there is no issue to keep.
    "drift-issue",
}


def test_it_calls_what_the_workflows_call() -> None:
    github = {step.run.split()[1] for w in workflows() for _, step in w.steps if step.run}
    gitlab = {line.split()[1] for job in JOBS.values() for line in job["script"]}
    assert github - gitlab == OF_GITHUB_ALONE
    assert gitlab - github == set()


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_each_line_of_a_script_calls_make_and_nothing_else(job: dict[str, Any]) -> None:
    assert "before_script" not in job
    assert "after_script" not in job
    for line in job["script"]:
        called = re.fullmatch(r'make ([a-z0-9-]+)( [A-Z]+=("[\w ]+"|\w+))*', line)
        assert called is not None, line
        assert called[1] in targets()


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_each_job_says_when_it_runs(job: dict[str, Any]) -> None:
    assert job["rules"]


def test_images_are_those_of_the_workflows() -> None:
    used = set(re.findall(r"[\w.]+:[\w.-]+@sha256:[0-9a-f]{64}", GITLAB.read_text()))
    sources = "".join(workflow.source for workflow in workflows())
    assert used == set(re.findall(r"[\w.]+:[\w.-]+@sha256:[0-9a-f]{64}", sources))


def test_the_apps_tests_are_told_where_the_services_are() -> None:
    job = JOBS["test"]
    (github,) = [w.jobs["test"] for w in workflows() if w.file == "ci.yml"]
    assert {service["alias"] for service in job["services"]} == set(github.services)
    told = {name: value for name, value in job["variables"].items() if "AGENT_TESTS" in name}
    assert told == github.env


def test_only_the_default_branch_fills_caches() -> None:
    source = GITLAB.read_text()
    assert re.search(r"^  CACHE_POLICY: pull$", source, re.MULTILINE)
    for name, job in JOBS.items():
        for rule in job["rules"]:
            if rule.get("variables", {}).get("CACHE_POLICY") == "pull-push":
                assert rule["if"] == '$CI_PIPELINE_SOURCE == "push"', name


def test_whoever_looks_for_drift_is_not_ended_half_way() -> None:
    assert JOBS["drift"]["interruptible"] is False
    assert JOBS["drift"]["resource_group"] == "drift"


def test_one_job_at_a_time_writes_to_a_merge_request() -> None:
    assert JOBS["note"]["resource_group"] == "note-$CI_MERGE_REQUEST_IID"
