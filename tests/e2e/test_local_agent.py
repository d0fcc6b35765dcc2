"""Tier e2e: the agent as processes of this machine, where pods are only played."""

from collections.abc import Generator

import httpx2
import psutil
import pytest

from toolchain import builds
from toolchain.cluster.layout import Layout
from toolchain.cluster.network import ports_in_a_row
from toolchain.cluster.settings import Settings
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.paths import Paths

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PATHS = Paths.from_environment()
DOCUMENT = {"document": "Acme Corp. paid 12 EUR to Ada Lovelace in Vienna."}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[SimulatedCluster]:
    builds.build("kwok", print)
    first = ports_in_a_row(9)
    made = SimulatedCluster(
        Layout(tmp_path_factory.mktemp("local"), PATHS.bin),
        Settings(api_port=first, edge_port=first + 8),
        builds.module_dir,
        "it is a test",
    )
    made.up(print)
    made.serve("reader", "research", print)
    try:
        yield made
    finally:
        made.clean(print)


def _client(cluster: SimulatedCluster) -> httpx2.Client:
    return httpx2.Client(base_url=f"http://127.0.0.1:{cluster.edge_port}", trust_env=False)


def _extract(cluster: SimulatedCluster) -> httpx2.Response:
    with _client(cluster) as client:
        return client.post("/api/v1/extract-features", json=DOCUMENT)


def _get(cluster: SimulatedCluster, path: str) -> httpx2.Response:
    with _client(cluster) as client:
        return client.get(path)


def _pid(cluster: SimulatedCluster, name: str) -> str:
    return next(one.detail for one in cluster.status().components if one.name == name)


def test_the_agent_answers_from_its_own_database_and_cache(cluster: SimulatedCluster) -> None:
    answer = _extract(cluster)

    assert answer.status_code == 200
    assert answer.json()["agent"] == "reader"
    assert answer.json()["data"]["model"]["offline"]
    ready = _get(cluster, "/ready").json()
    assert all(check["ok"] for check in ready["checks"].values()), ready


def test_serving_what_is_served_already_changes_nothing(cluster: SimulatedCluster) -> None:
    before = _pid(cluster, "agent").split(",")[0]
    cluster.serve("reader", "research", print)
    assert _pid(cluster, "agent").split(",")[0] == before


def test_another_entry_starts_the_agent_anew(cluster: SimulatedCluster) -> None:
    cluster.serve("writer", "research", print)

    answer = _extract(cluster)

    assert answer.json()["agent"] == "writer"


def test_results_outlive_the_processes_and_no_process_outlives_the_cluster(
    cluster: SimulatedCluster,
) -> None:
    kept = _extract(cluster).json()["extraction_id"]
    folder = str(cluster.kubeconfig.parent)

    cluster.down(print)

    left = [one.info["cmdline"] for one in psutil.process_iter(["cmdline"])]
    assert not [command for command in left if command and folder in " ".join(command)]
    cluster.up(print)
    cluster.serve("writer", "research", print)
    assert _get(cluster, f"/api/v1/extraction/{kept}").status_code == 200
