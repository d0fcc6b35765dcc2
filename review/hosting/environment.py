"""What the surroundings tell: GitHub Actions' and GitLab CI's variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from review.hosting.errors import SettingError
from review.hosting.github import PUBLIC
from review.hosting.marker import Run

Text = Annotated[str, Field(min_length=1)]
M = TypeVar("M", bound=BaseModel)

_STEP: Final = (
    "run this in GitHub Actions, in a step with `GITHUB_TOKEN: ${{ github.token }}`, or set it"
)
_JOB: Final = "run this in a merge request pipeline of GitLab CI, or set it"


class _Told(BaseModel):
    # Inputs are kept out of errors: a token may be among them.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, populate_by_name=True)


class _Repository(_Told):
    full_name: str


class _Side(_Told):
    repo: _Repository | None = None
    """None when a fork was deleted: that is another one than ours, too."""


class _User(_Told):
    login: str


class _PullRequest(_Told):
    number: int
    head: _Side
    base: _Side
    user: _User | None = None


class _Referred(_Told):
    number: int


class _WorkflowRun(_Told):
    """The run that another workflow ends: its place in the order is what counts, not the later one's."""

    path: str
    run_number: int
    run_attempt: int = 1
    head_repository: _Repository | None = None
    pull_requests: tuple[_Referred, ...] = ()


class Event(_Told):
    """What a workflow was started by, as far as it matters here."""

    pull_request: _PullRequest | None = None
    workflow_run: _WorkflowRun | None = None


@dataclass(frozen=True)
class Target:
    """Which pull request it is about."""

    number: int
    readonly: bool
    """Of a fork or of Dependabot: its runs have a token that may not write, and should not have more."""


class Actions(_Told):
    """A job of GitHub Actions, or somebody's shell with the same variables."""

    api_url: Text = Field(default=PUBLIC, alias="GITHUB_API_URL")
    repository: Text = Field(alias="GITHUB_REPOSITORY")
    token: SecretStr = Field(alias="GITHUB_TOKEN")
    event_path: Path | None = Field(default=None, alias="GITHUB_EVENT_PATH")
    workflow: str = Field(default="", alias="GITHUB_WORKFLOW_REF")
    """As `owner/name/.github/workflows/file.yml@refs/…`."""
    run_number: int | None = Field(default=None, alias="GITHUB_RUN_NUMBER")
    run_attempt: int = Field(default=1, alias="GITHUB_RUN_ATTEMPT")

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From variables; what is missing or wrong is named."""
        return _read(cls, variables, _STEP)

    def event(self) -> Event:
        """What started the job; empty outside of GitHub Actions."""
        if self.event_path is None:
            return Event()
        try:
            return Event.model_validate_json(self.event_path.read_bytes())
        except OSError as error:
            got = error.strerror or type(error).__name__
        except ValidationError as error:
            got = _first(error)
        raise SettingError(
            f"got {got} in the file of GITHUB_EVENT_PATH, wanted the event as GitHub writes it: "
            "leave GITHUB_EVENT_PATH as the runner set it, or unset it and give --number"
        )

    def target(self, number: int | None = None) -> Target:
        """The pull request of the event, unless another one is named."""
        event = self.event()
        told, run = event.pull_request, event.workflow_run
        if told is not None and number in {None, told.number}:
            home = told.base.repo
            foreign = told.head.repo != home
            dependabot = told.user is not None and told.user.login == "dependabot[bot]"
            return Target(told.number, readonly=foreign or dependabot)
        if number is not None:
            return Target(number, readonly=False)
        if run is not None and len(run.pull_requests) == 1:
            return Target(run.pull_requests[0].number, readonly=False)
        raise SettingError(
            "got an event without a pull request, wanted to know which one: run this on pull_request, "
            "or give --number (after workflow_run a fork's pull request is not named by the event)"
        )

    def run(self) -> Run | None:
        """This run's place in the order of runs; None outside of GitHub Actions."""
        ended = self.event().workflow_run
        if ended is not None:
            return Run(ended.path.partition("@")[0], ended.run_number, ended.run_attempt)
        if self.run_number is None:
            return None
        file = self.workflow.partition("@")[0].removeprefix(f"{self.repository}/")
        return Run(file, self.run_number, self.run_attempt)


class Pipeline(_Told):
    """A job of GitLab CI, or somebody's shell with the same variables."""

    api_url: Text = Field(alias="CI_API_V4_URL")
    token: SecretStr = Field(default=SecretStr(""), alias="GITLAB_TOKEN")
    """Empty in a fork's pipeline, which gets no variables of the project's."""
    project: Text = Field(alias="CI_MERGE_REQUEST_PROJECT_ID")
    """That the merge request is in; a fork's pipeline runs in another."""
    project_url: str = Field(default="", alias="CI_MERGE_REQUEST_PROJECT_URL")
    source: str = Field(default="", alias="CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
    number: int = Field(alias="CI_MERGE_REQUEST_IID")
    running_in: str = Field(default="", alias="CI_PROJECT_ID")
    pipeline: int | None = Field(default=None, alias="CI_PIPELINE_IID")
    job: int = Field(default=1, alias="CI_JOB_ID")
    """Grows with each retry of the job."""

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From variables; what is missing or wrong is named."""
        return _read(cls, variables, _JOB)

    def target(self) -> Target:
        """The merge request of the pipeline."""
        return Target(self.number, readonly=self.source not in {"", self.project})

    def run(self) -> Run | None:
        """This pipeline's place in the order of its project's pipelines."""
        if self.pipeline is None:
            return None
        return Run(f"project-{self.running_in}", self.pipeline, self.job)


def _read(kind: type[M], variables: Mapping[str, str], mend: str) -> M:
    # CI sets what it does not know to nothing.
    told = {name: value for name, value in variables.items() if value.strip()}
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        got = _first(error)
    raise SettingError(f"got {got} in the environment, wanted its value: {mend}")


def _first(error: ValidationError) -> str:
    one = error.errors(include_input=False, include_url=False)[0]
    name = ".".join(str(part) for part in one["loc"]) or "the whole"
    return f"no {name}" if one["type"] == "missing" else f"{name}: {one['msg']}"
