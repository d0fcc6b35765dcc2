"""Runs steps, each a process of its own, as many side by side as cores, lanes and needs allow."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from toolchain.cli.estimate import Work, admissible, left, remaining
from toolchain.cli.steps import FINISHED, Result, State, Step, ordered, urgency


class Running(Protocol):
    """A step under way."""

    async def wait(self) -> int:
        """Its exit code, once it ended."""
        ...

    async def end(self) -> None:
        """Ask it to end, insist if it does not, and return when it is gone."""
        ...


class Launcher(Protocol):
    """Starts a step."""

    async def __call__(self, step: Step) -> Running: ...


class Watcher(Protocol):
    """Is told what happens."""

    def started(self, step: Step) -> None: ...

    def ended(self, result: Result) -> None: ...


@dataclass
class Progress:
    """Where a run is; what the displays read."""

    steps: Sequence[Step]
    estimates: Mapping[str, float]
    cores: int
    clock: Callable[[], float] = time.monotonic
    results: dict[str, Result] = field(default_factory=dict[str, Result])
    begun: dict[str, float] = field(default_factory=dict[str, float])
    """When each step that runs now was started."""
    urgency: dict[str, float] = field(init=False)
    start: float = field(init=False)

    def __post_init__(self) -> None:
        """Refuse steps that do not fit together."""
        self.steps = ordered(self.steps)
        self.urgency = urgency(self.steps, self.estimates)
        self.start = self.clock()

    @property
    def elapsed(self) -> float:
        return self.clock() - self.start

    def running_for(self, step: Step) -> float:
        """Seconds since this running step was started."""
        return self.clock() - self.begun[step.name]

    def work(self) -> list[Work]:
        """What is still to do."""
        return [
            self._work(step)
            for step in self.steps
            if step.name not in self.results or step.name in self.begun
        ]

    def _work(self, step: Step) -> Work:
        running = step.name in self.begun
        estimate = self.estimates[step.name]
        return Work(
            name=step.name,
            seconds=left(estimate, self.running_for(step)) if running else estimate,
            needs=step.needs,
            heavy=step.heavy,
            lane=step.lane,
            running=running,
            urgency=self.urgency[step.name],
        )

    def remaining(self) -> float:
        """Seconds until the end, as far as can be said."""
        return remaining(self.work(), self.cores)

    def fraction(self) -> float:
        """How much of the time has gone by: 0 at the start, 1 when nothing is left."""
        rest = self.remaining()
        return self.elapsed / (self.elapsed + rest) if rest else 1.0

    def startable(self) -> list[Step]:
        """Steps that may start now, the most urgent first."""
        work = self.work()
        by_name = {step.name: step for step in self.steps}
        unfinished = {one.name for one in work} | {
            name for name, result in self.results.items() if result.state not in FINISHED
        }
        running = [one for one in work if one.running]
        chosen: list[Step] = []
        waiting = [one for one in work if not one.running]
        for one in sorted(waiting, key=lambda each: -each.urgency):
            if admissible(one, running, unfinished, self.cores):
                running.append(one)
                chosen.append(by_name[one.name])
        return chosen


class Schedule:
    """One run of some steps."""

    def __init__(
        self, progress: Progress, launch: Launcher, watcher: Watcher, *, keep_going: bool = False
    ) -> None:
        """With `keep_going`, a failure stops only what needs the failed step."""
        self._progress = progress
        self._launch = launch
        self._watcher = watcher
        self._keep_going = keep_going
        self._stopping = False
        self._running: dict[str, Running] = {}

    async def run(self) -> list[Result]:
        """Run all; the results in the order in which the steps ended. Ends all when cancelled."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                if not self._stopping:
                    for step in self._progress.startable():
                        self._begin(step)
                        tasks.add(asyncio.create_task(self._one(step)))
                if not tasks:
                    return list(self._progress.results.values())
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if self._stopping:
                    await self._end_all()
        finally:
            self._stopping = True
            await self._end_all()
            # Not cancelled: one that is just being started has to be seen to its end.
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, step: Step) -> None:
        self._progress.begun[step.name] = self._progress.clock()

    async def _one(self, step: Step) -> None:
        if await asyncio.to_thread(step.is_done):
            self._finish(step, State.UNCHANGED, 0)
            return
        if self._stopping:
            self._finish(step, State.STOPPED, 0)
            return
        self._watcher.started(step)
        running = await self._launch(step)
        self._running[step.name] = running
        if self._stopping:
            await running.end()
        code = await running.wait()
        del self._running[step.name]
        if code == 0:
            self._finish(step, State.DONE, code)
            return
        self._finish(step, State.STOPPED if self._stopping else State.FAILED, code)
        if not self._keep_going:
            self._stopping = True

    def _finish(self, step: Step, state: State, code: int) -> None:
        seconds = self._progress.running_for(step)
        del self._progress.begun[step.name]
        result = Result(step=step, state=state, seconds=seconds, code=code)
        self._progress.results[step.name] = result
        self._watcher.ended(result)

    async def _end_all(self) -> None:
        await asyncio.gather(*(running.end() for running in list(self._running.values())))


class StepProcess:
    """A step's process, in a session of its own so that its whole family can be ended."""

    def __init__(self, process: asyncio.subprocess.Process, grace: float) -> None:
        self._process = process
        self._grace = grace

    async def wait(self) -> int:
        """Its exit code, once it ended."""
        return await self._process.wait()

    async def end(self) -> None:
        """SIGINT to all of them, and SIGKILL to what is left after the grace."""
        if self._signal(signal.SIGINT):
            try:
                await asyncio.wait_for(asyncio.shield(self._process.wait()), self._grace)
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self._process.wait()

    def _signal(self, number: signal.Signals) -> bool:
        if self._process.returncode is not None:
            return False
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True


class Absent:
    """A step whose program is not there."""

    async def wait(self) -> int:
        """What a shell says of a command that it cannot find."""
        return 127

    async def end(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True)
class ProcessLauncher:
    """Starts steps as processes that write to a log each."""

    logs: Path
    cwd: Path

    def log(self, step: Step) -> Path:
        """Where this step's output is."""
        return self.logs / f"{step.name}.log"

    async def __call__(self, step: Step) -> Running:
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(step).open("wb") as log:
            try:
                process = await asyncio.create_subprocess_exec(
                    *step.command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=asyncio.subprocess.STDOUT,
                    env={**os.environ, **step.variables},
                    cwd=self.cwd / step.folder,
                    start_new_session=True,
                )
            except FileNotFoundError:
                program = step.command[0]
                log.write(f"error: got no `{program}` on PATH, wanted it: install it\n".encode())
                return Absent()
        return StepProcess(process, step.grace)
