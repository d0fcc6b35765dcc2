"""Unit tier: what a person sees of a run, and how it ends. The steps are small real processes."""

import io
import signal
import sys
from pathlib import Path

import pytest
from rich.console import Console

from toolchain.cli.estimate import measured
from toolchain.cli.runner import Runner, last_words
from toolchain.cli.steps import State, Step
from toolchain.paths import Paths


def _python(name: str, code: str, *needs: str) -> Step:
    command = (sys.executable, "-c", code)
    return Step(name=name, title=f"part {name}", command=command, seconds=1, needs=needs)


def _runner(tmp_path: Path) -> tuple[Runner, io.StringIO]:
    output = io.StringIO()
    console = Console(file=output, width=100)
    return Runner(console=console, paths=Paths(tmp_path), again="make up"), output


def test_each_step_is_one_line_where_output_is_no_terminal(tmp_path: Path) -> None:
    runner, output = _runner(tmp_path)

    run = runner.run([_python("a", "pass"), _python("b", "pass", "a")])

    assert [result.state for result in run.results] == [State.DONE, State.DONE]
    lines = output.getvalue().splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "… part a",
        "✓ part a",
        "… part b",
        "✓ part b",
    ]
    assert "\x1b" not in output.getvalue()


def test_the_times_of_a_run_are_the_estimates_of_the_next(tmp_path: Path) -> None:
    runner, _ = _runner(tmp_path)

    runner.run([_python("a", "pass")])

    assert set(measured(tmp_path / "steps.json")) == {"a"}


def test_a_failure_shows_its_last_words_its_log_and_what_to_do(tmp_path: Path) -> None:
    runner, output = _runner(tmp_path)
    code = "print('noise'); print('error: got 1, wanted 2; change it'); raise SystemExit(4)"

    with pytest.raises(SystemExit) as ended:
        runner.run([_python("good", "pass"), _python("bad", code, "good")])

    assert ended.value.code == 1
    shown = output.getvalue()
    assert "✗ part bad failed with exit code 4:\n  error: got 1, wanted 2; change it\n" in shown
    assert str(tmp_path / "logs" / "bad.log") in shown
    assert "Once that is mended: make up" in shown
    assert "noise" not in shown
    assert set(measured(tmp_path / "steps.json")) == {"good"}


def test_an_interruption_is_one_line_and_ends_with_130(tmp_path: Path) -> None:
    runner, output = _runner(tmp_path)
    code = f"import os, time; os.kill(os.getppid(), {signal.SIGINT:d}); time.sleep(60)"

    with pytest.raises(SystemExit) as ended:
        runner.run([_python("a", code)])

    assert ended.value.code == 130
    assert output.getvalue().rstrip().endswith("Interrupted. make up continues where it stopped.")
    assert measured(tmp_path / "steps.json") == {}


def test_what_a_step_notes_for_people_is_shown_once(tmp_path: Path) -> None:
    runner, output = _runner(tmp_path)
    code = (
        "print('noise'); print('note: removed a stale lock'); print('note: removed a stale lock')"
    )

    runner.run([_python("deploy", code)])

    assert output.getvalue().splitlines()[-1] == "  note: removed a stale lock"
    assert output.getvalue().count("stale lock") == 1


def test_a_test_runner_is_shown_with_its_closing_line(tmp_path: Path) -> None:
    runner, output = _runner(tmp_path)

    runner.run([_python("tests", "print('===== 12 passed in 3.4s =====')")], closing=True)

    assert output.getvalue().splitlines()[-1].endswith("12 passed in 3.4s")


def test_without_an_explanation_the_end_of_the_output_is_shown() -> None:
    output = "\n".join(f"\x1b[31mline {number}\x1b[0m" for number in range(100))
    assert last_words(output) == [f"line {number}" for number in range(75, 100)]


def test_silence_is_called_so() -> None:
    assert last_words("") == ["(it printed nothing)"]
