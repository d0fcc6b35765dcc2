"""A way to a Service from this machine, for clusters whose ports are not led here."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO

from toolchain.cli.kubectl import Kubectl
from toolchain.cluster import ClusterError

SAYS = "Forwarding from "


@contextmanager
def forwarded(kubectl: Kubectl, namespace: str, service: str, port: str) -> Generator[str]:
    """The address at which the service answers while in here: a free port of loopback."""
    place = (f"--namespace={namespace}", f"service/{service}", f":{port}")
    command = kubectl.command("port-forward", "--address=127.0.0.1", *place)
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for; narrows the type
        assert process.stderr is not None  # noqa: S101 - as above
        try:
            yield f"http://{_address(process.stdout, process.stderr, command)}"
        finally:
            process.terminate()


def _address(output: IO[str], errors: IO[str], command: list[str]) -> str:
    line = output.readline()
    if not line.startswith(SAYS):
        raise ClusterError(f"`{' '.join(command)}` opened no way: {line}{errors.read().strip()}")
    return line.removeprefix(SAYS).split()[0]
