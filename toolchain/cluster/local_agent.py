"""The agent and its stores as processes of this machine, for where pods are only played.

The same runtime from the same sources, behind the port where the gateway would answer; PostgreSQL
and Redis are Debian's, on loopback, with passwords and TLS as in the cluster.
"""

import hashlib
import os
import secrets
import shlex
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolchain import atomic, bootstrap, debian
from toolchain.cluster import pki
from toolchain.cluster.layout import Layout
from toolchain.cluster.model import ClusterError, Progress
from toolchain.cluster.network import require_free_port
from toolchain.cluster.settings import EDGE_PORT, Settings
from toolchain.cluster.supervision import Program, Supervisor, tail
from toolchain.cluster.waiting import until
from toolchain.paths import PROJECT

PACKAGES = ("postgresql-15", "redis-server")
POSTGRES_BINARIES = Path("/usr/lib/postgresql/15/bin")
SOURCES = PROJECT / "app" / "src"
LOCK = PROJECT / "app" / "requirements.lock"
STORES = 450
"""Before the agent: ended after it, when nobody has a session any more."""
ENTER = 'set -a; . "$0"; exec "$@"'
"""For a shell: take up the variables of a file, then become the program."""


@dataclass(frozen=True)
class LocalAgent:
    """Where the processes keep their files, and how they are reached."""

    layout: Layout
    settings: Settings

    @property
    def folder(self) -> Path:
        return self.layout.data / "agent"

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    @property
    def variables(self) -> Path:
        """The runtime's environment; it is written last."""
        return self.folder / "environment"

    @property
    def postgres_port(self) -> int:
        # After the ports of the control plane.
        return self.settings.api_port + 6

    @property
    def redis_port(self) -> int:
        return self.settings.api_port + 7

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.postgres_port, self.redis_port)

    def programs(self) -> tuple[Program, ...]:
        """The processes, none of which is started before `prepare`."""
        data = self.folder / "postgres"
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.postgres_port,
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": self.folder / "stores.crt",
            "ssl_key_file": self.folder / "stores.key",
        }
        postgres = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        server = str(POSTGRES_BINARIES / "postgres")
        return (
            Program(
                name="postgres", command=(*_unprivileged(), server, "-D", str(data), *postgres)
            ),
            Program(name="redis", command=("redis-server", str(self.folder / "redis.conf"))),
            Program(name="agent", command=self.runtime("serve"), stop_seconds=25),
        )

    def runtime(self, command: str) -> tuple[str, ...]:
        """A command of the agent runtime in its environment."""
        module = (str(self.python), "-m", "agent_runtime", command)
        return ("sh", "-c", ENTER, str(self.variables), *module)

    def prepare(self, name: str, tenant: str, progress: Progress) -> None:
        """Have packages, Python environment, certificates, passwords and the database's folder."""
        try:
            debian.ensure(PACKAGES, progress)
        except debian.PackagesMissingError as error:
            raise ClusterError(f"no agent can answer here: {error}") from error
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            bootstrap.make(self.folder / "venv", LOCK)
        except bootstrap.BootstrapError as error:
            raise ClusterError(str(error)) from error
        self._certificates()
        for secret in ("database__password", "redis__password"):
            _password(self.folder / "secrets" / secret)
        self._database(progress)
        self._redis()
        variables = self._variables(name, tenant)
        lines = [f"{key}={shlex.quote(value)}\n" for key, value in sorted(variables.items())]
        atomic.write(self.variables, "".join(lines))

    def serve(
        self, supervisor: Supervisor, progress: Progress, failed: Callable[[], str | None]
    ) -> None:
        """Run what is prepared until it takes requests; a running agent of other sources ends first.

        `failed` says why waiting is in vain.
        """
        stamp, wanted = self.folder / "running", self._fingerprint()
        if stamp.exists() and stamp.read_text() != wanted:
            supervisor.stop("agent")
        for store in ("postgres", "redis"):
            supervisor.start(store)
        if supervisor.processes()["agent"].state != "RUNNING":
            require_free_port(self.settings.edge_port, EDGE_PORT)
            self._migrate(progress)
        stamp.write_text(wanted)
        supervisor.start("agent")
        log = self.layout.logs / "agent.log"
        until(
            self._answers,
            seconds=60,
            what="answering agent",
            explain=lambda: f"The last lines of {log}:\n{tail(log, 25)}",
            failed=failed,
        )
        progress("agent: LOCAL PROCESS, no pod: it answers on the gateway's port")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.settings.edge_port), timeout=1):
                return True
        except OSError:
            return False

    def _migrate(self, progress: Progress) -> None:
        # It waits for a database that is just starting.
        progress("agent: migrating its database")
        done = subprocess.run(
            self.runtime("migrate"), capture_output=True, text=True, check=False, cwd=self.folder
        )
        if done.returncode:
            raise ClusterError(
                f"the agent's migration ended with {done.returncode}, wanted 0: "
                f"{(done.stdout + done.stderr)[-2000:]}"
            )

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(self.variables.read_bytes() + LOCK.read_bytes())
        for path in sorted(SOURCES.rglob("*.py")):
            digest.update(f"{path.relative_to(SOURCES)}\n".encode() + path.read_bytes())
        return digest.hexdigest()

    def _certificates(self) -> None:
        names = ("localhost", "127.0.0.1")
        leaf = pki.Leaf(
            name="stores", authority="ca", common_name="stores", names=names, client=False
        )
        pki.ensure(self.folder, [leaf])

    def _database(self, progress: Progress) -> None:
        data = self.folder / "postgres"
        if (data / "PG_VERSION").exists():
            return
        progress("agent: making the database's folder")
        partial = self.folder / "postgres.partial"
        shutil.rmtree(partial, ignore_errors=True)
        password = self.folder / "secrets" / "database__password"
        command = (str(POSTGRES_BINARIES / "initdb"), f"--pgdata={partial}", "--username=agent")
        options = (f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")
        done = subprocess.run(
            [*_unprivileged(), *command, *options], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ClusterError(
                f"`initdb` ended with {done.returncode}, wanted 0: {done.stderr.strip()}"
            )
        hba = "hostssl all agent 127.0.0.1/32 scram-sha-256\n"
        (partial / "pg_hba.conf").write_text(hba)
        partial.rename(data)

    def _redis(self) -> None:
        password = (self.folder / "secrets" / "redis__password").read_text()
        settings = {
            "bind": "127.0.0.1",
            "port": 0,
            "tls-port": self.redis_port,
            "tls-cert-file": self.folder / "stores.crt",
            "tls-key-file": self.folder / "stores.key",
            "tls-ca-cert-file": self.folder / "ca.crt",
            "tls-auth-clients": "no",
            "requirepass": password,
            "dir": self.folder,
            # A cache: what is lost is computed again.
            "save": '""',
        }
        lines = "".join(f"{key} {value}\n" for key, value in settings.items())
        pki.write_private(self.folder / "redis.conf", lines.encode())

    def _variables(self, name: str, tenant: str) -> Mapping[str, str]:
        authority = str(self.folder / "ca.crt")
        return {
            "AGENT_NAME": name,
            "AGENT_TENANT": tenant,
            "AGENT_HOST": "127.0.0.1",
            "AGENT_PORT": str(self.settings.edge_port),
            "AGENT_SECRETS_DIR": str(self.folder / "secrets"),
            "AGENT_DATABASE__HOST": "localhost",
            "AGENT_DATABASE__PORT": str(self.postgres_port),
            "AGENT_DATABASE__NAME": "postgres",
            "AGENT_DATABASE__CA_FILE": authority,
            "AGENT_REDIS__HOST": "localhost",
            "AGENT_REDIS__PORT": str(self.redis_port),
            "AGENT_REDIS__CA_FILE": authority,
            # No gateway has to learn first that it ends.
            "AGENT_RUN__DRAIN": "0",
            # Any free port: nobody scrapes a process of this machine.
            "AGENT_MONITORING__METRICS_PORT": "0",
            "POD_NAME": "local-process",
            "PYTHONPATH": str(SOURCES),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def _password(file: Path) -> None:
    if not file.exists():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        pki.write_private(file, secrets.token_urlsafe(32).encode())


def _unprivileged() -> tuple[str, ...]:
    """PostgreSQL refuses root; as another user of a namespace of its own, it still owns its files."""
    if os.geteuid() != 0:
        return ()
    return ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
