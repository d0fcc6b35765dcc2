"""Run a command in a network of its own, where there is loopback and nothing else.

It is a program: `python alone.py <command …>`, inside of `unshare --net`.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from typing import Final

SET_FLAGS: Final = 0x8914
"""SIOCSIFFLAGS of <linux/sockios.h>."""
UP: Final = 0x1 | 0x40
"""IFF_UP and IFF_RUNNING of <linux/if.h>."""
NETWORK: Final = ("unshare", "--net", "--map-root-user")


@cache
def possible() -> bool:
    """Whether the kernel lets this user make networks; in many a container it does not."""
    try:
        return subprocess.run([*NETWORK, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def alone(command: Sequence[str]) -> list[str]:
    """The command that runs `command` without any network, as far as that is possible."""
    return [*NETWORK, sys.executable, "-I", __file__, *command] if possible() else [*command]


def main(command: Sequence[str]) -> None:
    """Switch loopback on, and become the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh22x", b"lo", UP))
    os.execvp(command[0], list(command))  # noqa: S606 - a list of arguments, and no shell


if __name__ == "__main__":
    main(sys.argv[1:])
