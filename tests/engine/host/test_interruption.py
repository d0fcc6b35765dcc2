"""Two updates at once, and updates that are broken off."""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.engine.host.conftest import Stack

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]


@dataclass(frozen=True)
class Held:
    """An update whose program waits in the middle until it is let go."""

    update: subprocess.Popen[str]
    gate: Path
    processes: list[psutil.Process]

    def release(self) -> None:
        self.gate.write_text("go")

    def finish(self) -> str:
        output, _ = self.update.communicate(timeout=120)
        return output


@pytest.fixture
def held(stack: Stack) -> Held:
    arrived, gate = stack.folder / "arrived", stack.folder / "gate"
    for pipe in (arrived, gate):
        os.mkfifo(pipe)
    # Opening a pipe blocks until the other side opens it too: no waiting in turns is needed.
    stack.program(
        f"""
        import pulumi_random as random
        random.RandomId("before", byte_length=4)
        open({str(arrived)!r}, "w").close()
        open({str(gate)!r}).read()
        """
    )
    update = stack.start("up", "--yes", "--skip-preview")
    arrived.read_text()
    return Held(update, gate, psutil.Process(update.pid).children(recursive=True))


def test_of_two_updates_at_once_the_second_is_refused(stack: Stack, held: Held) -> None:
    second = stack.up()
    assert second.code != 0
    assert "the stack is currently locked by 1 lock(s)" in second.output
    held.release()
    output = held.finish()
    assert held.update.returncode == 0, output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_update_ends_and_leaves_nothing_running_or_locked(
    stack: Stack, held: Held, number: signal.Signals
) -> None:
    assert held.processes
    # As a terminal does it: to the whole foreground group.
    os.killpg(held.update.pid, number)
    output = held.finish()
    assert held.update.returncode != 0
    assert "Traceback" not in output
    _, alive = psutil.wait_procs(held.processes, timeout=20)
    assert alive == []
    stack.program("")
    stack.succeed("up", "--yes", "--skip-preview")


def test_the_program_ends_when_the_engine_is_killed(stack: Stack, held: Held) -> None:
    held.update.kill()
    held.finish()
    _, alive = psutil.wait_procs(held.processes, timeout=30)
    assert alive == []
