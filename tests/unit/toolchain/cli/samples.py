"""Steps and runs for the tests of the commands: no process, no clock."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchain.cli.schedule import Progress, Running, Schedule
from toolchain.cli.steps import Result, Step, never
from toolchain.cluster import Progress as Report
from toolchain.cluster import Status


def step(
    name: str,
    *needs: str,
    seconds: float = 1.0,
    heavy: bool = True,
    lane: str | None = None,
    is_done: Callable[[], bool] = never,
) -> Step:
    """A step that is only a name with needs."""
    return Step(
        name=name,
        title=f"part {name}",
        command=("true",),
        seconds=seconds,
        needs=needs,
        heavy=heavy,
        lane=lane,
        is_done=is_done,
    )


class FakeProcess:
    """A step under way that ends when the test says so, or when it is asked to."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.asked_to_end = False

    async def wait(self) -> int:
        """Its exit code."""
        return await self.ended

    async def end(self) -> None:
        """Ends as an interrupted process does."""
        self.asked_to_end = True
        if not self.ended.done():
            self.ended.set_result(130)


class FakeLauncher:
    """Starts fake processes; each ends at once with its code unless it is held."""

    def __init__(self, codes: dict[str, int] | None = None, held: Sequence[str] = ()) -> None:
        self.codes = codes or {}
        self.held = held
        self.processes: dict[str, FakeProcess] = {}
        self.order: list[str] = []

    async def __call__(self, step: Step) -> Running:
        process = FakeProcess()
        self.order.append(step.name)
        self.processes[step.name] = process
        if step.name not in self.held:
            loop = asyncio.get_running_loop()
            loop.call_soon(process.ended.set_result, self.codes.get(step.name, 0))
        return process


class Watching:
    """Notes what it is told."""

    def __init__(self, on_start: Callable[[Step], None] = lambda _: None) -> None:
        self.events: list[tuple[str, str]] = []
        self._on_start = on_start

    def started(self, step: Step) -> None:
        """A step begins."""
        self.events.append(("started", step.name))
        self._on_start(step)

    def ended(self, result: Result) -> None:
        """A step is through."""
        self.events.append((str(result.state), result.step.name))


def progress(
    steps: Sequence[Step], cores: int = 2, clock: Callable[[], float] = time.monotonic
) -> Progress:
    """A run of these steps that has not begun."""
    return Progress(steps, {one.name: one.seconds for one in steps}, cores, clock)


def schedule(
    steps: Sequence[Step],
    launcher: FakeLauncher,
    watching: Watching | None = None,
    *,
    cores: int = 2,
    keep_going: bool = False,
) -> Schedule:
    """A run of these steps with fake processes."""
    return Schedule(progress(steps, cores), launcher, watching or Watching(), keep_going=keep_going)


@dataclass(frozen=True)
class FakeCluster:
    """A cluster that is only what it says of itself."""

    kind: str
    images: tuple[str, ...] = ()
    kubeconfig: Path = Path("kubeconfig")

    def up(self, progress: Report) -> None:
        """Runs as it is."""

    def down(self, progress: Report) -> None:
        """Runs as it is."""

    def clean(self, progress: Report) -> None:
        """Keeps nothing."""

    def status(self) -> Status:
        """Running, with nothing in it."""
        return Status(kind=self.kind, running=True)

    def has_image(self, reference: str) -> bool:
        """What it was made with."""
        return reference in self.images

    def load_image(self, archive: Path, reference: str) -> None:
        """Takes none."""

    def logs(self, component: str, lines: int = 100) -> str:  # noqa: ARG002 - the protocol
        """Says nothing."""
        return ""
