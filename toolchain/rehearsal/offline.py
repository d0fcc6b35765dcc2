"""A stack on AWS previewed from nothing, by the program alone: without its backend and its account."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from toolchain.cli.engine import Engine
from toolchain.engine.cli import Pulumi
from toolchain.engine.environment import variables
from toolchain.engine.installation import install
from toolchain.engine.settings import Stack
from toolchain.paths import PROJECT, Paths
from toolchain.rehearsal import workspace
from toolchain.rehearsal.workspace import Settings


def own_engine(
    folder: Path, stack: str, paths: Paths, more: dict[str, str], programs: Path | None = None
) -> Engine:
    """The toolchain's own engine and plugins on the project in `folder`, with nothing of the person's.

    `more` are further variables, `programs` goes before all else on PATH.
    """
    # The official plugins would want an account, and charts.
    pulumi = Pulumi(paths.bin / "pulumi", official=False)
    base = {name: value for name, value in os.environ.items() if not _decides(name)}
    install(paths, base)
    own = variables(pulumi, paths, base)
    path = own.get("PATH", base.get("PATH", ""))
    if programs is not None:
        path = os.pathsep.join([str(programs), path])
    chosen = {**own, **workspace.environment(folder), **more, "PATH": path}
    return Engine(
        Stack(folder, stack, folder / "state"),
        paths,
        pulumi,
        chosen,
        base,
        # By themselves, and there when it is over.
        paths.logs / folder.parent.name,
    )


@contextmanager
def offline(stack: str, paths: Paths, project: Path = PROJECT) -> Generator[Engine]:
    """An engine that previews the stack from nothing. Neither its settings nor its state are touched."""
    values = Settings.read(stack, project).plain
    with tempfile.TemporaryDirectory(prefix="agent-platform-") as name:
        folder = Path(name) / project.name
        workspace.make(folder, project)
        workspace.configure(folder, stack, values)
        engine = own_engine(folder, stack, paths, {})
        engine.query("stack", "init", "--no-select")
        yield engine


def _decides(variable: str) -> bool:
    """Whether it says where a person's Pulumi keeps what it has, or which account is his."""
    return variable.startswith(("PULUMI_", "AWS_"))
