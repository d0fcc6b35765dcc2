"""The state that a revision of the program would leave, without deploying it anywhere.

The real engine runs `up` with providers that record: they contact nothing, and make up what a cloud
would add. What comes out is kept by the content of everything it hangs on.
"""

import datetime
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from toolchain import atomic
from toolchain.cli.engine import Engine, EngineError
from toolchain.commands import OnLine
from toolchain.image_archive import write_lock
from toolchain.images import LOCK
from toolchain.paths import PROJECT, Paths
from toolchain.previews import sources
from toolchain.previews.revision import Revision
from toolchain.rehearsal import workspace
from toolchain.rehearsal.offline import own_engine

RECORD: Final = {"AGENT_PLATFORM_PROVIDERS": "record"}
"""What has the providers contact nothing."""
UNSAVED: Final = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""The state is written once, at the end: nothing real is lost when it is interrupted. Half of the time."""
KEPT: Final = 12
"""States that stay in the cache, the newest."""
REQUIREMENTS: Final = "requirements.lock"
JUDGES: Final = ("policies", workspace.ENVIRONMENT)
"""Parts of the workspace that a deployment without policies does not hang on."""


@dataclass(frozen=True)
class Baseline:
    """What a change to a stack is measured against."""

    phrase: str
    """For the report: `main at 1a2b3c4`, or `nothing`."""
    state: Path | None = None
    """The stack's checkpoint; None for an empty stack."""
    remarks: tuple[str, ...] = ()
    missing: str = ""
    """Why there is none though one was wanted: measured against nothing, the change is not seen."""


def baseline(stack: str, revision: Revision | None, paths: Paths, say: OnLine) -> Baseline:
    """The stack as the revision would leave it; an empty one where it has no such stack or none is wanted.

    Where the revision's program cannot be run, `missing` says why.
    """
    if revision is None:
        return Baseline("nothing")
    settings = f"Pulumi.{stack}.yaml"
    if not revision.has(settings):
        return Baseline("nothing", remarks=(f"{revision.phrase} has no stack {stack}.",))
    with tempfile.TemporaryDirectory(prefix="agent-platform-") as name:
        tree = Path(name) / "tree"
        revision.extract(tree, *workspace.PROGRAM, settings, REQUIREMENTS, *sources.PATHS)
        try:
            state = recorded(tree, stack, paths, say)
        except EngineError as error:
            reason = f"The program of {revision.phrase} could not be run, so all is shown as new: {error}"
            return Baseline("nothing", missing=reason)
        same = _content(tree / REQUIREMENTS) == _content(PROJECT / REQUIREMENTS)
    others = (
        "Both were run with the Python packages of the change, which are others than the base's."
    )
    return Baseline(revision.phrase, state, () if same else (others,))


def recorded(tree: Path, stack: str, paths: Paths, say: OnLine) -> Path:
    """The checkpoint that the program of `tree` would leave. Raises `EngineError` where it cannot be run."""
    with tempfile.TemporaryDirectory(prefix="agent-platform-") as name:
        folder = Path(name) / f"base-{stack}" / PROJECT.name
        prepare(folder, stack, tree)
        kept = paths.root / "previews" / f"{stack}-{_key(folder, paths)}.json"
        if not kept.exists():
            say("deploying the base with recording providers")
            _record(folder, stack, paths, kept, say)
        kept.touch()
    return kept


def prepare(folder: Path, stack: str, tree: Path) -> None:
    """A workspace that runs the program of `tree`, with placeholders for secrets and for images."""
    workspace.copy(folder, tree)
    write_lock(folder / LOCK.name, sources.images(tree))
    values = workspace.read_values(tree / f"Pulumi.{stack}.yaml")
    workspace.configure(folder, stack, workspace.plain(values))


def recording(folder: Path, stack: str, paths: Paths) -> Engine:
    """An engine on the workspace that contacts nothing."""
    return own_engine(folder, stack, paths, RECORD)


def _record(folder: Path, stack: str, paths: Paths, kept: Path, say: OnLine) -> None:
    engine = own_engine(folder, stack, paths, {**RECORD, **UNSAVED})
    engine.query("stack", "init", "--no-select")
    engine.change("up", say, "--yes", "--skip-preview")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with atomic.draft(kept) as beside:
        shutil.copyfile(engine.stack.checkpoint, beside)
    for old in sorted(kept.parent.glob("*.json"), key=_age)[KEPT:]:
        old.unlink(missing_ok=True)


def _key(folder: Path, paths: Paths) -> str:
    digest = hashlib.sha256()
    # Credentials change on a day, and certificates run out.
    digest.update(datetime.datetime.now(datetime.UTC).date().isoformat().encode())
    for path in [*_files(folder), *_plugins(paths), PROJECT / REQUIREMENTS]:
        name = path.relative_to(folder) if path.is_relative_to(folder) else path.name
        digest.update(f"{name} {_content(path)}\n".encode())
    return digest.hexdigest()[:16]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).parts[0] not in JUDGES:
            yield path


def _plugins(paths: Paths) -> Iterator[Path]:
    yield from sorted(paths.bin.glob("pulumi-resource-*"))
    yield from sorted((PROJECT / "toolchain" / "providers" / "aws").rglob("*.py"))


def _content(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _age(path: Path) -> float:
    return -path.stat().st_mtime
