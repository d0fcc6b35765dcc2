"""Unit tier: what runs when, and how it ends."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from tests.unit.toolchain.cli.samples import FakeLauncher, Watching, progress, schedule, step
from toolchain.cli.schedule import ProcessLauncher, Schedule
from toolchain.cli.steps import State, Step
from toolchain.paths import PROJECT


def test_every_step_runs_after_what_it_needs() -> None:
    steps = [step("c", "a", "b"), step("b", "a"), step("a")]
    launcher = FakeLauncher()

    results = asyncio.run(schedule(steps, launcher).run())

    assert launcher.order == ["a", "b", "c"]
    assert {result.state for result in results} == {State.DONE}


def test_what_is_done_already_is_not_run_again() -> None:
    steps = [step("a", is_done=lambda: True), step("b", "a")]
    launcher = FakeLauncher()
    watching = Watching()

    asyncio.run(schedule(steps, launcher, watching).run())

    assert launcher.order == ["b"]
    assert watching.events == [("unchanged", "a"), ("started", "b"), ("done", "b")]


def test_whether_a_step_is_done_is_asked_once_its_needs_are_there() -> None:
    made: list[str] = []

    def a_made() -> bool:
        assert made == ["a"]
        return True

    watching = Watching(on_start=lambda one: made.append(one.name))
    launcher = FakeLauncher()

    asyncio.run(schedule([step("a"), step("b", "a", is_done=a_made)], launcher, watching).run())

    assert launcher.order == ["a"]


def test_no_more_heavy_steps_run_at_once_than_there_are_cores() -> None:
    run = progress([step("a"), step("b"), step("c")], cores=2)
    assert [one.name for one in run.startable()] == ["a", "b"]


def test_steps_that_mostly_wait_need_no_core() -> None:
    run = progress([step("a"), step("b"), step("c", heavy=False)], cores=2)
    assert {one.name for one in run.startable()} == {"a", "b", "c"}


def test_one_step_of_a_lane_runs_at_a_time() -> None:
    steps = [step(name, heavy=False, lane="images") for name in ("a", "b")]
    assert [one.name for one in progress(steps).startable()] == ["a"]


def test_the_longest_chain_is_begun_first() -> None:
    steps = [step("short", seconds=1), step("long", seconds=9), step("after", "long", seconds=90)]
    assert [one.name for one in progress(steps, cores=1).startable()] == ["long"]


def test_a_failure_ends_what_runs_and_starts_nothing_more() -> None:
    steps = [step("bad"), step("other", heavy=False), step("late", "other")]
    launcher = FakeLauncher(codes={"bad": 3}, held=["other"])

    results = asyncio.run(schedule(steps, launcher).run())

    states = {result.step.name: (result.state, result.code) for result in results}
    assert states == {"bad": (State.FAILED, 3), "other": (State.STOPPED, 130)}
    assert launcher.processes["other"].asked_to_end


def test_a_check_that_fails_leaves_the_others_running() -> None:
    steps = [step("bad"), step("good"), step("hangs-on-bad", "bad"), step("hangs-on-good", "good")]
    launcher = FakeLauncher(codes={"bad": 1})

    results = asyncio.run(schedule(steps, launcher, keep_going=True).run())

    states = {result.step.name: result.state for result in results}
    assert states == {
        "bad": State.FAILED,
        "good": State.DONE,
        "hangs-on-good": State.DONE,
    }


def test_an_interruption_ends_what_runs() -> None:
    launcher = FakeLauncher(held=["a", "b"])
    watching = Watching()

    async def interrupted() -> None:
        running = asyncio.create_task(schedule([step("a"), step("b")], launcher, watching).run())
        while len(launcher.order) < 2:
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(interrupted())

    assert all(process.asked_to_end for process in launcher.processes.values())
    assert {event for event, _ in watching.events} == {"started", "stopped"}


def test_a_step_that_is_just_being_started_is_ended_as_well() -> None:
    class SlowLauncher(FakeLauncher):
        async def __call__(self, step: Step):  # noqa: ANN204 - as the class above
            await asyncio.sleep(0.02)
            return await super().__call__(step)

    launcher = SlowLauncher(held=["a"])

    async def interrupted() -> None:
        running = asyncio.create_task(schedule([step("a")], launcher).run())
        await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(interrupted())

    assert launcher.processes["a"].asked_to_end


def test_progress_goes_from_nothing_to_all() -> None:
    now = [0.0]
    steps = [step("a", seconds=10), step("b", "a", seconds=30)]
    run = progress(steps, clock=lambda: now[0])
    assert (run.fraction(), run.remaining()) == (0, 40)

    launcher = FakeLauncher()
    watching = Watching(on_start=lambda one: now.__setitem__(0, now[0] + one.seconds))
    asyncio.run(Schedule(run, launcher, watching).run())

    assert (run.fraction(), run.remaining()) == (1, 0)
    assert {name: result.seconds for name, result in run.results.items()} == {"a": 10, "b": 30}


def test_a_process_writes_to_the_log_of_its_step(tmp_path: Path) -> None:
    launcher = ProcessLauncher(tmp_path / "logs", tmp_path)
    told = Step(
        name="a",
        title="a",
        command=(sys.executable, "-c", "import os; print(os.environ['WORD']); raise SystemExit(5)"),
        seconds=1,
        variables={"WORD": "hello"},
    )

    results = asyncio.run(Schedule(progress([told]), launcher, Watching()).run())

    assert [result.code for result in results] == [5]
    assert launcher.log(told).read_text() == "hello\n"


def test_a_program_that_is_missing_fails_its_step_and_says_so(tmp_path: Path) -> None:
    launcher = ProcessLauncher(tmp_path / "logs", tmp_path)
    told = Step(name="a", title="a", command=("no-such-program",), seconds=1)

    results = asyncio.run(Schedule(progress([told]), launcher, Watching()).run())

    assert [result.state for result in results] == [State.FAILED]
    assert "got no `no-such-program` on PATH" in launcher.log(told).read_text()


def test_an_interruption_reaches_the_programs_that_a_step_runs(tmp_path: Path) -> None:
    launcher = ProcessLauncher(tmp_path / "logs", PROJECT)
    child = tmp_path / "child"
    shell = f"echo $$ > {child}; exec sleep 60"
    script = f"from toolchain.commands import run; run(['sh', '-c', {shell!r}], print)"
    told = Step(name="a", title="a", command=(sys.executable, "-c", script), seconds=1)

    async def interrupted() -> int:
        running = asyncio.create_task(Schedule(progress([told]), launcher, Watching()).run())
        while not child.exists() or not child.read_text().strip():
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return int(child.read_text())

    pid = asyncio.run(interrupted())

    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=5)
    assert not psutil.pid_exists(pid)
