"""A Pulumi project of a test: a small program, a file backend of its own, the real engine."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

PASSPHRASE = "the-tests-passphrase"
NAME = "test"
OBJECTS = Path(__file__).with_name("objects.py")
"""Stands in for the SDK in a program that does not import it."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Update:
    """What one run of the engine did and said."""

    code: int
    output: str
    log: Path

    @cached_property
    def events(self) -> list[Document]:
        """The engine's events, in order."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.strip()]

    @property
    def operations(self) -> dict[str, str]:
        """What was done, or would be, by resource name. Of a replacement the last step counts."""
        return {step["urn"].rsplit("::", 1)[-1]: step["op"] for step in self._steps()}

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Every step as (operation, resource name), in order."""
        return [(step["op"], step["urn"].rsplit("::", 1)[-1]) for step in self._steps()]

    def diff(self, name: str) -> dict[str, str]:
        """The kind of change by property path, for one resource."""
        found: dict[str, str] = {}
        for step in self._steps():
            if step["urn"].endswith(f"::{name}"):
                changes: dict[str, Document] = step.get("detailedDiff") or {}
                found |= {path: change["diffKind"] for path, change in changes.items()}
        return found

    @property
    def messages(self) -> list[str]:
        """Everything that was said to the user, ephemeral lines included."""
        said = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        # The SDK writes whole requests to the debug log, which is shown to those who ask for it.
        return [one["message"] for one in said if one["severity"] != "debug"]

    def _steps(self) -> Iterator[Document]:
        for event in self.events:
            if "resourcePreEvent" in event:
                metadata = event["resourcePreEvent"]["metadata"]
                if (
                    metadata["type"] != "pulumi:pulumi:Stack"
                    and "providers" not in metadata["type"]
                ):
                    yield metadata


@dataclass(frozen=True)
class Project:
    """One project with one stack."""

    folder: Path
    pulumi: Path
    environment: Mapping[str, str]
    config: Mapping[str, str] = field(default_factory=dict[str, str])

    def create(self, name: str = "provider-test") -> None:
        """Write the project's files and make the stack."""
        project = {
            "name": name,
            "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
        }
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        self.program("")
        self.check("stack", "init", NAME)
        for key, value in self.config.items():
            self.check("config", "set", key, value)

    def program(self, text: str) -> None:
        """Replace the program."""
        shutil.copyfile(OBJECTS, self.folder / OBJECTS.name)
        header = "import pulumi\nfrom objects import k8s\n\n"
        (self.folder / "__main__.py").write_text(header + dedent(text))

    def up(self, *options: str, environment: Mapping[str, str] | None = None) -> Update:
        """Deploy; the caller looks at how it ended."""
        return self.run("up", "--yes", "--skip-preview", *options, environment=environment)

    def deployed(self, *options: str) -> Update:
        """Deploy and expect success."""
        update = self.up(*options)
        assert update.code == 0, update.output
        return update

    def preview(self, *options: str) -> Update:
        return self.run("preview", *options)

    def destroy(self) -> Update:
        update = self.run("destroy", "--yes", "--skip-preview")
        assert update.code == 0, update.output
        return update

    def clean(self) -> None:
        """Remove what the stack has made, whatever became of its last update."""
        self.check("cancel", "--yes", "--stack", NAME)
        if self.state["deployment"].get("resources"):
            self.destroy()

    def run(
        self, command: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> Update:
        """Run a command of the engine that logs events."""
        log = self.folder / "events.jsonl"
        log.unlink(missing_ok=True)
        arguments = [command, "--stack", NAME, "--event-log", str(log), *options]
        code, output = self._call(arguments, environment or {})
        # The next run writes the same file.
        kept = self.folder / f"events-{len(list(self.folder.glob('events-*')))}.jsonl"
        if log.exists():
            log.rename(kept)
        return Update(code=code, output=output, log=kept)

    def check(self, *arguments: str) -> str:
        """Run any other command and expect success."""
        code, output = self._call(list(arguments), {})
        assert code == 0, output
        return output

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command and leave it running."""
        return subprocess.Popen(
            [str(self.pulumi), *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @property
    def state(self) -> Document:
        """The stack's state as the backend stores it: secrets encrypted."""
        return json.loads(self.check("stack", "export", "--stack", NAME))

    def resource(self, name: str) -> Document:
        """One resource of the state."""
        for one in self.state["deployment"].get("resources", []):
            if one["urn"].endswith(f"::{name}"):
                return one
        raise AssertionError(f"the state has no resource {name!r}")

    def has(self, name: str) -> bool:
        """Whether the state has the resource."""
        resources = self.state["deployment"].get("resources", [])
        return any(one["urn"].endswith(f"::{name}") for one in resources)

    def outputs(self) -> Document:
        """The program's exports."""
        return json.loads(self.check("stack", "output", "--json", "--stack", NAME))

    def _call(self, arguments: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
        result = subprocess.run(
            [str(self.pulumi), *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return result.returncode, result.stdout + result.stderr
