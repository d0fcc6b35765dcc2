"""Real servers from the distribution's packages, as child processes in temporary folders."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.certificates import Certificates

PASSWORD = "correct horse battery staple"
_POSTGRES_HOMES = ("/usr/lib/postgresql", "/usr/local/pgsql")


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Identity:
    """Whom a server runs as; nothing of it means: as we do."""

    user: int | None = None
    group: int | None = None


def unprivileged() -> Identity:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Identity()
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(found.pw_uid, found.pw_gid)
    raise AssertionError("running as root, and there is no user postgres or nobody to run as")


def hand_over(path: Path) -> None:
    """Let the unprivileged user own the path and what is in it."""
    owner = unprivileged()
    if owner.user is None or owner.group is None:
        return
    for entry in (path, *path.rglob("*")):
        os.chown(entry, owner.user, owner.group)


def postgres_binary(name: str) -> str:
    """The newest installed one."""
    if found := shutil.which(name):
        return found
    for home in _POSTGRES_HOMES:
        versions = sorted(Path(home).glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
        if versions:
            return str(versions[-1])
    raise AssertionError(f"no {name} found: install PostgreSQL's server package")


@dataclass
class Server:
    """A child process listening on a port."""

    command: list[str]
    port: int
    folder: Path
    stop_signal: int
    ready: list[str]
    """A command that ends with 0 once the server takes work."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start it and wait until it takes work."""
        runs_as = unprivileged()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=runs_as.user,
                group=runs_as.group,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            if subprocess.run(self.ready, check=False, capture_output=True).returncode == 0:
                return
            time.sleep(0.02)
        said = self.log.read_text()[-2000:]
        raise AssertionError(f"{self.command[0]} takes no work on {self.port}; it said:\n{said}")

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Connections stay open, but nothing answers: what a failed node looks like."""
        assert self.process is not None
        whole = psutil.Process(self.process.pid)
        everyone = [whole, *whole.children(recursive=True)]
        for process in everyone:
            process.suspend()
        try:
            yield
        finally:
            for process in reversed(everyone):
                process.resume()

    def stop(self) -> None:
        """End it and wait until it is gone."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process = None


def postgres(folder: Path, certificates: Certificates) -> Server:
    """PostgreSQL that takes password logins over TLS and nothing else; not started yet."""
    data = folder / "data"
    secret = folder / "password"
    secret.write_text(PASSWORD)
    for source in (certificates.server, certificates.key):
        shutil.copy(source, folder / source.name)
    hand_over(folder)
    subprocess.run(
        [
            postgres_binary("initdb"),
            *("--pgdata", str(data), "--username", "agent", "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        user=unprivileged().user,
        group=unprivileged().group,
    )
    (folder / "server.key").chmod(0o600)
    (data / "pg_hba.conf").write_text("hostssl all agent 127.0.0.1/32 scram-sha-256\n")
    port = free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "ssl": "on",
        "ssl_cert_file": str(folder / "server.crt"),
        "ssl_key_file": str(folder / "server.key"),
        "fsync": "on",
        "max_connections": "200",
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = [postgres_binary("postgres"), "-D", str(data), *settings]
    ready = [postgres_binary("pg_isready"), "--host", "127.0.0.1", "--port", str(port)]
    return Server(command, port, folder, stop_signal=signal.SIGINT, ready=ready)


def redis(folder: Path, certificates: Certificates) -> Server:
    """Redis that takes password logins over TLS and nothing else; not started yet."""
    for source in (certificates.server, certificates.key, certificates.ca):
        shutil.copy(source, folder / source.name)
    port = free_port()
    config = folder / "redis.conf"
    config.write_text(
        f"""bind 127.0.0.1
port 0
tls-port {port}
tls-cert-file {folder / "server.crt"}
tls-key-file {folder / "server.key"}
tls-ca-cert-file {folder / "ca.crt"}
tls-auth-clients no
requirepass "{PASSWORD}"
user guest on ">{PASSWORD}" ~guest:* &guest:* +@all -@admin -@dangerous +info
dir {folder}
save ""
appendonly no
"""
    )
    hand_over(folder)
    binary = shutil.which("redis-server")
    assert binary is not None, "no redis-server found: install Redis's server package"
    ready = [
        *("redis-cli", "--no-auth-warning", "-p", str(port), "-a", PASSWORD),
        *("--tls", "--cacert", str(certificates.ca), "ping"),
    ]
    return Server([binary, str(config)], port, folder, stop_signal=signal.SIGTERM, ready=ready)
