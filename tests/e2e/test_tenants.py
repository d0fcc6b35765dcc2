"""e2e: a second tenant comes with agents of its own, is kept apart, and is shut out when it goes."""

import re
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx2 as httpx
import pytest
import yaml

from components.labels import access, selector
from tests.e2e.platform import (
    AGENT,
    DOCUMENT,
    EDGE,
    ROOT,
    TENANT,
    Object,
    changed_settings,
    kubectl,
    pods,
    run,
    up,
)
from tests.e2e.probes import Source, connections, targets
from toolchain.cluster.layout import Layout
from toolchain.paths import Paths

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

GUESTS = "guests"
# Reserved for documentation (RFC 5737): nobody's, and yet public to every policy.
PUBLIC = "203.0.113.10"


def _added(config: Object) -> None:
    quota = {"agents": 2, "cpu": "1", "memory": "1Gi", "storage": "1Gi"}
    config["agent-platform:tenants"].append({"name": GUESTS, "quota": quota})
    config["agent-platform:agents"] += [
        *_agents_of_the_readme(),
        {
            "name": "caller",
            "tenant": GUESTS,
            "image": "agent-runtime",
            "scale": {"min": 2, "max": 3},
            "egress": ["api.example.com"],
        },
    ]


def _agents_of_the_readme() -> list[Object]:
    text = (ROOT / "README.md").read_text()
    (block,) = re.findall(r"```yaml\n(agent-platform:agents:.*?)```", text, re.DOTALL)
    return yaml.safe_load(block)["agent-platform:agents"]


@pytest.fixture(scope="module", autouse=True)
def added(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    with changed_settings(tmp_path_factory.mktemp("settings"), _added) as settings:
        up(settings)
        yield


@pytest.fixture(scope="module")
def removed(added: None) -> None:
    """The stack as it is in the repository again."""
    up()


@contextmanager
def a_public_server() -> Generator[tuple[str, int]]:
    """Port 443 of a public address, at the host's end of the cluster's own link."""
    paths = Paths.from_environment()
    link = Layout(paths.cluster, paths.bin).link
    run("ip", "address", "add", f"{PUBLIC}/32", "dev", link)
    try:
        with socket.create_server((PUBLIC, 443)) as server:

            def accept() -> None:
                while True:
                    try:
                        server.accept()[0].close()
                    except OSError:
                        return

            thread = Thread(target=accept, daemon=True)
            thread.start()
            try:
                yield PUBLIC, 443
            finally:
                server.shutdown(socket.SHUT_RDWR)
                thread.join()
    finally:
        run("ip", "address", "del", f"{PUBLIC}/32", "dev", link)


def test_the_second_agent_of_the_readme_answers_under_its_own_path() -> None:
    (agent,) = _agents_of_the_readme()
    url = f"{EDGE}{agent['routes'][0]['path']}/api/v1/extract-features"
    answer = httpx.post(url, json={"document": DOCUMENT}, timeout=30)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json()["agent"] == agent["name"]


def test_an_agent_with_egress_reaches_public_addresses_and_nothing_private_but_its_stores() -> None:
    stores = access("postgres", "redis")
    private = frozenset({"dns", "postgres", "redis"})
    sources = {
        "calling": Source(GUESTS, {**selector("caller", "agent"), **stores}, private | {"public"}),
        "silent": Source(TENANT, {**selector(AGENT, "agent"), **stores}, private),
    }
    with (
        a_public_server() as public,
        connections(sources, {**targets(), "public": public}, namespaces=()) as seen,
    ):
        for name, source in sources.items():
            assert {target for target, went in seen[name].items() if went} == source.reaches, name


def _query(sql: str) -> list[str]:
    (server,) = pods("stores", "app.kubernetes.io/name=postgres")
    shell = ("exec", "-n", "stores", server["metadata"]["name"], "--", "psql", "-Atc", sql)
    return kubectl(*shell).stdout.split()


def test_a_removed_tenant_is_shut_out_and_its_data_stays(removed: None) -> None:
    logins = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE '{}\\_%' ORDER BY 1"
    assert _query(logins.format(TENANT)) == [f"{TENANT}_a", f"{TENANT}_b"]
    assert _query(logins.format(GUESTS)) == []
    assert _query(f"SELECT usename FROM pg_stat_activity WHERE usename LIKE '{GUESTS}%'") == []  # noqa: S608 (a constant)
    assert _query("SELECT datname FROM pg_database ORDER BY 1").count(GUESTS) == 1


def test_a_larger_volume_that_the_cluster_cannot_grow_is_refused_with_its_reason(
    tmp_path: Path, removed: None
) -> None:
    def larger(config: Object) -> None:
        config["agent-platform:stores"]["postgres"]["storage"] = "3Gi"

    with changed_settings(tmp_path, larger) as settings, pytest.raises(AssertionError) as refused:
        up(settings)
    assert "only dynamically provisioned pvc can be resized" in str(refused.value)
    assert pods("stores", "app.kubernetes.io/name=postgres")
