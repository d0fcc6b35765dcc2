"""Child processes of the host: started in a group of their own, ended with everything in it."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Literal

GRACE_SECONDS = 4.0
"""How long a child may take to end when asked to: the engine gives a plugin 5 s in all."""

Stream = Literal["stdout", "stderr"]


@dataclass
class Children:
    """Every process this host has running, so that none outlives it."""

    _running: set[subprocess.Popen[bytes]] = field(default_factory=set[subprocess.Popen[bytes]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        piped: bool,
        told: str = "",
    ) -> subprocess.Popen[bytes]:
        """Start `command`, which reads `told`; unless `piped`, it writes where the host itself writes."""
        output = subprocess.PIPE if piped else None
        with tempfile.TemporaryFile() as given:
            given.write(told.encode())
            given.seek(0)
            child = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=given,
                stdout=output,
                stderr=output,
                # Its own group: an interrupt meant for the host must not reach the program as
                # KeyboardInterrupt, and ending the group ends what the program started as well.
                process_group=0,
            )
        with self._lock:
            self._running.add(child)
        return child

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        """The child's exit status; negative when a signal ended it."""
        status = child.wait()
        with self._lock:
            self._running.discard(child)
        return status

    def end_all(self) -> None:
        """End every child and wait until it is gone."""
        with self._lock:
            running = list(self._running)
        for child in running:
            end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """End the child and its group: asked first, then made to. Nothing if it has ended already."""
    if child.poll() is not None:
        return
    _signal_group(child, signal.SIGTERM)
    try:
        child.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_group(child, signal.SIGKILL)
        child.wait()
    # Whoever of the group has outlived its leader.
    _signal_group(child, signal.SIGKILL)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # The group may have ended between the question and the signal, which is what was wanted.
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def output(child: subprocess.Popen[bytes]) -> Iterator[tuple[Stream, bytes]]:
    """What a piped child writes, as it writes it, until both its streams are closed."""
    written: SimpleQueue[tuple[Stream, bytes]] = SimpleQueue()

    def read(name: Stream, stream: IO[bytes]) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), 65536):
                written.put((name, chunk))
        written.put((name, b""))

    streams: list[tuple[Stream, IO[bytes] | None]] = [
        ("stdout", child.stdout),
        ("stderr", child.stderr),
    ]
    opened = 0
    for name, stream in streams:
        if stream is not None:
            opened += 1
            threading.Thread(target=read, args=(name, stream), daemon=True).start()
    while opened:
        name, chunk = written.get()
        if chunk:
            yield name, chunk
        else:
            opened -= 1
