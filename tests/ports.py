"""Ports of the loopback interface that nobody listens on."""

import os
import socket
from contextlib import ExitStack, closing


def free(count: int) -> list[int]:
    """So many of them, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def in_a_row(count: int) -> int:
    """The first of so many that follow one another."""
    for first in range(20000 + os.getpid() % 5000, 60000, count):
        with closing(socket.socket()) as probe:
            if all(probe.connect_ex(("127.0.0.1", first + n)) for n in range(count)):
                return first
    raise AssertionError(f"got no {count} free ports in a row between 20000 and 60000")
