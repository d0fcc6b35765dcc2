"""Workflows as data."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".github" / "workflows"
ACTIONS: Final = ROOT / ".github" / "actions"
GITLAB: Final = ROOT / "examples" / "gitlab-ci.yml"


def _image(value: object) -> object:
    return {"image": value} if isinstance(value, str) else value


def _list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _group(value: object) -> object:
    return {"group": value} if isinstance(value, str) else value


def _triggers(value: object) -> object:
    if isinstance(value, str):
        return {value: None}
    return dict.fromkeys(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - YAML


class Read(BaseModel):
    """Part of a file of GitHub's or GitLab's; what no test asks for is left out."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Container(Read):
    """What a job or a service runs in."""

    image: str
    env: Mapping[str, str] = {}
    options: str = ""


class Concurrency(Read):
    """What may run at the same time."""

    group: str
    cancels: bool | str = Field(default=False, alias="cancel-in-progress")


class Step(Read):
    """One step of a job."""

    uses: str = ""
    run: str = ""
    condition: str = Field(default="", alias="if")
    env: Mapping[str, str] = {}
    inputs: Mapping[str, Any] = Field(default={}, alias="with")

    @property
    def action(self) -> str:
        """Without its version."""
        return self.uses.partition("@")[0]


class Job(Read):
    """A job."""

    name: str = ""
    condition: str = Field(default="", alias="if")
    needs: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()
    machine: str = Field(default="", alias="runs-on")
    container: Annotated[Container | None, BeforeValidator(_image)] = None
    services: Mapping[str, Container] = {}
    permissions: Mapping[str, str] | str | None = None
    minutes: int | None = Field(default=None, alias="timeout-minutes")
    environment: str | None = None
    env: Mapping[str, str] = {}
    steps: tuple[Step, ...] = ()

    @property
    def rights(self) -> Mapping[str, str]:
        """Its permissions by name; one word for all of them stands under `*`."""
        if isinstance(self.permissions, str):
            return {"*": self.permissions}
        return self.permissions or {}

    @property
    def text(self) -> str:
        """All that it says, for words that must not stand anywhere in it."""
        return self.model_dump_json()


class Shell(Read):
    """How its `run` steps are run."""

    shell: str = ""


class Defaults(Read):
    """What holds for all jobs."""

    run: Shell = Shell()


class Workflow(Read):
    """One file."""

    file: str
    source: str
    name: str = ""
    # YAML 1.1 takes the word `on` for a yes.
    triggers: Annotated[Mapping[str, Any], BeforeValidator(_triggers)] = Field(alias="on")
    permissions: Mapping[str, str] | str | None = None
    concurrency: Annotated[Concurrency | None, BeforeValidator(_group)] = None
    defaults: Defaults = Defaults()
    env: Mapping[str, str] = {}
    jobs: Mapping[str, Job]

    @property
    def steps(self) -> Iterator[tuple[str, Step]]:
        """Each with the name of its job."""
        for name, job in self.jobs.items():
            for step in job.steps:
                yield name, step


def parse(file: str, source: str) -> Workflow:
    """A workflow of this text."""
    content: dict[object, Any] = yaml.safe_load(source)
    triggers = content.pop(True, None) or content.pop("on", None)
    return Workflow.model_validate({**content, "on": triggers, "file": file, "source": source})


def workflows() -> list[Workflow]:
    """Those of the project."""
    found = [parse(path.name, path.read_text()) for path in sorted(FOLDER.iterdir())]
    assert len(found) > 3
    return found


def targets() -> frozenset[str]:
    """What make can be asked for."""
    return frozenset(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def gitlab_jobs() -> dict[str, dict[str, Any]]:
    """The jobs of the GitLab example, each with what it takes from others, as GitLab merges them."""
    content: dict[str, dict[str, Any]] = yaml.safe_load(GITLAB.read_text())
    names = [name for name, value in content.items() if "script" in value]
    return {
        name: {**content.get(content[name].get("extends", ""), {}), **content[name]}
        for name in names
    }
