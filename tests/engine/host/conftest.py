"""Projects of a cache of their own, prepared as `make` prepares the real one."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from toolchain import builds
from toolchain.engine.cli import Pulumi, find_pulumi
from toolchain.engine.preparation import prepare
from toolchain.engine.settings import without_salt
from toolchain.paths import PROJECT, Paths

TOOLS = ("pulumi", "pulumi-resource-random", "pulumi-resource-tls")


@dataclass(frozen=True)
class Result:
    """How a command ended and what it said."""

    code: int
    output: str


@dataclass(frozen=True)
class Stack:
    """A project with its stack `dev`, in a git work tree."""

    folder: Path
    paths: Paths
    pulumi: Pulumi
    environment: Mapping[str, str]

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(dedent(text))

    def command(self, verb: str, *options: str) -> list[str]:
        # `dev` is named as on a user's own command line; everything else comes from the environment.
        return [str(self.pulumi.binary), verb, "-s", "dev", "--non-interactive", *options]

    def run(self, verb: str, *options: str) -> Result:
        result = subprocess.run(
            self.command(verb, *options),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Result(result.returncode, result.stdout)

    def up(self, *options: str) -> Result:
        return self.run("up", "--yes", "--skip-preview", *options)

    def succeed(self, verb: str, *options: str) -> str:
        result = self.run(verb, *options)
        assert result.code == 0, result.output
        return result.output

    def start(self, verb: str, *options: str) -> subprocess.Popen[str]:
        """Start a command as a shell does: leading a process group of its own."""
        return subprocess.Popen(
            self.command(verb, *options),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def outputs(self) -> dict[str, Any]:
        text = self.succeed("stack", "output", "--json", "--show-secrets")
        return json.loads(text)

    @property
    def checkpoint(self) -> Path:
        (file,) = self.paths.state.glob(".pulumi/stacks/*/dev.json")
        return file

    def git(self, *arguments: str) -> str:
        command: Sequence[str] = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def tools(paths: Paths) -> Mapping[str, Path]:
    """The CLI, which has to be there, and our providers as they are in this working tree."""
    if not (paths.bin / "pulumi").exists():
        pytest.fail(f"{paths.bin} has no pulumi; `make up`, or its build alone, makes it")
    for provider in TOOLS[1:]:
        builds.build(provider, lambda _: None, paths=paths)
    return {name: (paths.bin / name).resolve() for name in TOOLS}


@pytest.fixture
def new_stack(tools: Mapping[str, Path], tmp_path: Path) -> Callable[[], Stack]:
    """Makes the project of a fresh clone on a fresh machine, ready to run."""

    def make() -> Stack:
        paths = Paths(tmp_path / "cache")
        paths.bin.mkdir(parents=True)
        for name, binary in tools.items():
            (paths.bin / name).symlink_to(binary)
        folder = tmp_path / "project"
        folder.mkdir()
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "sample", "runtime": runtime}))
        (folder / "__main__.py").write_text("")
        for name in (".gitattributes", "Pulumi.dev.yaml"):
            # As committed: the working copy may have this machine's salt.
            (folder / name).write_text(without_salt((PROJECT / name).read_text()))
        ambient = {
            name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")
        }
        stack = Stack(folder, paths, find_pulumi(paths, {}), ambient)
        stack.git("init")
        stack.git("add", ".")
        stack.git("-c", "user.name=Test", "-c", "user.email=t@example.org", "commit", "-m", "first")
        chosen = prepare(stack.pulumi, paths, environment=ambient, project=folder)
        return Stack(folder, paths, stack.pulumi, {**ambient, **chosen})

    return make


@pytest.fixture
def stack(new_stack: Callable[[], Stack]) -> Stack:
    return new_stack()
