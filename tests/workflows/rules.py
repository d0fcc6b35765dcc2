"""What every workflow has to keep to. Each rule yields what is wrong, in words."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from tests.workflows.reading import Job, Step, Workflow, targets

Rule = Callable[[Workflow], Iterator[str]]

OWN: Final = "github.event.pull_request.head.repo.full_name == github.repository"
"""Holds for branches of the repository itself, whose authors may write to it anyway."""
MAY_WRITE: Final = {
    "ci.yml/findings": {"security-events"},
    "comment.yml/comment": {"pull-requests"},
    "drift.yml/look": {"id-token"},
    "drift.yml/tell": {"issues"},
    "preview.yml/comment": {"pull-requests"},
    "preview.yml/deployed": {"id-token"},
}
"""Job → what it may write, and needs to."""
_MAKE: Final = re.compile(r'make ([a-z0-9-]+)((?: [A-Z_]+=(?:[\w./-]+|"[\w ./-]+"))*)')
_USES: Final = re.compile(r"uses: *(\S+)(.*)")
_PINNED: Final = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}")
_VERSION: Final = re.compile(r" # v\d+\.\d+\.\d+")
_DIGEST: Final = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


def steps_call_make_and_nothing_else(workflow: Workflow) -> Iterator[str]:
    for name, step in workflow.steps:
        if not step.run:
            continue
        called = _MAKE.fullmatch(step.run)
        if called is None:
            yield f"{name} runs {step.run!r}, wanted `make <target>` alone"
        elif called[1] not in targets():
            yield f"{name} runs `make {called[1]}`, which the Makefile does not have"


def actions_are_pinned_by_commit(workflow: Workflow) -> Iterator[str]:
    for used, rest in _USES.findall(workflow.source):
        if used.startswith("./"):
            continue
        if not _PINNED.fullmatch(used) or not _VERSION.fullmatch(rest):
            yield f"{used}{rest}: wanted a commit's 40 letters and ` # v1.2.3` behind it"


def images_are_pinned_by_digest(workflow: Workflow) -> Iterator[str]:
    for name, job in workflow.jobs.items():
        places = [*([job.container] if job.container else []), *job.services.values()]
        for place in places:
            if not _DIGEST.fullmatch(place.image):
                yield f"{name} runs {place.image}, wanted a name, a tag and a digest"


def rights_are_the_least(workflow: Workflow) -> Iterator[str]:
    if workflow.permissions != {}:
        yield f"all jobs start with {workflow.permissions}, wanted `permissions: {{}}`"
    for name, job in workflow.jobs.items():
        if job.permissions is None:
            yield f"{name} says no permissions, wanted those that it needs"
        writes = {right for right, level in job.rights.items() if level != "read"}
        if more := writes - MAY_WRITE.get(f"{workflow.file}/{name}", set()):
            yield f"{name} may write {', '.join(sorted(more))}"


def checkouts_leave_no_token(workflow: Workflow) -> Iterator[str]:
    for name, step in workflow.steps:
        if (
            step.action == "actions/checkout"
            and step.inputs.get("persist-credentials") is not False
        ):
            yield f"{name} leaves the token in the checkout, wanted persist-credentials: false"


def no_trigger_hands_rights_to_strangers(workflow: Workflow) -> Iterator[str]:
    if "pull_request_target" in workflow.triggers:
        yield "pull_request_target: the fork's code would be one checkout away from the token"


def secrets_stay_with_branches_of_the_repository(workflow: Workflow) -> Iterator[str]:
    if "pull_request" not in workflow.triggers:
        return
    for name, job in workflow.jobs.items():
        worth = "secrets." in job.text or any(level != "read" for level in job.rights.values())
        # Alone or as a part of what has to hold all together.
        if worth and (OWN not in job.condition or "!(" in job.condition):
            yield f"{name} has something worth stealing and runs for forks"


def rights_over_pull_requests_run_reviewed_code(workflow: Workflow) -> Iterator[str]:
    for name, job in workflow.jobs.items():
        if "write" not in {job.rights.get("pull-requests"), job.rights.get("security-events")}:
            continue
        for step in job.steps:
            if step.action == "actions/checkout" and not _reviewed(step):
                yield f"{name} checks out {step.inputs.get('ref', 'what was sent')}"


def _reviewed(step: Step) -> bool:
    return step.inputs.get("ref") in {
        "${{ github.event.pull_request.base.sha }}",
        "${{ github.event.repository.default_branch }}",
    }


def what_another_run_left_is_kept_apart(workflow: Workflow) -> Iterator[str]:
    if "workflow_run" not in workflow.triggers:
        return
    for name, step in workflow.steps:
        path = str(step.inputs.get("path", ""))
        if step.action == "actions/download-artifact" and not path.startswith(
            "${{ runner.temp }}/"
        ):
            yield f"{name} puts what strangers left to {path or 'the checkout'}"
        if "cache" in step.uses or step.uses.startswith("./"):
            yield f"{name} uses {step.uses}, wanted as little as can be beside the token"
    if "secrets." in workflow.source:
        yield "it has secrets, wanted the run's own token alone"


def older_runs_make_way(workflow: Workflow) -> Iterator[str]:
    concurrency = workflow.concurrency
    if concurrency is None:
        yield "no concurrency: runs of the same pull request pile up"
    elif "schedule" in workflow.triggers and concurrency.cancels is not False:
        yield "a run that was begun is ended half-way, and leaves its lock"
    elif "pull_request" in workflow.triggers and concurrency.cancels is False:
        yield "older runs of a pull request go on"


def jobs_end(workflow: Workflow) -> Iterator[str]:
    for name, job in workflow.jobs.items():
        if job.minutes is None or not 5 <= job.minutes <= 120:
            yield f"{name} may run {job.minutes} minutes, wanted 5 to 120"


def shells_stop_at_the_first_fault(workflow: Workflow) -> Iterator[str]:
    # Named, GitHub runs it as `bash -eo pipefail`; unnamed, in a container, it is sh without pipefail.
    if workflow.defaults.run.shell != "bash":
        yield f"the shell is {workflow.defaults.run.shell or 'none by name'}, wanted bash"


def caches_are_filled_by_main_alone(workflow: Workflow) -> Iterator[str]:
    for name, step in workflow.steps:
        saves = step.action in {"actions/cache", "actions/cache/save"}
        if saves and not step.condition.startswith("github.event_name == 'push' && "):
            yield f"{name} saves a cache when {step.condition or 'ever'}"


def expressions_reach_no_shell(workflow: Workflow) -> Iterator[str]:
    for name, step in workflow.steps:
        if "${{" in step.run:
            yield f"{name} puts an expression into a script"


def machines_are_named(workflow: Workflow) -> Iterator[str]:
    for name, job in workflow.jobs.items():
        # A cluster with a private endpoint is reached by a runner inside its network only.
        own = re.fullmatch(r"\$\{\{ vars\.DEPLOYING_RUNNER \|\| '(.*)' \}\}", job.machine)
        if not re.fullmatch(r"ubuntu-\d\d\.\d\d", own[1] if own else job.machine):
            yield f"{name} runs on {job.machine or 'nothing'}, wanted ubuntu with its version"


def containers_know_their_checkout(workflow: Workflow) -> Iterator[str]:
    if any(_runs_git_as_root(job) for job in workflow.jobs.values()) and (
        workflow.env.get("GIT_CONFIG_KEY_0") != "safe.directory"
    ):
        yield "git in a container refuses a checkout of the runner's user, wanted safe.directory"


def _runs_git_as_root(job: Job) -> bool:
    return job.container is not None and any(step.run for step in job.steps)


RULES: Final[tuple[Rule, ...]] = (
    steps_call_make_and_nothing_else,
    actions_are_pinned_by_commit,
    images_are_pinned_by_digest,
    rights_are_the_least,
    checkouts_leave_no_token,
    no_trigger_hands_rights_to_strangers,
    secrets_stay_with_branches_of_the_repository,
    rights_over_pull_requests_run_reviewed_code,
    what_another_run_left_is_kept_apart,
    older_runs_make_way,
    jobs_end,
    shells_stop_at_the_first_fault,
    caches_are_filled_by_main_alone,
    expressions_reach_no_shell,
    machines_are_named,
    containers_know_their_checkout,
)
