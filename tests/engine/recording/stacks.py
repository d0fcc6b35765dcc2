"""The project's own stacks, deployed in a recording: copies of them, each in a folder of its own."""

import json
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from tests.engine.recording.alone import alone
from toolchain.cli.engine import Engine
from toolchain.engine.settings import without_salt
from toolchain.images import LOCK
from toolchain.paths import PROJECT, Paths
from toolchain.rehearsal import workspace
from toolchain.rehearsal.offline import own_engine

Document = dict[str, Any]
DONE_NOTHING: Final = {"same", "read"}
"""Operations that change nothing."""
CONTEXT: Final = "agent-platform-dev"


@dataclass(frozen=True)
class Trap:
    """A port to which everything leads that anybody could want to contact."""

    listener: socket.socket

    @classmethod
    def set(cls) -> "Trap":
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        return cls(listener)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def sprung(self) -> bool:
        """Whether somebody has called."""
        try:
            connection, _ = self.listener.accept()
        except BlockingIOError:
            return False
        connection.close()
        return True

    def kubeconfig(self, file: Path) -> Path:
        """A kubeconfig with the context of dev, that leads here."""
        name = CONTEXT
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": self.url}}],
            "users": [{"name": name, "user": {"token": "t"}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        }
        file.write_text(yaml.safe_dump(content))
        return file

    def variables(self, folder: Path) -> dict[str, str]:
        """An environment in which everything leads here."""
        return {
            "KUBECONFIG": str(self.kubeconfig(folder / "kubeconfig")),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "of-a-test",
            "AWS_SECRET_ACCESS_KEY": "of-a-test",
            "HTTP_PROXY": self.url,
            "HTTPS_PROXY": self.url,
            # The engine and its plugins talk to each other there.
            "NO_PROXY": "127.0.0.1,localhost",
        }


@dataclass(frozen=True)
class Run:
    """One run of the engine."""

    code: int
    said: str
    log: Path

    @cached_property
    def events(self) -> list[Document]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.strip()]

    @cached_property
    def steps(self) -> list[Document]:
        """What is known of each step, in order."""
        found = [e["resourcePreEvent"]["metadata"] for e in self.events if "resourcePreEvent" in e]
        return [each for each in found if each["op"] not in DONE_NOTHING]

    @property
    def operations(self) -> Counter[str]:
        """How often each operation is done."""
        return Counter(each["op"] for each in self.steps)

    def by_name(self) -> dict[str, str]:
        """What is done to each resource; of a replacement that it is one."""
        order = ["create-replacement", "delete-replaced", "replace"]
        steps = sorted(self.steps, key=lambda s: order.index(s["op"]) if s["op"] in order else -1)
        return {each["urn"].rsplit("::", 1)[-1]: each["op"] for each in steps}

    def differences(self, name: str) -> dict[str, str]:
        """How each property of a resource differs, by path."""
        found: dict[str, str] = {}
        for each in self.steps:
            if each["urn"].endswith(f"::{name}"):
                detailed: Mapping[str, Document] = each.get("detailedDiff") or {}
                found |= {path: str(change["diffKind"]) for path, change in detailed.items()}
        return found

    @property
    def complaints(self) -> list[str]:
        """Warnings and errors that were shown."""
        told = [e["diagnosticEvent"] for e in self.events if "diagnosticEvent" in e]
        return [one["message"] for one in told if one["severity"] in ("warning", "error")]


@dataclass(frozen=True)
class Stack:
    """A copy of the project with one stack, whose providers record."""

    folder: Path
    values: Document
    engine: Engine

    @classmethod
    def create(cls, name: str, parent: Path, paths: Paths, trap: Trap) -> "Stack":
        """The stack as its settings are, with nothing deployed."""
        folder = parent / name / PROJECT.name
        workspace.make(folder)
        values = _plain(name)
        workspace.configure(folder, name, values)
        variables = {
            "AGENT_PLATFORM_PROVIDERS": "record",
            "PULUMI_DEBUG_COMMANDS": "true",
            # The state is of use when it is whole, and not before.
            "PULUMI_EXPERIMENTAL": "true",
            "PULUMI_SKIP_CHECKPOINTS": "true",
            **trap.variables(folder),
        }
        stack = cls(folder, values, own_engine(folder, name, paths, variables))
        stack.engine.query("stack", "init", "--no-select")
        return stack

    def deploy(self) -> Run:
        return self._run("up", "--yes", "--skip-preview")

    def preview(self) -> Run:
        return self._run("preview")

    def configure(self, **changed: object) -> None:
        """Other settings; without any the stack's own again."""
        own = {f"{workspace.NAMESPACE}{name}": value for name, value in changed.items()}
        workspace.configure(self.folder, self.engine.stack.name, {**self.values, **own})

    def setting(self, name: str) -> Any:  # noqa: ANN401 - of YAML
        return self.values[f"{workspace.NAMESPACE}{name}"]

    def edit(self, file: str, before: str, after: str) -> None:
        """Change the program."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(before) == 1, f"{file} has {before!r} {text.count(before)} times"
        path.write_text(text.replace(before, after))

    def rebuild(self, image: str) -> None:
        """Another digest of an image."""
        lock = self.folder / LOCK.name
        text, count = re.subn(
            rf"({image}@sha256:)[0-9a-f]{{64}}", rf"\g<1>{'ab' * 32}", lock.read_text()
        )
        assert count == 1
        lock.write_text(text)

    @property
    def state(self) -> str:
        """The state as it is stored."""
        return self.engine.query("stack", "export")

    def unprotect(self) -> None:
        """Let the engine replace and delete everything."""
        self.engine.query("state", "unprotect", "--all", "--yes")

    def _run(self, verb: str, *options: str) -> Run:
        log = self.folder / f"{verb}-{len(list(self.folder.glob('*.events')))}.events"
        shown = ["--event-log", str(log), "--suppress-progress", "--suppress-outputs"]
        result = subprocess.run(
            alone(self.engine.command(verb, *options, *shown)),
            cwd=self.folder,
            env=self.engine.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Run(result.returncode, result.stdout, log)


def _plain(stack: str) -> Document:
    """The settings of a stack, with placeholders for secrets."""
    text = without_salt((PROJECT / f"Pulumi.{stack}.yaml").read_text())
    values: Document = yaml.safe_load(text)["config"]
    return {
        key: workspace.PLACEHOLDER if isinstance(value, dict) and "secure" in value else value
        for key, value in values.items()
    }
