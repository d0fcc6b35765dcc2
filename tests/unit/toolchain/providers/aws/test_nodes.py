"""Unit: nodes of a group in the control plane that stands in for their cluster."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.toolchain.providers.aws.api_server import REFUSED, ApiServer, serving
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.clusters import CLUSTER, NODE_GROUP, node_group
from tests.unit.toolchain.providers.aws.stand_in import Engine, Refused, World
from toolchain.providers.aws import nodes, stand_ins
from toolchain.providers.aws.nodes import Group, Machine
from toolchain.rehearsal import stand_in

LARGE = Machine(type="m7g.large", cores=2, memory_mib=8192, architecture="arm64", disk_gib=50)
GROUP = Group(
    arn="arn:aws:eks:eu-central-1:123456789012:nodegroup/agents/general/0",
    name="general",
    version="1.34",
    size=4,
    zones=("eu-central-1a", "eu-central-1b", "eu-central-1c"),
    machine=LARGE,
    capacity_type="ON_DEMAND",
    labels={"team": "a"},
    taints=({"key": "tenant", "value": "research", "effect": "NO_SCHEDULE"},),
)


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ApiServer]:
    """A control plane that stands in for the cluster of the samples."""
    folder, certificates = tmp_path / "clusters", tmp_path / "pki"
    for each in (folder, certificates):
        each.mkdir()
    with serving(certificates) as server:
        (folder / "agents.kubeconfig").write_text(server.kubeconfig("agents"))
        monkeypatch.setenv(stand_ins.STAND_INS, str(folder))
        yield server


def test_nodes_go_to_the_zones_in_turn() -> None:
    zones = [
        each["metadata"]["labels"]["topology.kubernetes.io/zone"] for each in nodes.manifests(GROUP)
    ]
    assert zones == ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1a"]


def test_a_node_says_what_it_is() -> None:
    node = nodes.manifests(GROUP)[0]
    labels = node["metadata"]["labels"]
    assert labels["kubernetes.io/arch"] == "arm64"
    assert labels["node.kubernetes.io/instance-type"] == "m7g.large"
    assert labels["eks.amazonaws.com/nodegroup"] == "general"
    assert labels["team"] == "a"
    assert node["spec"]["taints"] == [
        {"key": "tenant", "value": "research", "effect": "NoSchedule"}
    ]
    assert node["metadata"]["annotations"] == {"kwok.x-k8s.io/node": "fake"}


def test_eks_keeps_some_of_a_node_for_itself() -> None:
    assert nodes.capacity(LARGE)["memory"] == "8192Mi"
    left = nodes.allocatable(LARGE)
    assert (left["cpu"], left["memory"], left["pods"]) == ("1930m", "6627Mi", "110")
    assert nodes.allocatable(replace(LARGE, cores=48, memory_mib=196608))["pods"] == "250"


@given(cores=st.integers(1, 192), per_core=st.sampled_from((2048, 4096, 8192)))
def test_a_node_never_offers_more_than_it_has(cores: int, per_core: int) -> None:
    machine = replace(LARGE, cores=cores, memory_mib=cores * per_core)
    left = nodes.allocatable(machine)
    assert 0 < int(left["cpu"].removesuffix("m")) < cores * 1000
    assert 0 < int(left["memory"].removesuffix("Mi")) < machine.memory_mib


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_group_that_grows_keeps_its_nodes(before: int, after: int) -> None:
    def names(size: int) -> list[str]:
        return [each["metadata"]["name"] for each in nodes.manifests(replace(GROUP, size=size))]

    shorter, longer = sorted((names(before), names(after)), key=len)
    assert longer[: len(shorter)] == shorter


def test_the_rehearsal_and_the_provider_mean_the_same_folder() -> None:
    assert stand_ins.STAND_INS == stand_in.STAND_INS


def test_a_clusters_endpoint_is_that_of_what_stands_in_for_it(
    plane: ApiServer, engine: Engine
) -> None:
    made = World(engine, CASES)[CLUSTER]
    assert made.outputs["endpoint"] == plane.url
    found = stand_ins.find("agents")
    assert found is not None
    assert made.outputs["certificateAuthority"] == {"data": found.authority}
    assert "PRIVATE" not in repr(found)
    assert stand_ins.find("another") is None


def test_nodes_join_change_and_leave_with_their_group(plane: ApiServer, engine: Engine) -> None:
    world = World(engine, CASES)
    taint = {"key": "tenant", "value": "research", "effect": "NO_SCHEDULE"}
    inputs = node_group(world, taints=[taint])
    made = engine.make(NODE_GROUP, inputs)
    assert len(plane.nodes) == 2
    first, second = sorted(plane.nodes)
    # Somebody empties the node.
    emptied = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    plane.nodes[first]["spec"]["taints"].append(emptied)

    scaling = {"minSize": 1, "desiredSize": 3, "maxSize": 4}
    other = {**taint, "value": "sales"}
    changed = {**inputs, "labels": {"team": "b"}, "taints": [other], "scalingConfig": scaling}
    made = engine.change(made, changed)
    assert {first, second} < set(plane.nodes)
    for node in plane.nodes.values():
        labels = node["metadata"]["labels"]
        assert labels["team"] == "b"
        assert "agents.platform/node-group" not in labels
        assert {"key": "tenant", "value": "sales", "effect": "NoSchedule"} in node["spec"]["taints"]
    assert plane.nodes[first]["spec"]["taints"][0] == emptied
    assert len(plane.nodes[first]["spec"]["taints"]) == 2

    none = {"minSize": 0, "desiredSize": 0, "maxSize": 4}
    made = engine.change(made, {**changed, "scalingConfig": none})
    assert plane.nodes == {}
    made = engine.change(made, changed)
    engine.remove(made)
    assert plane.nodes == {}


def test_two_groups_keep_their_nodes_apart(plane: ApiServer, engine: Engine) -> None:
    world = World(engine, CASES)
    one = world[NODE_GROUP]
    other = engine.make(NODE_GROUP, one.inputs, name="second")
    assert len(plane.nodes) == 4
    engine.remove(one)
    assert {node["metadata"]["labels"][nodes.GROUP] for node in plane.nodes.values()} == {
        other.outputs["nodeGroupName"]
    }


def test_a_group_whose_nodes_cannot_join_is_not_left_behind(
    plane: ApiServer, engine: Engine
) -> None:
    world = World(engine, CASES)
    with pytest.raises(Refused, match=r"stands in for cluster agents refuses .* is not taken"):
        engine.make(NODE_GROUP, node_group(world, labels={"team": REFUSED}))
    assert plane.nodes == {}
    engine.remove(world[CLUSTER])


def test_a_control_plane_that_has_gone_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    certificates = tmp_path / "pki"
    certificates.mkdir()
    with serving(certificates) as server:
        (tmp_path / "agents.kubeconfig").write_text(server.kubeconfig("agents"))
    monkeypatch.setenv(stand_ins.STAND_INS, str(tmp_path))
    world = World(engine, CASES)
    with pytest.raises(Refused, match="does not answer"):
        engine.make(NODE_GROUP, node_group(world))
