"""Runs the Pulumi engine: with the policies, under one roof with its progress, its locks and its end."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import BaseModel, TypeAdapter

from toolchain.cli.events import Tally
from toolchain.cli.following import follow, process
from toolchain.commands import OnLine
from toolchain.engine.cli import Pulumi, find_pulumi
from toolchain.engine.environment import own_backend
from toolchain.engine.preparation import prepare
from toolchain.engine.settings import Stack
from toolchain.faults import MendableError
from toolchain.paths import Paths

POLICIES = "policies"


def policy_options(stack: str, project: Path) -> list[str]:
    """The pack, at the levels that the stack's environment sets; strict where it sets none."""
    levels = Path(POLICIES, "environments", f"{stack}.json")
    options = ["--policy-pack", POLICIES]
    return (
        [*options, "--policy-pack-config", str(levels)] if (project / levels).exists() else options
    )


OUTPUT = TypeAdapter(dict[str, str])


class Update(BaseModel):
    """An entry of the stack's history."""

    result: str


UPDATES = TypeAdapter(list[Update])


class EngineError(MendableError):
    """The engine could not do what was asked; the message is its own."""


@dataclass(frozen=True)
class Engine:
    """The engine for one stack."""

    stack: Stack
    paths: Paths
    pulumi: Pulumi
    variables: Mapping[str, str]
    base: Mapping[str, str] | None = None
    """What `variables` are set over: the environment that we were started in, if not given."""
    logs: Path | None = None
    """Where it notes what it does: with all other logs, if not given."""

    @classmethod
    def ready(cls, stack: Stack, paths: Paths) -> "Engine":
        """The engine with all that it needs around it; the stack exists in our own backend."""
        pulumi = find_pulumi(paths)
        if not pulumi.binary.exists():
            raise EngineError(
                f"got no Pulumi on PATH and none at {pulumi.binary}, wanted either; run: make up"
            )
        variables = prepare(pulumi, paths, stack.name, project=stack.project)
        return cls(stack, paths, pulumi, variables)

    @property
    def environment(self) -> dict[str, str]:
        return {**(os.environ if self.base is None else self.base), **self.variables}

    def command(self, *arguments: str) -> list[str]:
        """A Pulumi command on this stack, that asks nothing."""
        return [
            str(self.pulumi.binary),
            *arguments,
            "--stack",
            self.stack.name,
            "--non-interactive",
        ]

    def deploy(self, on_line: OnLine) -> Tally:
        """Bring the stack to what the program says.

        It is previewed first: what a policy forbids or the API server refuses then stops it before
        anything is made, and where nothing would change, there is nothing more to do.
        """
        policies = policy_options(self.stack.name, self.stack.project)
        foreseen = self.change("preview", on_line, *policies)
        if not foreseen.changed and not foreseen.exports_changed:
            return foreseen
        on_line(f"to do: {foreseen.summary()}")
        return self.change("up", on_line, "--yes", "--skip-preview", *policies)

    def destroy(self, on_line: OnLine) -> Tally:
        """Remove everything that the stack has made."""
        return self.change("destroy", on_line, "--yes", "--skip-preview")

    def change(self, verb: str, on_line: OnLine, *flags: str) -> Tally:
        """An operation to its end. Raises `EngineError` with what the engine complains of."""
        log = (self.logs or self.paths.logs) / f"{verb}.events"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        command = self.command(verb, "--event-log", str(log))
        command += ["--color", "never", "--suppress-progress", "--suppress-outputs", *flags]
        # The event log is one of the options that the engine hides from daily use.
        environment = {**self.environment, "PULUMI_DEBUG_COMMANDS": "true"}
        tally = Tally()
        with (
            follow(log, tally, on_line),
            process(command, self.stack.project, environment) as running,
        ):
            assert running.stdout is not None  # noqa: S101 - PIPE was asked for; narrows the type
            tail = [line.rstrip() for line in _echo(running.stdout, on_line)][-30:]
            code = running.wait()
        if code:
            complaints = "\n".join(tally.errors) or "\n".join(tail)
            raise EngineError(
                f"`pulumi {verb}` of stack {self.stack.name} ended with {code}, wanted 0:\n{complaints}"
            )
        if not tally.through:
            raise EngineError(
                f"got no summary of `pulumi {verb}` in {log}, wanted the engine's last word: what it "
                "did cannot be told; run it again"
            )
        return tally

    def query(self, *arguments: str) -> str:
        """What a Pulumi command on this stack prints."""
        return self._read(self.command(*arguments))

    def output(self, name: str) -> dict[str, str]:
        """One of the stack's outputs."""
        return OUTPUT.validate_json(self.query("stack", "output", name, "--json"))

    def listing(self) -> str:
        """The project's stacks, as JSON."""
        return self._read([str(self.pulumi.binary), "stack", "ls", "--json", "--non-interactive"])

    def last_result(self) -> str | None:
        """How the last update ended: `succeeded`, `failed` …; None before the first."""
        one = ("--page-size", "1", "--page", "1", "--json")
        updates = UPDATES.validate_json(self.query("stack", "history", *one))
        return updates[0].result if updates else None

    def preview(self) -> int:
        """Show on our own output what an update would change; the engine's exit code."""
        command = [str(self.pulumi.binary), "preview", "--stack", self.stack.name]
        command += policy_options(self.stack.name, self.stack.project)
        return subprocess.run(
            command, cwd=self.stack.project, env=self.environment, check=False
        ).returncode

    def _read(self, command: list[str]) -> str:
        result = subprocess.run(
            command,
            cwd=self.stack.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise EngineError(
                f"`{' '.join(command)}` ended with {result.returncode}, wanted 0: "
                f"{(result.stderr or result.stdout).strip()}"
            )
        return result.stdout

    def settle_lock(self, on_line: OnLine) -> None:
        """Remove a lock whose process is gone. Raises `EngineError` when somebody is at work."""
        if not own_backend(os.environ, self.paths):
            return
        held = locks(self.stack)
        for lock in held:
            if not lock.stale():
                raise EngineError(
                    f"got stack {self.stack.name} at work already: process {lock.pid} on "
                    f"{lock.host} changes it since {lock.timestamp}; wanted it free. "
                    "Wait for that process to end, then run this again"
                )
        for lock in held:
            on_line(
                f"note: stack {self.stack.name} was locked by process {lock.pid}, which is gone "
                f"(since {lock.timestamp}): removing the lock"
            )
            # This one only: the engine's own `cancel` would take a lock made since with it.
            lock.file.unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Who holds a stack."""

    file: Path
    pid: int
    host: str
    timestamp: str

    def stale(self) -> bool:
        """Its holder was a process of this machine and has ended."""
        return self.host == os.uname().nodename and not _is_pulumi(self.pid)


def locks(stack: Stack) -> list[Lock]:
    """The locks that the file backend has on a stack."""
    project = stack.checkpoint.parent.name
    folder = stack.state / ".pulumi" / "locks" / "organization" / project / stack.name
    found: list[Lock] = []
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        noted: Mapping[str, object] = json.loads(file.read_text())
        found.append(
            Lock(
                file=file,
                pid=int(str(noted["pid"])),
                host=str(noted["hostname"]),
                timestamp=str(noted["timestamp"]),
            )
        )
    return found


def _is_pulumi(pid: int) -> bool:
    try:
        return "pulumi" in psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return False


def _echo(lines: Iterator[str], on_line: OnLine) -> Iterator[str]:
    for line in lines:
        on_line(line.rstrip())
        yield line
