"""The platform's cluster on a rehearsed AWS, with and without a control plane that stands in for it."""

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.aws.platforms import CLUSTER, NETWORK, left, write
from tests.engine.stack import Project, Update
from tests.moto import Moto
from tests.samples_cluster import NAME
from toolchain.paths import Paths
from toolchain.providers.aws import stand_ins
from toolchain.providers.aws.stand_ins import Api
from toolchain.rehearsal import stand_in

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def clusters(
    paths: Paths, tmp_path_factory: pytest.TempPathFactory
) -> Generator[stand_in.StandIns]:
    folder = tmp_path_factory.mktemp("stand-ins")
    with stand_in.running(folder, (NAME,), paths, lambda _: None) as running:
        yield running


@pytest.fixture
def api(clusters: stand_in.StandIns, monkeypatch: pytest.MonkeyPatch) -> Generator[Api]:
    """The control plane that stands in for the cluster."""
    monkeypatch.setenv(stand_ins.STAND_INS, str(clusters.folder))
    found = stand_ins.find(NAME)
    assert found is not None
    with found.api() as api:
        yield api


def changed(update: Update) -> dict[str, str]:
    """What an update did, without what stayed."""
    assert update.code == 0, update.output
    return {name: op for name, op in update.operations.items() if op not in ("same", "refresh")}


def joined(api: Api) -> list[dict[str, Any]]:
    found = api.ask("GET", "/api/v1/nodes")
    assert found is not None
    return found["items"]


def test_a_cluster_has_nodes_where_something_stands_in_for_it(
    project: Project, aws: Moto, api: Api, clusters: stand_in.StandIns
) -> None:
    project = replace(project, environment={**project.environment, **clusters.variables})
    write(project, NETWORK, CLUSTER)
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert left(aws) == {}
    project.deployed()
    assert changed(project.preview()) == {}
    assert project.outputs()["endpoint"] == str(api.client.base_url).rstrip("/")
    nodes = joined(api)
    assert len(nodes) == 6
    own = [node for node in nodes if node["spec"].get("taints")]
    assert len(own) == 3
    zones = {node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in own}
    assert zones == {"eu-central-1a", "eu-central-1b", "eu-central-1c"}

    write(project, NETWORK, CLUSTER, cluster={"protect": False, "version": "1.35"})
    foreseen = project.preview()
    done = changed(project.deployed())
    assert set(done.values()) == {"update"}
    assert changed(foreseen) == done
    assert changed(project.preview()) == {}
    assert {node["status"]["nodeInfo"]["kubeletVersion"] for node in joined(api)} == {
        "v1.35.0-eks-simulated"
    }
    project.destroy()
    assert joined(api) == []
    assert left(aws) == {}


def test_a_cluster_is_made_protected_and_removed_where_nothing_stands_in_for_it(
    project: Project, aws: Moto
) -> None:
    settings = {"protect": True, "identity": "irsa", "version": "1.35"}
    write(project, NETWORK, CLUSTER, cluster=settings)
    project.deployed()
    refreshed = project.run("refresh", "--yes", "--skip-preview")
    assert changed(refreshed) == {}
    assert changed(project.preview()) == {}
    assert project.outputs()["endpoint"].endswith(".eks.amazonaws.com")
    trust = json.loads(project.resource("extractor-role")["inputs"]["assumeRolePolicy"])
    issuer = project.outputs()["issuer"].removeprefix("https://")
    assert f"{issuer}:sub" in trust["Statement"][0]["Condition"]["StringEquals"]

    write(project, NETWORK, CLUSTER, cluster={**settings, "version": "1.34"})
    refused = project.up()
    assert refused.code != 0
    assert "Unsupported Kubernetes minor version update from 1.35 to 1.34" in refused.output

    write(project, NETWORK, CLUSTER, cluster={**settings})
    project.deployed()
    destroyed = project.run("destroy", "--yes", "--skip-preview")
    assert destroyed.code != 0
    assert "deletion protection" in destroyed.output
    assert left(aws)["clusters"] == 1

    write(project, NETWORK, CLUSTER, cluster={**settings, "protect": False})
    project.deployed()
    project.destroy()
    assert left(aws) == {}
