"""An AWS of the tests' own: moto's server in a process on loopback."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from tests import ports

REGION = "eu-central-1"
ACCOUNT = "123456789012"
START_SECONDS = 60


@dataclass(frozen=True)
class Moto:
    """A running server."""

    url: str

    def client(self, service: str, region: str = REGION) -> Any:  # noqa: ANN401 - boto3's are untyped
        """A client of boto3, to look behind the provider's back, or to meddle there."""
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        return session.client(service, region_name=region, endpoint_url=self.url)

    def reset(self) -> None:
        """Forget everything."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")  # noqa: S310 - http
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - as above


@contextmanager
def running(*, managed_policies: bool = False) -> Generator[Moto]:
    """A server, for as long as the block lasts.

    With `managed_policies` it has AWS's own (arn:aws:iam::aws:policy/…), as every account does; a
    reset takes seconds then.
    """
    (port,) = ports.free(1)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": str(managed_policies).lower()}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            moto = Moto(f"http://127.0.0.1:{port}")
            _await(moto, process)
            yield moto
        finally:
            process.terminate()


def _await(moto: Moto, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            moto.reset()
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
