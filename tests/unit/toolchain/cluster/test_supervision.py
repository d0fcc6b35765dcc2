"""supervisord's configuration, read back by supervisord's own reader, and a real supervisord."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from supervisor.options import (  # pyright: ignore[reportMissingTypeStubs] - it ships no types
    ServerOptions,
)

from toolchain.cluster.model import ClusterError
from toolchain.cluster.supervision import Program, Supervisor, render, tail

AWKWARD = Program(
    name="awkward",
    command=("/bin/sh", "-c", 'echo \'100% "done"\'; echo "$GREETING"; exec sleep 600'),
    environment={"GREETING": 'a,b "c" 50%'},
    autostart=True,
)


def written(folder: Path, *programs: Program) -> Path:
    path = folder / "supervisord.conf"
    path.write_text(render(programs, socket=folder / "s.sock", logs=folder, run=folder))
    return path


@contextmanager
def running(folder: Path, *programs: Program) -> Generator[Supervisor]:
    path = written(folder, *programs)
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(path)]
    log = (folder / "out.log").open("wb")
    with log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        supervisor = Supervisor(folder / "s.sock")
        try:
            wait(supervisor.answers)
            yield supervisor
        finally:
            # As `down` does it; supervisord ends its programs before itself.
            process.terminate()
        assert process.wait(30) == 0


def wait(condition: object, seconds: float = 20) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.05)


def test_supervisord_reads_the_configuration_it_is_given(tmp_path: Path) -> None:
    first = Program(name="first", command=("/bin/true",), priority=1)
    path = written(tmp_path, AWKWARD, first)
    options: Any = ServerOptions()
    options.realize(args=["-c", str(path)])
    groups = {group.name: group for group in options.process_group_configs}
    assert set(groups) == {"awkward", "first"}
    assert groups["first"].priority == 1
    assert not groups["first"].process_configs[0].autostart


def test_a_program_gets_its_arguments_and_its_environment_unchanged(tmp_path: Path) -> None:
    with running(tmp_path, AWKWARD):
        wait(lambda: "50%" in tail(tmp_path / "awkward.log", 5))
    assert tail(tmp_path / "awkward.log", 5).splitlines() == ['100% "done"', 'a,b "c" 50%']


def test_a_program_that_dies_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path, AWKWARD) as supervisor:
        wait(lambda: supervisor.processes()["awkward"].state == "RUNNING")
        before = supervisor.processes()["awkward"].pid
        os.kill(before, 9)
        wait(lambda: supervisor.processes()["awkward"].pid not in {0, before})


def test_only_what_needs_nothing_starts_by_itself(tmp_path: Path) -> None:
    waiting = Program(name="waiting", command=("/bin/sleep", "600"))
    with running(tmp_path, AWKWARD, waiting) as supervisor:
        wait(lambda: supervisor.processes()["awkward"].pid != 0)
        assert supervisor.processes()["waiting"].state == "STOPPED"
        supervisor.start("waiting")
        wait(lambda: supervisor.processes()["waiting"].state == "RUNNING")
        supervisor.start("waiting")
        supervisor.stop("waiting")
        assert supervisor.processes()["waiting"].pid == 0


def test_a_changed_program_is_replaced_and_an_unchanged_one_is_left_alone(tmp_path: Path) -> None:
    steady = Program(name="steady", command=("/bin/sleep", "600"), autostart=True)
    changing = Program(name="changing", command=("/bin/sleep", "601"), autostart=True)
    with running(tmp_path, steady, changing) as supervisor:
        wait(lambda: all(one.pid for one in supervisor.processes().values()))
        before = {name: one.pid for name, one in supervisor.processes().items()}
        changed = Program(name="changing", command=("/bin/sleep", "602"), autostart=True)
        written(tmp_path, steady, changed)
        supervisor.apply()
        wait(lambda: all(one.pid for one in supervisor.processes().values()))
        after = {name: one.pid for name, one in supervisor.processes().items()}
    assert after["steady"] == before["steady"]
    assert after["changing"] != before["changing"]


def test_nobody_answers_where_there_is_no_socket(tmp_path: Path) -> None:
    assert not Supervisor(tmp_path / "none.sock").answers()


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert tail(log, 2).splitlines() == ["line 9998", "line 9999"]
    assert tail(tmp_path / "none.log", 2) == ""


def test_an_environment_that_supervisord_cannot_be_told_of_is_refused(tmp_path: Path) -> None:
    both = Program(name="both", command=("/bin/true",), environment={"A": "'\""})
    with pytest.raises(ClusterError, match="both kinds of quotes"):
        written(tmp_path, both)
