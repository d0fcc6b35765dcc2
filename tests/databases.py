"""A real PostgreSQL for tests, as a child process in a folder of its own."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import ports

_HOMES = ("/usr/lib/postgresql", "/usr/local/pgsql")
_ROOT = "rdsadmin"
"""Superuser of the server, who is nobody's to be: named as RDS names its own."""
_START_SECONDS = 30


def binary(name: str) -> str:
    """The newest installed one. What is on the PATH may be a script that chooses among them."""
    for home in _HOMES:
        found = sorted(Path(home).glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
        if found:
            return str(found[-1])
    if on_path := shutil.which(name):
        return on_path
    raise AssertionError(f"no {name} in {', '.join(_HOMES)}: install PostgreSQL's server package")


def _runs_as() -> tuple[int, int] | tuple[None, None]:
    """User and group of the server, which refuses to be root; nothing of it means: as we are."""
    if os.geteuid() != 0:
        return None, None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise AssertionError("running as root, and there is no user postgres or nobody to run as")


@dataclass(frozen=True)
class Postgres:
    """A server on a port of the loopback interface, where everybody needs a password."""

    port: int
    folder: Path

    @property
    def log(self) -> str:
        """Every statement it was given, and what became of it."""
        return (self.folder / "server.log").read_text()

    def environment(self, **more: str) -> dict[str, str]:
        """Of a client: nothing of the one who runs the tests, but where the server is."""
        return {
            "PATH": os.environ["PATH"],
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGSSLMODE": "disable",
            **more,
        }

    def psql(self, sql: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """What psql says to `sql`."""
        command = [binary("psql"), "--no-psqlrc", "--set=ON_ERROR_STOP=1", "-qAt", "-c", sql]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    def as_root(self, sql: str, database: str = "postgres") -> str:
        """What the superuser is answered."""
        env = self.environment(PGHOST=str(self.folder), PGUSER=_ROOT, PGDATABASE=database)
        answer = self.psql(sql, env)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()


@contextmanager
def postgres(folder: Path) -> Generator[Postgres]:
    """A server until the block ends. The path of `folder` is short: it holds a socket."""
    user, group = _runs_as()
    if user is not None and group is not None:
        os.chown(folder, user, group)
    data, server = folder / "data", Postgres(ports.free(1)[0], folder)
    subprocess.run(
        [
            binary("initdb"),
            *("--pgdata", str(data), "--username", _ROOT, "--no-sync"),
            *("--auth-local", "trust", "--auth-host", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C"),
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        user=user,
        group=group,
    )
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(server.port),
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "log_statement": "all",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [binary("postgres"), "-D", str(data), *options],
            stdout=log,
            stderr=log,
            cwd=folder,
            user=user,
            group=group,
        )
    try:
        _wait(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait(server: Postgres, process: subprocess.Popen[bytes]) -> None:
    ready = [binary("pg_isready"), "--host", "127.0.0.1", "--port", str(server.port)]
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if subprocess.run(ready, check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.02)
    raise AssertionError(f"the server takes no work; it said:\n{server.log[-2000:]}")
