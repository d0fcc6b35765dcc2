"""A runner of GitHub's, as far as the project's workflows use one: jobs are read from them and run here.

Actions are not run. What `checkout` gives is a clone; artifacts go through a folder; what sets up a
machine is this machine. The steps that run something are run as GitHub runs them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.workflows.reading import Job, Step, Workflow

_EXPRESSION: Final = re.compile(r"\$\{\{ *(.+?) *\}\}")
_OURS: Final = ("AGENT_", "CI", "FAIL_ON", "GITHUB_", "GITLAB_", "PULUMI_", "PYTEST_", "RUNNER_")
"""What a runner does not have because it has just been started."""
READY: Final = frozenset(
    {
        "./.github/actions/toolchain",
        "actions/cache/save",
        "actions/checkout",
        "actions/setup-python",
        "aws-actions/configure-aws-credentials",
        "pulumi/actions",
    }
)
"""Actions for which nothing has to be done on this machine."""


@dataclass(frozen=True)
class Ran:
    """A step that ran something."""

    command: str
    code: int
    output: str


@dataclass(kw_only=True)
class Runner:
    """A machine that runs jobs, one after the other, in one clone."""

    clone: Path
    temp: Path
    artifacts: Path
    cache: Path
    """What actions/cache gives back, and more that only saves time."""
    variables: Mapping[str, str]
    """What GitHub sets for the event."""
    contexts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Expression → value. `vars` and `secrets` that are not named here are empty."""
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    """What stands for something outside of GitHub that is out of reach here."""

    def run(self, workflow: Workflow, name: str) -> list[Ran]:
        """All steps of a job; after one that failed only those that say so."""
        job = workflow.jobs[name]
        # A job begins with a machine that no other job has used.
        shutil.rmtree(self.clone / "reports", ignore_errors=True)
        ran: list[Ran] = []
        for step in job.steps:
            failed = any(one.code for one in ran)
            if failed and "cancelled()" not in step.condition:
                continue
            if step.run:
                ran.append(self._run(workflow, job, step))
            elif step.action == "actions/upload-artifact":
                self._upload(name, step)
            elif step.action == "actions/download-artifact":
                self._download(step)
            else:
                assert step.uses in READY or step.action in READY, step.uses
        return ran

    def _run(self, workflow: Workflow, job: Job, step: Step) -> Ran:
        script = self.temp / "script.sh"
        script.write_text(step.run + "\n")
        given = {**workflow.env, **job.env, **step.env}
        environment = {
            **{n: v for n, v in os.environ.items() if not n.startswith(_OURS)},
            **self.variables,
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.clone),
            "CI": "true",
            "AGENT_PLATFORM_CACHE": str(self.cache),
            "RUNNER_TEMP": str(self.temp),
            **{name: self._filled(value) for name, value in given.items()},
            **self.extra,
        }
        assert workflow.defaults.run.shell == "bash"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Ran(step.run, done.returncode, done.stdout)

    def _upload(self, job: str, step: Step) -> None:
        name = self._filled(str(step.inputs["name"]), {"github.job": job})
        found = [p for g in str(step.inputs["path"]).split() for p in self.clone.glob(g)]
        if not found:
            assert step.inputs["if-no-files-found"] == "ignore", f"{name}: nothing to upload"
            return
        files = [file for path in found for file in (path.rglob("*") if path.is_dir() else [path])]
        folders = [file.parent for file in files if file.is_file()]
        # As the action does: what all files have in common is left out.
        root = Path(os.path.commonpath(folders))
        for file in files:
            if file.is_file():
                target = self.artifacts / name / file.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)

    def _download(self, step: Step) -> None:
        target = self.clone / self._filled(str(step.inputs["path"]))
        if "name" in step.inputs:
            source = self.artifacts / self._filled(str(step.inputs["name"]))
            shutil.copytree(source, target, dirs_exist_ok=True)
            return
        found = sorted(self.artifacts.glob(str(step.inputs["pattern"])))
        # As the action does since its fifth version: a single one lies bare, too.
        flat = len(found) == 1 or str(step.inputs.get("merge-multiple", "")).lower() == "true"
        for source in found:
            shutil.copytree(source, target if flat else target / source.name, dirs_exist_ok=True)

    def _filled(self, text: str, more: Mapping[str, str] | None = None) -> str:
        known = {"runner.temp": str(self.temp), **self.contexts, **(more or {})}

        def value(found: re.Match[str]) -> str:
            if found[1].startswith(("vars.", "secrets.")):
                return known.get(found[1], "")
            return known[found[1]]

        return _EXPRESSION.sub(value, text)
