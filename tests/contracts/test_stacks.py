"""Contracts: what the stacks of the repository have in common, and what sets them apart."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.program import run, values
from tests.recording import Recording, Registered

SHARED = {"Tenant", "Database", "Credential", "Gateway", "Agent"}
"""Components that every stack has, whatever it stands on."""
DELIVERED = {"aws Secret", "aws SecretPolicy", "aws SecretVersion", "kubernetes ExternalSecret"}
"""What stands in production for a Secret that is written straight into the cluster."""
NODES = {
    "name": "own",
    "architecture": "arm64",
    "instance_types": ["m7g.xlarge"],
    "min": 1,
    "max": 3,
    "disk_gib": 50,
}


def with_tenant(isolation: str) -> dict[str, Any]:
    """Production with a second tenant, and an agent of its own."""
    settings = values("prod")
    (tenant,), (agent,) = settings["tenants"], settings["agents"]
    own = {**tenant, "name": "finance", "isolation": isolation, "nodes": [NODES]}
    if isolation == "physical":
        own["domains"] = ["finance.example.com"]
    another = {**agent, "name": "planner", "tenant": "finance", "routes": [{"path": "/plan"}]}
    return {**settings, "tenants": [tenant, own], "agents": [agent, another]}


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recording]:
    return {name: run(tmp_path_factory.mktemp(name), values(name)) for name in ("dev", "prod")}


@pytest.fixture(scope="module")
def dedicated(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return run(tmp_path_factory.mktemp("dedicated"), with_tenant("dedicated"))


@pytest.fixture(scope="module")
def physical(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return run(tmp_path_factory.mktemp("physical"), with_tenant("physical"))


def kinds(recording: Recording) -> Mapping[str, set[str]]:
    """Kinds of what each kind of component consists of."""
    parents = {each.urn: each.kind for each in recording.components}
    found: dict[str, set[str]] = {}
    for each in recording.resources:
        if each.custom and each.parent in parents:
            package = each.type.partition(":")[0]
            found.setdefault(parents[each.parent], set()).add(f"{package} {each.kind}")
    return found


def cluster_of(recording: Recording, name: str) -> str:
    """The provider through which a resource is made, by its name in the program."""
    return recording.one("Deployment", name).provider.split("::")[3]


def test_shared_components_consist_of_the_same_in_every_stack(
    stacks: dict[str, Recording],
) -> None:
    dev, prod = kinds(stacks["dev"]), kinds(stacks["prod"])
    for component in SHARED:
        straight = dev[component] - {"kubernetes Secret"}
        assert prod[component] - DELIVERED - {"kubernetes Secret"} == straight, component


def test_nothing_of_aws_is_in_a_stack_on_a_cluster_that_is_there(
    stacks: dict[str, Recording],
) -> None:
    assert not [each.name for each in stacks["dev"].resources if "aws" in each.type]


def test_production_pulls_the_projects_images_from_its_own_registry(
    stacks: dict[str, Recording],
) -> None:
    repositories = {each.inputs["name"] for each in stacks["prod"].kind("Repository")}
    assert repositories == {
        f"agent-platform-test/{n}" for n in ("agent-runtime", "postgres", "traefik")
    }
    host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/"
    for name, pod in stacks["prod"].pods():
        for container in pod["containers"]:
            image, _, digest = container["image"].partition("@")
            assert image.removeprefix(host) in repositories, name
            assert digest.startswith("sha256:")


def test_no_secret_of_production_is_handed_to_the_cluster_directly(
    stacks: dict[str, Recording],
) -> None:
    in_cluster = [e for e in stacks["prod"].kind("Secret") if e.type.startswith("kubernetes:")]
    assert [each.name for each in in_cluster if each.inputs.get("stringData")] == []


def test_only_secret_values_reach_secrets_manager(stacks: dict[str, Recording]) -> None:
    versions = stacks["prod"].kind("SecretVersion")
    assert versions
    for each in versions:
        assert "secretString" in each.secrets, each.name


def test_a_dedicated_tenant_runs_on_tainted_nodes_of_its_own(dedicated: Recording) -> None:
    own = [e for e in dedicated.kind("NodeGroup") if e.custom and "finance" in e.name]
    (group,) = own
    assert group.inputs["taints"] == [
        {"key": "agents.platform/tenant", "value": "finance", "effect": "NO_SCHEDULE"}
    ]
    assert group.inputs["labels"]["agents.platform/tenant"] == "finance"
    pods = dict(dedicated.pods())
    for name in ("planner-deployment", "planner-migration"):
        assert pods[name]["nodeSelector"] == {"agents.platform/tenant": "finance"}
        assert pods[name]["tolerations"][0]["value"] == "finance"
    assert "nodeSelector" not in pods["feature-extractor-deployment"]


def test_a_physical_tenant_has_a_cluster_a_gateway_and_a_balancer_of_its_own(
    physical: Recording,
) -> None:
    clusters = {e.inputs["name"] for e in physical.kind("Cluster") if e.custom}
    assert clusters == {"agents-prod", "agents-prod-finance"}
    assert cluster_of(physical, "planner-deployment") == "finance-cluster"
    assert cluster_of(physical, "finance-gateway-deployment") == "finance-cluster"
    assert cluster_of(physical, "feature-extractor-deployment") == "cluster"
    assert len([e for e in physical.kind("LoadBalancer") if e.custom]) == 2


def test_both_clusters_of_a_stack_reach_its_stores(physical: Recording) -> None:
    rules = [e for e in physical.kind("SecurityGroupIngressRule") if e.name.startswith("postgres-")]
    assert len(rules) == 2


def test_every_resource_of_production_names_its_provider(stacks: dict[str, Recording]) -> None:
    for each in stacks["prod"].resources:
        if each.custom and each.type.startswith(("aws:", "kubernetes:")):
            assert each.provider, each.name


def depends(recording: Recording, each: Registered) -> set[str]:
    """URNs of everything that a resource waits for, near and far."""
    by_urn = {one.urn: one for one in recording.resources}
    found: set[str] = set()
    ahead = [each]
    while ahead:
        one = ahead.pop()
        for urn in (*one.dependencies, one.provider.rpartition("::")[0]):
            if urn in by_urn and urn not in found:
                found.add(urn)
                ahead.append(by_urn[urn])
    return found


def test_nothing_is_made_in_the_cluster_before_nodes_addons_and_kinds(
    stacks: dict[str, Recording],
) -> None:
    prod = stacks["prod"]
    before = depends(prod, prod.one("Deployment", "feature-extractor-deployment"))
    needed = [e for e in prod.resources if e.custom and e.kind in {"NodeGroup", "Addon", "Release"}]
    assert {each.name for each in needed if each.urn not in before} == set()
