"""The simulated AWS: moto's server on loopback, as long as a rehearsal lasts."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from toolchain.cluster.supervision import tail
from toolchain.cluster.waiting import until

START_SECONDS = 60
STOP_SECONDS = 10
CREDENTIALS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "rehearsal",
    "AWS_SECRET_ACCESS_KEY": "rehearsal",
    # Whoever has a profile of his own is not to be asked for its second factor.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # Without them no policy of AWS's own can be attached.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
}
"""Of nobody: moto takes any, and none of the person's is to reach a rehearsal."""


@dataclass(frozen=True)
class SimulatedAws:
    """An AWS of our own, empty when it starts."""

    endpoint: str
    """URL that every service answers at."""


@contextmanager
def running(folder: Path, account: str) -> Generator[SimulatedAws]:
    """Run moto's server for the account with this id, and end it afterwards."""
    port = _free_port()
    log = folder / "moto.log"
    simulated = SimulatedAws(f"http://127.0.0.1:{port}")
    environment = {**os.environ, **CREDENTIALS, "MOTO_ACCOUNT_ID": account}
    # The kernel ends it, should we be killed before we can.
    command = ["setpriv", "--pdeathsig", "KILL", "--", sys.executable, "-m", "moto.server"]
    command += ["-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    try:
        until(
            lambda: _answers(simulated.endpoint),
            seconds=START_SECONDS,
            what="simulated AWS",
            explain=lambda: f"The last lines of {log}:\n{tail(log, 25)}",
            failed=lambda: None if process.poll() is None else "moto's server ended",
        )
        yield simulated
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(endpoint: str) -> bool:
    try:
        return httpx2.get(f"{endpoint}/moto-api/", timeout=5, trust_env=False).is_success
    except httpx2.TransportError:
        return False


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
