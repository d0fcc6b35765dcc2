"""Builds the tools of the platform from Go modules: `python -m toolchain.builds list|build [tool…]`.

A finished tool lies in `<cache>/tools/<tool>/<key>/` and is never touched again; `<cache>/bin/` names
the current one. An interrupted build leaves nothing there, and what it compiled is in Go's cache, so
that the next one goes on where it stopped.
"""

import shutil
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchain import atomic, build_patch, go_compiler
from toolchain.build_errors import BuildError
from toolchain.build_lock import held
from toolchain.build_recipe import key, linker_flags
from toolchain.build_table import TOOLS, Tool
from toolchain.build_timings import Timings
from toolchain.commands import TAIL, CommandError, OnLine, run
from toolchain.paths import Paths, go_environment

KEPT = 3
"""Finished builds of one tool that stay, so that going back to a branch costs nothing."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a build is. What is cached is never compiled, so `compiled` may end short of `packages`."""

    tool: str
    compiled: int
    packages: int
    seconds: float
    estimate: float
    """What the whole build took last time, or takes on a small machine."""

    @property
    def left(self) -> float:
        """Seconds to the end: by the estimate, and once that has passed, by the packages."""
        if self.seconds < self.estimate:
            return self.estimate - self.seconds
        return self.seconds * (self.packages - self.compiled) / self.compiled


def _silent(_: Progress) -> None:
    """For callers that show lines only."""


def build(
    tool: Tool | str,
    on_line: OnLine,
    *,
    on_progress: Callable[[Progress], None] = _silent,
    paths: Paths | None = None,
) -> Path:
    """The binary of this recipe, built unless it is there, and linked into the cache's bin/."""
    tool = named(tool)
    paths = paths or Paths.from_environment()
    binary = _target(tool, paths)
    if not binary.exists():
        with held(paths.tools / tool.name / ".lock", f"build {tool.name}", on_line):
            # Whoever held the lock may have built it.
            if not binary.exists():
                _build(tool, binary, on_line, on_progress, paths)
    _link(tool, binary, paths)
    return binary


def built(tool: Tool | str, paths: Paths | None = None) -> Path | None:
    """The binary of this recipe if it is there, without building."""
    binary = _target(named(tool), paths or Paths.from_environment())
    return binary if binary.exists() else None


def module_dir(tool: Tool | str, module: str, paths: Paths | None = None) -> Path:
    """The folder of a module that the tool is built from, downloaded if need be; read-only."""
    tool = named(tool)
    paths = paths or Paths.from_environment()
    question = ["go", "list", "-m", "-f", "{{.Dir}}", module]
    for fetch in (False, True):
        if fetch:
            _go(tool, ["go", "mod", "download", module], _ignore, paths)
        answer: list[str] = []
        _go(tool, question, answer.append, paths)
        if answer and Path(answer[-1]).is_dir():
            return Path(answer[-1])
    raise BuildError(
        f"{tool.name}: got no folder for {module} after its download, wanted one below {paths.go}: "
        f"is it in {tool.folder / 'go.mod'}?"
    )


def named(tool: Tool | str) -> Tool:
    """The tool of this name."""
    if isinstance(tool, Tool):
        return tool
    if tool not in TOOLS:
        raise BuildError(f"got the tool {tool!r}, wanted one of {', '.join(TOOLS)}")
    return TOOLS[tool]


def _target(tool: Tool, paths: Paths) -> Path:
    return paths.tools / tool.name / key(tool, go_compiler.installed()) / tool.name


def _build(
    tool: Tool, binary: Path, on_line: OnLine, on_progress: Callable[[Progress], None], paths: Paths
) -> None:
    go_compiler.check(paths.root)
    timings = Timings(paths.timings)
    estimate = timings.estimate(tool)
    started = time.monotonic()
    with _partial(binary.parent) as partial:
        flags = _patched(tool, partial, paths)
        packages = _packages(tool, flags, on_line, paths)
        compiled = 0

        def line(text: str) -> None:
            nonlocal compiled
            on_line(text)
            if text in packages:
                compiled += 1
                on_progress(
                    Progress(
                        tool=tool.name,
                        compiled=compiled,
                        packages=len(packages),
                        seconds=time.monotonic() - started,
                        estimate=estimate,
                    )
                )

        command = [
            "go",
            "build",
            "-v",
            *flags,
            "-ldflags",
            linker_flags(tool),
            "-o",
            str(partial / tool.name),
            tool.package,
        ]
        _go(tool, command, line, paths, packages=packages)
        _finish(partial, binary)
    seconds = time.monotonic() - started
    timings.record(tool, seconds, compiled=compiled, packages=len(packages))
    on_line(
        f"{tool.name}: built in {seconds:.0f} s, {compiled} of {len(packages)} packages compiled"
    )


def _packages(tool: Tool, flags: list[str], on_line: OnLine, paths: Paths) -> frozenset[str]:
    """Every package of the binary; finding them downloads the modules they are in."""
    found: set[str] = set()

    def line(text: str) -> None:
        if text.startswith("go: "):
            on_line(text)
        else:
            found.add(text)

    _go(tool, ["go", "list", "-deps", *flags, tool.package], line, paths)
    return frozenset(found)


def _patched(tool: Tool, partial: Path, paths: Paths) -> list[str]:
    """The flags under which Go compiles the recipe's patches."""
    if not tool.patches:
        return []
    modfile, folders = build_patch.apply(
        tool.patches,
        recipe=tool.folder,
        scratch=partial / "source",
        module_dir=lambda module: module_dir(tool, module, paths),
    )
    for module, folder in folders.items():
        _go(
            tool, ["go", "mod", "edit", f"-replace={module}={folder}", str(modfile)], _ignore, paths
        )
    return [f"-modfile={modfile}"]


@contextmanager
def _partial(target: Path) -> Generator[Path]:
    """A folder beside the target that is gone afterwards, with all that killed builds left there."""
    # We hold the tool's lock, so no half-made folder is anybody's.
    for left in target.parent.glob(".*.partial"):
        shutil.rmtree(left)
    folder = target.with_name(f".{target.name}.partial")
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _finish(partial: Path, binary: Path) -> None:
    """Move the folder to its name in one step, and drop the oldest builds."""
    shutil.rmtree(partial / "source", ignore_errors=True)
    partial.rename(binary.parent)
    older = [path for path in binary.parent.parent.iterdir() if path.name[0] != "."]
    older.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in older[KEPT:]:
        shutil.rmtree(folder)


def _link(tool: Tool, binary: Path, paths: Paths) -> None:
    paths.bin.mkdir(parents=True, exist_ok=True)
    for name in tool.names:
        atomic.link(paths.bin / name, binary)


def _go(
    tool: Tool,
    command: list[str],
    on_line: OnLine,
    paths: Paths,
    *,
    packages: frozenset[str] = frozenset(),
) -> None:
    """Run Go in the recipe's folder. A failure shows what it said, without the `packages` it names."""
    said: deque[str] = deque(maxlen=TAIL)

    def line(text: str) -> None:
        if text not in packages:
            said.append(text)
        on_line(text)

    try:
        run(command, line, env=go_environment(paths), cwd=tool.folder)
    except CommandError as error:
        lines = "".join(f"\n  {text}" for text in said)
        raise BuildError(
            f"{tool.name}: `{' '.join(command[:3])}` failed in {tool.folder}:{lines}\n"
            f"Hint: {go_compiler.hint(list(said))}"
        ) from error


def _ignore(_: str) -> None:
    """For commands whose lines nobody needs unless they fail: then the error has them."""


if __name__ == "__main__":
    from toolchain.build_command import app

    app()
