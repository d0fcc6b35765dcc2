"""Engine: the app's tests pass on servers as the workflow's services are: no TLS, no role, no password."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import ports
from tests.databases import postgres
from tests.workflows.reading import ROOT, workflows

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

APP = ROOT / "app"


@contextmanager
def redis(folder: Path) -> Generator[int]:
    """A Redis as its image starts it; its port."""
    port = ports.free(1)[0]
    binary = shutil.which("redis-server")
    assert binary is not None, "no redis-server: install Redis's server package"
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            ping = ["redis-cli", "-p", str(port), "ping"]
            deadline = time.monotonic() + 30
            while subprocess.run(ping, capture_output=True, check=False).stdout != b"PONG\n":
                assert time.monotonic() < deadline
                assert process.poll() is None
            yield port
        finally:
            process.terminate()


def test_the_apps_tests_pass_on_the_services_of_the_workflow() -> None:
    (job,) = [w.jobs["test"] for w in workflows() if w.file == "ci.yml"]
    with tempfile.TemporaryDirectory(prefix="services-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        with postgres(folder / "pg") as server, redis(folder) as redis_port:
            # What the image makes of POSTGRES_PASSWORD.
            password = job.services["postgres"].env["POSTGRES_PASSWORD"]
            server.as_root(f"CREATE ROLE postgres LOGIN SUPERUSER PASSWORD '{password}'")
            here = {"postgres": server.port, "redis": redis_port}
            environment = {name: _moved(url, here) for name, url in job.env.items()}
            assert set(environment) == {"AGENT_TESTS_POSTGRES", "AGENT_TESTS_REDIS"}
            chosen = (
                "tests/test_cache.py",
                "tests/test_migrations.py",
                "tests/test_idempotency.py",
            )
            done = subprocess.run(
                [APP / ".venv" / "bin" / "python", "-m", "pytest", "-q", *chosen],
                cwd=APP,
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout[-4000:]
            # They were indeed there, and not on servers of their own.
            assert "CREATE DATABASE" in server.log


def _moved(url: str, ports_here: dict[str, int]) -> str:
    """The address of a service, as it is on this machine."""
    host = urlsplit(url).hostname
    assert host in ports_here
    before, _, after = url.rpartition(f"{host}:")
    return f"{before}127.0.0.1:{ports_here[host]}{after[4:]}"
