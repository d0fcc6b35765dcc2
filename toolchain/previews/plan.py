"""One stack's preview, by the real engine, into a folder that a report is made of."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, TypeAdapter

from review.run import ERRORS, EVENTS, PLAN, Run
from toolchain.cli.engine import Engine, policy_options
from toolchain.cli.events import Tally
from toolchain.cli.following import Outputs, follow, process
from toolchain.cli.stack import named
from toolchain.commands import OnLine
from toolchain.engine.environment import own_backend
from toolchain.paths import PROJECT, Paths
from toolchain.previews.baseline import Baseline, baseline, prepare, recording
from toolchain.previews.revision import base, here


class Listed(BaseModel):
    """A stack of the backend."""

    name: str


STACKS: Final = TypeAdapter(list[Listed])


def folder_of(stack: str, paths: Paths) -> Path:
    """Where the stack's preview is written."""
    return paths.root / "previews" / "runs" / stack


def preview(stack: str, wanted: str | None, paths: Paths, say: OnLine) -> Run:
    """Preview the stack as it is here against what the team's backend has of it, else against the base.

    `wanted` names the base. The backend is the one that the user has named; without one, or where it
    has no such stack, nothing is contacted and no state of anybody's is touched.
    """
    known = named(stack, paths)
    if own_backend(os.environ, paths):
        return _against_base(stack, wanted, paths, say)
    engine = Engine.ready(known, paths)
    if stack not in _stacks(engine):
        remark = f"The backend has no stack {stack}, so its base branch was taken instead."
        return _against_base(stack, wanted, paths, say, remark)
    return _against_deployed(engine, say)


def unmade(stack: str, paths: Paths, why: str) -> None:
    """Note that there is no preview of the stack, for the report."""
    folder = folder_of(stack, paths)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ERRORS).write_text(f"error: {why}\n")
    _noted(Run(stack=stack, code=1, compared_with="nothing, as it could not be previewed"), paths)


def drift(stack: str, paths: Paths, say: OnLine) -> Run:
    """Preview the stack against what is really there."""
    return _against_deployed(Engine.ready(named(stack, paths), paths), say, "--refresh")


def deployed(stack: str, paths: Paths) -> bool:
    """Whether a backend has the stack: the team's, or the one on this machine."""
    known = named(stack, paths)
    if own_backend(os.environ, paths):
        return known.checkpoint.exists()
    return stack in _stacks(Engine.ready(known, paths))


def preview_tree(
    tree: Path, stack: str, found: Baseline, *, folder: Path, paths: Paths, say: OnLine
) -> int:
    """Preview the program of `tree` against `found`, contacting nothing: the engine's exit code."""
    with tempfile.TemporaryDirectory(prefix="agent-platform-") as name:
        workspace = Path(name) / f"preview-{stack}" / PROJECT.name
        prepare(workspace, stack, tree)
        engine = recording(workspace, stack, paths)
        if found.state is None:
            engine.query("stack", "init", "--no-select")
        else:
            # With the salt that is in it: one in the settings would be another.
            engine.stack.checkpoint.parent.mkdir(parents=True)
            shutil.copyfile(found.state, engine.stack.checkpoint)
        return plan(engine, folder, say)


def _against_base(stack: str, wanted: str | None, paths: Paths, say: OnLine, *remarks: str) -> Run:
    found = baseline(stack, base(wanted), paths, say)
    say(f"compared with {found.phrase}")
    code = preview_tree(PROJECT, stack, found, folder=folder_of(stack, paths), paths=paths, say=say)
    said = (*remarks, *found.remarks)
    run = Run(
        stack=stack,
        code=code,
        compared_with=found.phrase,
        incomplete=found.missing,
        remarks=said,
    )
    return _noted(run, paths)


def _against_deployed(engine: Engine, say: OnLine, *flags: str) -> Run:
    engine.settle_lock(say)
    code = plan(engine, folder_of(engine.stack.name, engine.paths), say, *flags)
    return _noted(Run(stack=engine.stack.name, code=code), engine.paths)


def _stacks(engine: Engine) -> frozenset[str]:
    """Names of the stacks in the backend, whatever organization they are of."""
    return frozenset(
        each.name.rpartition("/")[2] for each in STACKS.validate_json(engine.listing())
    )


def plan(engine: Engine, folder: Path, say: OnLine, *flags: str) -> int:
    """Run the preview to its end: the engine's exit code. What it prints is written into `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = _command(engine, folder, flags)
    # The event log is one of the options that the engine hides from daily use.
    environment = {**engine.environment, "PULUMI_DEBUG_COMMANDS": "true"}
    tally = Tally()
    with (
        (folder / PLAN).open("w") as answer,
        (folder / ERRORS).open("w") as complaints,
        follow(folder / EVENTS, tally, say),
        process(command, engine.stack.project, environment, Outputs(answer, complaints)) as running,
    ):
        code = running.wait()
    for complaint in tally.errors:
        say(f"note: {complaint}")
    say(tally.summary())
    return code


def _command(engine: Engine, folder: Path, flags: Sequence[str]) -> list[str]:
    return [
        *engine.command("preview", "--json", "--show-sames", "--suppress-progress"),
        *("--event-log", str(folder / EVENTS)),
        *policy_options(engine.stack.name, engine.stack.project),
        *flags,
    ]


def _noted(run: Run, paths: Paths) -> Run:
    known = run.model_copy(update={"commit": here()})
    known.write(folder_of(run.stack, paths))
    return known
