"""Unit tier: running programs of others."""

from pathlib import Path

import psutil
import pytest

from toolchain.commands import CommandError, read, run


def ignored(_: str) -> None:
    """Nobody reads them here."""


def test_lines_come_in_order_from_both_streams() -> None:
    said: list[str] = []
    run(["sh", "-c", "echo one; echo two >&2; echo three"], said.append)
    assert said == ["one", "two", "three"]


def test_a_failure_shows_the_command_the_code_and_the_last_lines() -> None:
    with pytest.raises(CommandError, match=r"(?s)ended with 3, wanted 0.*  line 40") as raised:
        run(["sh", "-c", "for n in $(seq 40); do echo line $n; done; exit 3"], ignored)
    assert raised.value.tail == [f"line {number}" for number in range(11, 41)]


def test_variables_and_folder_are_added_to_what_we_have(tmp_path: Path) -> None:
    said: list[str] = []
    run(
        ["sh", "-c", "echo $ADDED; pwd; echo ${PATH:+path}"],
        said.append,
        env={"ADDED": "x"},
        cwd=tmp_path,
    )
    assert said == ["x", str(tmp_path), "path"]


def test_an_interruption_ends_what_was_started_with_its_children() -> None:
    started: list[int] = []

    def interrupted(line: str) -> None:
        started.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["sh", "-c", "sleep 600 & echo $!; wait"], interrupted)
    _, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in started if psutil.pid_exists(pid)], 10
    )
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def test_a_question_without_an_answer_is_none() -> None:
    assert read(["sh", "-c", "echo yes"]) == "yes"
    assert read(["sh", "-c", "echo no; exit 1"]) is None
    assert read(["no-such-program-anywhere"]) is None
