"""The images by themselves, in a containerd of the tests' own: real servers, real TLS clients.

Needs root, containerd and the clients psql and redis-cli; builds the images when they are not built.
"""

import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.containers import Container, Containers, containerd, wait_until
from toolchain import debian, images
from toolchain.cluster import pki
from toolchain.image_archive import BuiltImage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PASSWORD = "it's \\ a $word"
SUPERUSER = "user=postgres dbname=postgres"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Generator[Containers]:
    assert os.geteuid() == 0, "got no root, wanted it: containerd makes namespaces; run with sudo"
    debian.ensure(["containerd", "runc", "postgresql-client-15", "redis-tools", "util-linux"])
    with containerd(tmp_path_factory.mktemp("node")) as containers:
        yield containers


@pytest.fixture(scope="module")
def postgres(node: Containers) -> BuiltImage:
    return _loaded("postgres", node)


@pytest.fixture(scope="module")
def redis(node: Containers) -> BuiltImage:
    return _loaded("redis", node)


def _loaded(name: str, node: Containers) -> BuiltImage:
    built = images.build(name, print)
    assert node.load(built) == built.digest
    return built


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the certificate's secret is mounted: readable by the group, not the owner's alone."""
    folder = tmp_path_factory.mktemp("tls")
    names = ("localhost", "127.0.0.1")
    server = pki.Leaf(name="tls", authority="ca", common_name="localhost", names=names)
    pki.ensure(folder, [server])
    for path in folder.iterdir():
        path.chmod(0o644)
    return _reachable(folder)


def _reachable(folder: Path) -> Path:
    folder.chmod(0o755)
    return folder


def _volume(folder: Path) -> Path:
    """A volume as a pod with fsGroup 1001 gets it."""
    folder.mkdir()
    os.chown(folder, 1001, 1001)
    return folder


def _secret(folder: Path, **values: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, value in values.items():
        (folder / name).write_text(value)
    return _reachable(folder)


def _psql(
    server: Container,
    tls: Path,
    settings: str,
    password: str,
    sql: str,
    *,
    mode: str = "verify-full",
) -> "subprocess.CompletedProcess[str]":
    target = f"host=localhost sslmode={mode} sslrootcert={tls}/ca.crt {settings}"
    environment = ["env", f"PGPASSWORD={password}", "PGCONNECT_TIMEOUT=5"]
    return server.inside([*environment, "psql", "-XAtc", sql, target])


def _ready(server: Container) -> None:
    """Wait until the probe of the image says so."""

    def answered() -> bool:
        assert not server.ended(), server.log.read_text()
        probe = server.execute("pg_isready")
        print(probe.stdout, probe.stderr)
        return probe.returncode == 0

    wait_until(answered, "pg_isready")


def test_postgres_keeps_data_over_restarts_and_takes_a_new_superuser_password(
    node: Containers, postgres: BuiltImage, tls: Path, tmp_path: Path
) -> None:
    data = _volume(tmp_path / "data")
    secret = _secret(tmp_path / "secret", password=PASSWORD)
    mounts = {
        data: "/var/lib/postgresql/data",
        tls: "/run/tls:ro",
        secret: "/run/secrets/postgres:ro",
    }
    with node.running(postgres, "pg1", mounts=mounts) as server:
        _ready(server)
        made = _psql(server, tls, SUPERUSER, PASSWORD, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert made.returncode == 0, made.stderr
        assert server.stop() < 10
        server.says("database system is shut down")

    _secret(secret, password="another\n")
    arguments = ("postgres", "-c", "max_connections=33")
    with node.running(postgres, "pg2", mounts=mounts, command=("entrypoint", *arguments)) as server:
        _ready(server)
        refused = _psql(server, tls, SUPERUSER, PASSWORD, "SELECT 1")
        assert "password authentication failed" in refused.stderr
        kept = _psql(server, tls, SUPERUSER, "another", "SELECT answer FROM kept")
        assert kept.stdout.strip() == "42", kept.stderr
        given = _psql(server, tls, SUPERUSER, "another", "SHOW max_connections")
        assert given.stdout.strip() == "33"
        assert "another" not in server.log.read_text()


def test_postgres_survives_being_killed(
    node: Containers, postgres: BuiltImage, tls: Path, tmp_path: Path
) -> None:
    mounts = {
        _volume(tmp_path / "data"): "/var/lib/postgresql/data",
        tls: "/run/tls:ro",
        _secret(tmp_path / "secret", password=PASSWORD): "/run/secrets/postgres:ro",
    }
    with node.running(postgres, "pg3", mounts=mounts) as server:
        _ready(server)
        made = _psql(server, tls, SUPERUSER, PASSWORD, "CREATE TABLE kept AS SELECT 7 AS answer")
        assert made.returncode == 0, made.stderr
    with node.running(postgres, "pg4", mounts=mounts) as server:
        _ready(server)
        kept = _psql(server, tls, SUPERUSER, PASSWORD, "SELECT answer FROM kept")
        assert kept.stdout.strip() == "7", kept.stderr


def test_postgres_refuses_plain_text_and_roles_without_their_password(
    node: Containers, postgres: BuiltImage, tls: Path, tmp_path: Path
) -> None:
    mounts = {
        _volume(tmp_path / "data"): "/var/lib/postgresql/data",
        tls: "/run/tls:ro",
        _secret(tmp_path / "secret", password=PASSWORD): "/run/secrets/postgres:ro",
    }
    with node.running(postgres, "pg5", mounts=mounts) as server:
        _ready(server)
        plain = _psql(server, tls, SUPERUSER, PASSWORD, "SELECT 1", mode="disable")
        assert plain.returncode != 0
        assert "no encryption" in plain.stderr
        made = _psql(server, tls, SUPERUSER, PASSWORD, "CREATE ROLE one LOGIN PASSWORD 'p1'")
        assert made.returncode == 0, made.stderr
        used = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        own = _psql(server, tls, "user=one dbname=postgres", "p1", used)
        assert own.stdout.strip() == "t|TLSv1.3", own.stderr
        wrong = _psql(server, tls, "user=one dbname=postgres", "p2", used)
        assert "password authentication failed" in wrong.stderr
        stored = "SELECT rolpassword FROM pg_authid WHERE rolname IN ('one', 'postgres')"
        verifiers = _psql(server, tls, SUPERUSER, PASSWORD, stored).stdout.splitlines()
        assert len(verifiers) == 2
        assert all(verifier.startswith("SCRAM-SHA-256$") for verifier in verifiers)


def test_a_store_without_its_secret_says_what_to_mount(
    node: Containers, postgres: BuiltImage, redis: BuiltImage, tls: Path, tmp_path: Path
) -> None:
    volume = _volume(tmp_path / "data")
    for image, place in ((postgres, "/var/lib/postgresql/data"), (redis, "/data")):
        mounts = {volume: place, tls: "/run/tls:ro"}
        with node.running(image, f"bare-{image.name}", mounts=mounts) as server:
            wait_until(server.ended, "the container ended")
            server.says(r"got no readable.*password.*mount its secret")


def test_redis_answers_over_tls_alone_and_keeps_users_to_their_keys(
    node: Containers, redis: BuiltImage, tls: Path, tmp_path: Path
) -> None:
    secret = _secret(tmp_path / "secret", password="pass word\n", one="p1\nold")
    mounts = {
        _volume(tmp_path / "data"): "/data",
        tls: "/run/tls:ro",
        secret: "/run/secrets/redis:ro",
    }
    env = {"REDIS_USERS": "one one:* /run/secrets/redis/one"}
    command = ("entrypoint", "redis-server", "--maxmemory", "64mb")

    def client(server: Container, user: str, password: str, *words: str) -> str:
        login = ["--user", user, "--pass", password, "--no-auth-warning"]
        connect = ["redis-cli", "--tls", "--cacert", f"{tls}/ca.crt", "-h", "localhost"]
        return server.inside([*connect, *login, *words]).stdout

    with node.running(redis, "r1", mounts=mounts, env=env, command=command) as server:
        wait_until(lambda: server.execute("healthy").returncode == 0, "healthy")
        assert client(server, "default", "pass word", "set", "other", "1") == "OK\n"
        assert client(server, "one", "p1", "set", "one:a", "kept") == "OK\n"
        assert client(server, "one", "old", "get", "one:a") == "kept\n"
        assert "NOPERM" in client(server, "one", "p1", "get", "other")
        assert "NOPERM" in client(server, "one", "p1", "flushall")
        assert "PONG" not in client(server, "default", "wrong", "ping")
        assert "67108864" in client(server, "default", "pass word", "config", "get", "maxmemory")
        plain = server.inside(["timeout", "5", "redis-cli", "-h", "localhost", "ping"])
        assert "PONG" not in plain.stdout
        assert plain.returncode != 0
        assert server.stop() < 10
    with node.running(redis, "r2", mounts=mounts, env=env) as server:
        wait_until(lambda: server.execute("healthy").returncode == 0, "healthy")
        assert client(server, "one", "p1", "get", "one:a") == "kept\n"


@pytest.mark.parametrize(
    ("name", "flag", "answer"),
    [
        ("traefik", "version", r"Version: +3\."),
        ("coredns", "-version", r"CoreDNS-1\."),
        ("metrics-server", "--version", r"v0\."),
        ("local-path-provisioner", "--version", r"version"),
    ],
)
def test_a_static_image_starts_its_binary_as_its_user(
    node: Containers, name: str, flag: str, answer: str
) -> None:
    image = _loaded(name, node)
    command = (f"/usr/local/bin/{name}", flag)
    with node.running(image, name, mounts={}, command=command) as container:
        container.says(answer)


def test_the_pause_image_waits_until_it_is_told_to_end(node: Containers) -> None:
    image = _loaded("pause", node)
    with node.running(image, "pause", mounts={}) as container:
        assert not container.ended()
        assert container.stop() < 5


def test_the_runtime_is_alive_without_its_stores_and_carries_no_installer(
    node: Containers, tls: Path, tmp_path: Path
) -> None:
    image = _loaded("agent-runtime", node)
    secrets = _secret(tmp_path / "agent", database__password="p", redis__password="p")
    env = {
        "AGENT_NAME": "planner",
        "AGENT_TENANT": "research",
        "AGENT_DATABASE__HOST": "localhost",
        "AGENT_REDIS__HOST": "localhost",
    }
    mounts = {tls: "/run/tls:ro", secrets: "/run/secrets/agent:ro"}
    with node.running(image, "runtime", mounts=mounts, env=env) as server:

        def status(path: str) -> str:
            ask = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
            return server.inside([*ask, f"http://127.0.0.1:8000{path}"]).stdout

        def alive() -> bool:
            assert not server.ended(), server.log.read_text()
            return status("/health") == "200"

        wait_until(alive, "/health answers")
        assert status("/ready") == "503"
        assert server.execute("id", "-u").stdout.strip() == "1001"
        for absent in ("import pip", "import ensurepip"):
            assert "ModuleNotFoundError" in server.execute("python", "-c", absent).stderr
        assert server.execute("sh", "-c", "command -v gcc cc pip uv").stdout == ""
        written = server.execute("sh", "-c", "touch /opt/app/x || touch /opt/venv/x")
        assert "Read-only file system" in written.stderr
        stale = (
            "import importlib.util as u, pathlib, agent_runtime, fastapi\n"
            "for m in (agent_runtime, fastapi, pathlib):\n"
            "    c = pathlib.Path(u.cache_from_source(m.__file__)).read_bytes()\n"
            "    assert c[4] == 1, (m, c[:8])\n"
        )
        checked = server.execute("python", "-c", stale)
        assert checked.returncode == 0, checked.stderr
        assert server.stop() < 25
