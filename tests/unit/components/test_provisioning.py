"""Unit: what the provisioner's jobs tell a real PostgreSQL whose administrator is no superuser.

The server has what RDS has: an administrator with CREATEDB and CREATEROLE that may end sessions, and
a template1 that belongs to somebody else. The jobs' own command, environment and files are used.
"""

import subprocess
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from components.secrets import Slots
from components.stores.database import provisioning, retirement
from components.stores.endpoint import Administrator
from components.stores.provisioner import script
from components.stores.remote import CREDENTIALS
from components.stores.scram import verifier
from tests import samples_delivery
from tests.databases import Postgres, binary, postgres
from tests.recording import Properties, deploy

ADMINISTRATOR = "postgres"
# Among them every character that a password file, a URL or a shell would stumble over.
PASSWORD = r"""a:b\c#d'e"f$g%h&i=j[k]l;m"""
EVEN, ODD = Slots(period=0), Slots(period=1)


def container() -> Properties:
    """The job's container."""
    job = deploy(samples_delivery.remote_database).one("Job", "database-provision")
    return job.inputs["spec"]["template"]["spec"]["containers"][0]


class Jobs:
    """Runs texts as the provisioner's pods do, with the pod's paths in a folder."""

    def __init__(self, server: Postgres, folder: Path) -> None:
        self.server, self.folder, self.container = server, folder, container()
        for path in ("/etc/psql", "/run/secrets/administrator", "/run/secrets/logins"):
            (folder / path[1:]).mkdir(parents=True)
        credentials = CREDENTIALS.replace("{{ .username }}", ADMINISTRATOR)
        service = folder / "run/secrets/administrator/pg_service.conf"
        service.write_text(credentials.replace("{{ .password }}", PASSWORD))

    def here(self, text: str) -> str:
        """The pod's paths where they are now."""
        for path in ("/etc/psql", "/run/secrets"):
            text = text.replace(path, f"{self.folder}{path}")
        return text

    def run(self, sql: str, files: Mapping[str, str]) -> None:
        """The job has succeeded with these logins' files."""
        administrator = Administrator(user=ADMINISTRATOR, superuser=False, environment={}, files=())
        (self.folder / "etc/psql/run.sql").write_text(self.here(script(administrator, sql)))
        for name, content in files.items():
            (self.folder / "run/secrets/logins" / name).write_text(content)
        given = {each["name"]: self.here(each["value"]) for each in self.container["env"]}
        ours = self.server.environment()
        program, *arguments = self.container["command"]
        done = subprocess.run(
            [binary(program), *(self.here(each) for each in arguments)],
            # The server of the test has no certificate.
            env={**given, **ours},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def provision(
        self, tenant: str, slots: Slots, passwords: tuple[str, str], previous: str = "keep"
    ) -> None:
        """The tenant has a database, and logins with these passwords."""
        files = {
            suffix: verifier(password, f"{tenant}_{suffix}")
            for suffix, password in zip("ab", passwords, strict=True)
        }
        self.run(provisioning(tenant, slots, previous, superuser=False), files)


@pytest.fixture(scope="module")
def server() -> Generator[Postgres]:
    # pytest's own folders have long names, and are closed to other users.
    with tempfile.TemporaryDirectory(prefix="pg") as folder, postgres(Path(folder)) as running:
        quoted = PASSWORD.replace("'", "''")
        running.as_root(
            f"CREATE ROLE {ADMINISTRATOR} LOGIN CREATEDB CREATEROLE NOSUPERUSER "
            f"PASSWORD '{quoted}' IN ROLE pg_signal_backend"
        )
        running.as_root(f"ALTER DATABASE postgres OWNER TO {ADMINISTRATOR}", "template1")
        yield running


@pytest.fixture(scope="module")
def jobs(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    return Jobs(server, tmp_path_factory.mktemp("pod"))


def ask(
    server: Postgres, login: str, password: str, sql: str, database: str = ""
) -> subprocess.CompletedProcess[str]:
    """What a tenant is answered."""
    name = database or login.rsplit("_", 1)[0]
    env = server.environment(PGUSER=login, PGPASSWORD=password, PGDATABASE=name)
    return server.psql(sql, env)


def session(server: Postgres, login: str, password: str) -> subprocess.Popen[str]:
    """A connection that is in use."""
    env = server.environment(PGUSER=login, PGPASSWORD=password, PGDATABASE=login.rsplit("_", 1)[0])
    command = [binary("psql"), "-qAt", "-c", "SELECT pg_sleep(60)"]
    busy = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    while login not in server.as_root(
        "SELECT usename FROM pg_stat_activity WHERE state = 'active'"
    ):
        assert busy.poll() is None
    return busy


def test_both_logins_of_a_tenant_work_on_the_same_tables(server: Postgres, jobs: Jobs) -> None:
    for _ in range(2):
        jobs.provision("shared", EVEN, ("first", "second"))
    made = ask(
        server, "shared_a", "first", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)"
    )
    assert made.returncode == 0, made.stderr
    assert ask(server, "shared_b", "second", "SELECT n FROM kept").stdout.strip() == "7"
    dropped = ask(server, "shared_b", "second", "DROP TABLE kept")
    assert dropped.returncode == 0, dropped.stderr


def test_a_tenant_reaches_no_other_database(server: Postgres, jobs: Jobs) -> None:
    jobs.provision("mine", EVEN, ("first", "second"))
    jobs.provision("yours", EVEN, ("third", "fourth"))
    assert ask(server, "mine_a", "first", "SELECT 1").returncode == 0
    for database in ("yours", "postgres"):
        refused = ask(server, "mine_a", "first", "SELECT 1", database)
        assert "permission denied for database" in refused.stderr, database


def test_a_tenant_can_neither_log_in_as_the_owner_nor_make_anything_of_the_servers(
    server: Postgres, jobs: Jobs
) -> None:
    jobs.provision("plain", EVEN, ("first", "second"))
    assert ask(server, "plain", "first", "SELECT 1").returncode != 0
    for sql in ("CREATE DATABASE more", "CREATE ROLE more", f"SET ROLE {ADMINISTRATOR}"):
        assert "permission denied" in ask(server, "plain_a", "first", sql).stderr, sql


def test_after_a_rotation_the_new_password_and_the_previous_one_are_accepted(
    server: Postgres, jobs: Jobs
) -> None:
    jobs.provision("rotated", EVEN, ("first", "before"))
    jobs.provision("rotated", ODD, ("first", "second"))
    assert ask(server, "rotated_a", "first", "SELECT 1").returncode == 0
    assert ask(server, "rotated_b", "second", "SELECT 1").returncode == 0
    assert "authentication failed" in ask(server, "rotated_b", "before", "SELECT 1").stderr


def test_a_revoked_login_is_shut_out_and_its_sessions_end(server: Postgres, jobs: Jobs) -> None:
    jobs.provision("revoked", EVEN, ("first", "second"))
    busy = session(server, "revoked_b", "second")
    jobs.provision("revoked", EVEN, ("first", "second"), previous="revoke")
    assert "terminating connection" in busy.communicate(timeout=10)[1]
    assert ask(server, "revoked_b", "second", "SELECT 1").returncode != 0
    assert ask(server, "revoked_a", "first", "SELECT 1").returncode == 0


def test_a_removed_tenant_is_shut_out_and_its_data_stays(server: Postgres, jobs: Jobs) -> None:
    jobs.provision("stays", EVEN, ("first", "second"))
    jobs.provision("goes", EVEN, ("third", "fourth"))
    ask(server, "goes_a", "third", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    busy = session(server, "goes_a", "third")
    others = server.as_root("SELECT rolname FROM pg_roles WHERE rolname LIKE '%\\_a'").split()
    jobs.run(retirement([each.removesuffix("_a") for each in others if each != "goes_a"]), {})
    assert "terminating connection" in busy.communicate(timeout=10)[1]
    assert ask(server, "goes_a", "third", "SELECT 1").returncode != 0
    assert ask(server, "stays_a", "first", "SELECT 1").returncode == 0
    assert server.as_root("SELECT n FROM kept", "goes") == "7"


def test_no_password_comes_to_the_servers_log(server: Postgres, jobs: Jobs) -> None:
    jobs.provision("logged", EVEN, ("unheard-of", "never-heard-of"))
    assert 'ALTER ROLE "logged_a" LOGIN PASSWORD \'SCRAM-SHA-256$' in server.log
    assert "heard-of" not in server.log
