"""Unit tier: whether all is well, and what is said when it is not."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from toolchain.cli.kubectl import Workload, quantity
from toolchain.cli.logs import choose
from toolchain.cli.status import Deployed, Report, as_json, faults, short_image, show
from toolchain.cluster import ClusterError, ComponentStatus, NodeStatus, Status

CLUSTER = Status(
    kind="embedded",
    running=True,
    components=(ComponentStatus(name="etcd", state="running", memory_bytes=64 * 2**20),),
    nodes=(NodeStatus(name="node", ready=True, version="v1.34.4", runtime="containerd://1.6"),),
)
DEPLOYED = Deployed(resources=77, last_update="2026-11-21T11:00:00Z", in_progress=False)
AGENT = Workload(
    name="feature-extractor",
    namespace="research",
    component="agent",
    tenant="research",
    wanted=2,
    ready=2,
    image="localhost/agent-runtime@sha256:" + "a" * 64,
)
GATEWAY = replace(AGENT, name="traefik", namespace="gateway", component="gateway", tenant=None)


def test_all_is_well_when_everything_runs_and_every_pod_is_ready() -> None:
    assert list(faults(CLUSTER, DEPLOYED, [AGENT, GATEWAY])) == []


def test_a_pod_that_is_not_ready_is_named_with_where_to_look() -> None:
    found = list(faults(CLUSTER, DEPLOYED, [replace(AGENT, ready=1)]))
    assert found == [
        "agent feature-extractor has 1 of 2 pods ready: make logs COMPONENT=feature-extractor"
    ]


def test_a_component_that_keeps_ending_is_named() -> None:
    broken = replace(CLUSTER, components=(ComponentStatus(name="etcd", state="backoff"),))
    assert list(faults(broken, DEPLOYED, [AGENT])) == ["etcd is backoff: make logs COMPONENT=etcd"]


def test_a_node_that_is_not_ready_is_named_with_its_reason() -> None:
    node = replace(CLUSTER.nodes[0], ready=False, detail="cni plugin not initialized")
    found = list(faults(replace(CLUSTER, nodes=(node,)), DEPLOYED, [AGENT]))
    assert found == ["node node is not ready: cni plugin not initialized"]


@pytest.mark.parametrize("deployed", [None, replace(DEPLOYED, resources=0)])
def test_a_cluster_without_a_deployment_is_not_well(deployed: Deployed | None) -> None:
    assert list(faults(CLUSTER, deployed, [])) == ["nothing is deployed; run: make up"]


def test_an_update_that_failed_is_not_well() -> None:
    found = list(faults(CLUSTER, replace(DEPLOYED, result="failed"), [AGENT]))
    assert found == ["the last update of the stack failed; run: make up"]


def test_the_cluster_s_own_workloads_are_no_deployment() -> None:
    names = replace(AGENT, name="coredns", component="cluster")
    (found,) = faults(CLUSTER, DEPLOYED, [names])
    assert "the cluster has no workload" in found


def test_a_state_that_names_what_the_cluster_does_not_have_is_not_well() -> None:
    (found,) = faults(CLUSTER, DEPLOYED, [])
    assert "the cluster has no workload" in found


def _report(*found: str) -> Report:
    return Report(
        stack="dev",
        cluster=CLUSTER,
        deployed=DEPLOYED,
        workloads=(AGENT, GATEWAY),
        url="http://127.0.0.1:8080",
        faults=found,
    )


def test_a_person_sees_sizes_pods_images_and_the_address() -> None:
    output = io.StringIO()

    show(_report(), Console(file=output, width=120))

    shown = output.getvalue()
    for part in ("64 MiB", "2/2", "agent-runtime@sha256:aaaaaaaaaaaa", "127.0.0.1:8080", "77"):
        assert part in shown
    assert "All is well" in shown


def test_a_program_sees_the_same_and_whether_all_is_well() -> None:
    document = json.loads(as_json(_report("something")))
    assert document["ok"] is False
    assert document["faults"] == ["something"]
    assert document["workloads"][0]["ready"] == 2


def test_a_reference_that_is_no_digest_is_shown_as_it_is() -> None:
    assert short_image("traefik:3.6") == "traefik:3.6"


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [
        ("64Mi", 1, 64 * 2**20),
        ("1Gi", 1, 2**30),
        ("12345n", 1000, 0),
        ("250m", 1000, 250),
        ("2", 1000, 2000),
        ("123456789n", 1000, 123),
        ("5k", 1, 5000),
    ],
)
def test_a_kubernetes_quantity_is_a_number(text: str, scale: int, value: int) -> None:
    assert quantity(text, scale) == value


def test_without_a_name_the_logs_are_those_of_all_agents() -> None:
    assert choose([AGENT, GATEWAY], None, None) == [AGENT]


def test_logs_of_an_agent_that_is_not_there_name_those_that_are() -> None:
    with pytest.raises(ClusterError, match=r"got AGENT=extractor, wanted .*: feature-extractor"):
        choose([AGENT, GATEWAY], "extractor", None)


@pytest.mark.parametrize("component", ["traefik", "gateway"])
def test_a_workload_is_found_by_its_name_and_by_what_it_is(component: str) -> None:
    assert choose([AGENT, GATEWAY], None, component) == [GATEWAY]


def test_a_program_of_the_cluster_is_no_workload() -> None:
    assert choose([AGENT, GATEWAY], None, "etcd") == []
