"""Run one Pulumi program: started by the language host with the program's own Python.

A file by itself: it may import nothing but the standard library and the program's `pulumi`.
It reads the launch order as JSON, see `Launch`.
"""

import asyncio
import gc
import json
import logging
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from pathlib import Path
from types import TracebackType
from typing import Any, TypedDict, TypeVar

T = TypeVar("T")

REPORTED = 32
"""Exit status: the program failed and the user has already been told why."""


class Launch(TypedDict):
    """What the engine's request comes down to for the program's process."""

    program: str
    args: list[str]
    pwd: str
    root_directory: str
    monitor: str
    engine: str
    project: str
    stack: str
    organization: str
    parallel: int
    dry_run: bool
    config: dict[str, str]
    secret_keys: list[str]


def main(launch: Launch) -> int:
    """Run the program and give its exit status."""
    # An SDK is tens of thousands of objects that all stay: looking for garbage among them while they
    # are made is an eighth of a small program's time.
    gc.set_threshold(100_000, 20, 20)
    try:
        import pulumi  # noqa: PLC0415 - absent from the program's environment is an answer
        import pulumi.runtime  # noqa: PLC0415 - as above
    except ModuleNotFoundError as missing:
        print(
            f"{sys.executable} cannot import the Pulumi SDK ({missing}). Install the project's "
            "requirements.lock into the virtual environment that Pulumi.yaml names.",
            file=sys.stderr,
        )
        return 1

    pulumi.runtime.set_all_config(launch["config"], launch["secret_keys"])
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=launch["project"],
            stack=launch["stack"],
            organization=launch["organization"],
            root_directory=launch["root_directory"],
            monitor=launch["monitor"],
            engine=launch["engine"],
            parallel=launch["parallel"],
            dry_run=launch["dry_run"],
        )
    )
    program = entry_point(Path(launch["pwd"], launch["program"]))
    if not program.exists():
        pulumi.log.error(f"{program} does not exist; it is the program that Pulumi.yaml names")
        return REPORTED
    sys.argv = [str(program), *launch["args"]]
    os.chdir(launch["pwd"])
    # As `python program` would: its own modules come first.
    sys.path.insert(0, str(program.parent))

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    origins = Origins()
    try:
        _await(pulumi.runtime.run_in_stack, run, launch["parallel"], origins)
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return REPORTED
    except Exception as error:
        shown = excerpt(error, program, origins)
        pulumi.log.error("Program failed with an unhandled exception:\n" + shown)
        return REPORTED
    return 0


def entry_point(named: Path) -> Path:
    """The file to run: `named` itself, or the `__main__.py` of the folder."""
    resolved = named.resolve()
    return resolved / "__main__.py" if resolved.is_dir() else resolved


class Origins:
    """Where exceptions were raised, kept from the first task they ended.

    An exception in an `apply` is handed on through several futures, and asyncio gives up its
    traceback to the first who asks: by the time it ends the program, the user's line may be lost.
    """

    def __init__(self) -> None:
        self._first: dict[int, tuple[BaseException, TracebackType | None]] = {}

    def task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Coroutine[Any, Any, T] | Generator[Any, None, T],
        context: Context | None = None,
    ) -> "asyncio.Task[T]":
        """A task factory for `loop.set_task_factory`."""
        task = asyncio.Task(coroutine, loop=loop, context=context)
        task.add_done_callback(self._note)
        return task

    def _note(self, task: "asyncio.Task[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._first.setdefault(id(error), (error, error.__traceback__))

    def of(self, error: BaseException) -> TracebackType | None:
        """The first traceback seen of `error`."""
        _, found = self._first.get(id(error), (error, None))
        return found


def excerpt(error: BaseException, program: Path, origins: Origins) -> str:
    """The traceback from the first frame of the user's own code on; whole if there is none."""
    own = program.parent
    linked: BaseException | None = error
    while linked is not None:
        shortened = _own_code(linked.__traceback__, own) or _own_code(origins.of(linked), own)
        if shortened is not None:
            linked.__traceback__ = shortened
        linked = linked.__cause__ or linked.__context__
    return "".join(traceback.format_exception(error))


def _own_code(first: TracebackType | None, own: Path) -> TracebackType | None:
    frame = first
    while frame is not None:
        # Frozen modules are "<frozen …>": no path, and not to be taken for one under this folder.
        file = Path(frame.tb_frame.f_code.co_filename)
        if file.is_absolute() and file.is_relative_to(own) and "site-packages" not in file.parts:
            return frame
        frame = frame.tb_next
    return None


def _await(
    run_in_stack: Callable[[Callable[[], None]], Coroutine[Any, Any, None]],
    run: Callable[[], None],
    parallel: int,
    origins: Origins,
) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_task_factory(origins.task)
    # Each registration blocks a thread while the engine works on it.
    executor = ThreadPoolExecutor(max_workers=max(parallel, 1) * 4)
    loop.set_default_executor(executor)
    # When a program fails, outputs that will never resolve are left behind by design of the SDK;
    # asyncio would report each of them after the error that matters.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        loop.run_until_complete(run_in_stack(run))
    finally:
        executor.shutdown(wait=True)
        loop.close()


if __name__ == "__main__":
    sys.exit(main(json.load(sys.stdin)))
