"""The engine as a process: started, followed by its event log, and interrupted as it wants to be."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from toolchain.cli.events import Tally
from toolchain.commands import OnLine

PATIENCE = 15.0
"""Seconds in which the engine may bring what it began to an end when interrupted."""
TICK = 1.0


@dataclass(frozen=True)
class Outputs:
    """Files that take what a process prints."""

    answer: IO[str]
    complaints: IO[str]


@contextmanager
def process(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    into: Outputs | None = None,
) -> Generator[subprocess.Popen[str]]:
    """A process that is interrupted as Pulumi wants to be: alone, so that its plugins outlive it.

    All that it prints comes by its `stdout`, unless it is to be written to files.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if into is None else into.answer,
        stderr=subprocess.STDOUT if into is None else into.complaints,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as running:
        try:
            yield running
        except BaseException:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
            raise


@contextmanager
def follow(log: Path, tally: Tally, on_line: OnLine) -> Generator[None]:
    """Read the event log while it is written, and say now and then where the update is."""
    through = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(_read, log, tally, on_line, through.wait)
        try:
            yield
        finally:
            through.set()
        # What it could not read is an error here, and not the end of a thread that nobody sees.
        reader.result()


def _read(log: Path, tally: Tally, on_line: OnLine, wait: Callable[[float], bool]) -> None:
    position, through = 0, False
    said = ""
    while not through:
        # Once more after the end, for what was written last.
        through = wait(TICK)
        if log.exists():
            with log.open("rb") as stream:
                stream.seek(position)
                # Only whole lines: the engine may be in the middle of a letter.
                while (line := stream.readline()).endswith(b"\n"):
                    tally.feed(line.decode())
                    position = stream.tell()
        now = tally.line()
        if now != said and not through:
            on_line(now)
            said = now
