"""The running platform as a test sees it: the cluster's API, the gateway, the engine."""

import json
import os
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, TypeVar

import yaml

from toolchain.cli.engine import policy_options
from toolchain.engine.cli import find_pulumi
from toolchain.engine.environment import variables
from toolchain.paths import Paths

ROOT = Path(__file__).parents[2]
STACK = "dev"
TENANT = "research"
AGENT = "feature-extractor"
EDGE = f"http://127.0.0.1:{os.environ.get('AGENT_PLATFORM_EDGE_PORT', '8080')}"
EXTRACT = f"{EDGE}/api/v1/extract-features"
DOCUMENT = (
    "Acme Corp. paid $1.2 million to Jane Doe in Paris on 3 March 2025. "
    "The new office is wonderful, said the mayor."
)

Object = dict[str, Any]
T = TypeVar("T")


def run(
    *command: str, check: bool = True, stdin: str | None = None, timeout: float = 900
) -> subprocess.CompletedProcess[str]:
    """Runs a command in the root of the repository with what `make env` gives a shell."""
    paths = Paths.from_environment()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **variables(find_pulumi(paths), paths, os.environ)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    if check and done.returncode != 0:
        raise AssertionError(
            f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return done


def kubectl(
    *arguments: str, check: bool = True, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """kubectl against the stack's context, whatever the current one is."""
    return run("kubectl", "--context", "agent-platform-dev", *arguments, check=check, stdin=stdin)


def get(kind: str, *arguments: str) -> list[Object]:
    """Objects of a kind, as the API server has them."""
    return json.loads(kubectl("get", kind, *arguments, "-o", "json").stdout)["items"]


def pods(namespace: str, selector: str) -> list[Object]:
    """Ready pods that are not on their way out."""
    return [
        pod
        for pod in get("pods", "-n", namespace, "-l", selector)
        if "deletionTimestamp" not in pod["metadata"] and _ready(pod)
    ]


def agent_pods() -> list[Object]:
    """The agent's pods that take requests."""
    return pods(TENANT, f"app.kubernetes.io/name={AGENT}")


def names(objects: list[Object]) -> set[str]:
    """Names of objects."""
    return {each["metadata"]["name"] for each in objects}


def _ready(pod: Object) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def eventually(what: str, condition: Callable[[], T | None], *, seconds: float = 120) -> T:
    """What `condition` returns once that is true; asked twice a second, `seconds` at most."""
    end, pause = monotonic() + seconds, Event()
    while not (value := condition()):
        if monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}; last seen: {value!r}")
        pause.wait(0.5)
    return value


def pulumi(*arguments: str, config_file: Path | None = None, check: bool = True) -> str:
    """Runs a command of the engine on the stack, with the policies; returns what it printed."""
    settings = [] if config_file is None else ["--config-file", str(config_file)]
    done = run("pulumi", *arguments, "--stack", STACK, "--non-interactive", *settings, check=check)
    return done.stdout + done.stderr


def up(config_file: Path | None = None) -> str:
    """Deploys the stack as it is in the repository, or with the settings of another file."""
    return pulumi(
        "up", "--yes", "--skip-preview", *policy_options(STACK, ROOT), config_file=config_file
    )


@contextmanager
def changed_settings(folder: Path, change: Callable[[Object], None]) -> Generator[Path]:
    """A copy of the stack's settings with `change` made; afterwards the stack is as it was."""
    copy = folder / f"Pulumi.{STACK}.yaml"
    settings: Object = yaml.safe_load((ROOT / f"Pulumi.{STACK}.yaml").read_text())
    change(settings["config"])
    copy.write_text(yaml.safe_dump(settings))
    try:
        yield copy
    finally:
        up()
