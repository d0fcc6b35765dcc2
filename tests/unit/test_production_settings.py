"""Unit: what a stack on AWS may not say. Each is one message, before anything is made."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

import config
from tests.program import values

Values = dict[str, Any]
Change = Callable[[Values], object]

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f"
NODES = {
    "name": "finance-nodes",
    "architecture": "arm64",
    "instance_types": ["m7g.large"],
    "min": 1,
    "max": 2,
    "disk_gib": 50,
}


def parse(given: Values) -> config.StackConfig:
    keys = {f"{config.PROJECT}:{key}": json.dumps(value) for key, value in given.items()}
    return config.parse(keys, "prod")


def refusal(change: Change) -> str:
    """What is answered to production's settings with this change."""
    given = copy.deepcopy(values("prod"))
    change(given)
    with pytest.raises(config.ConfigError) as raised:
        parse(given)
    return str(raised.value)


def put(*path: str | int, value: object) -> Change:
    """A change of one value."""

    def change(given: Values) -> None:
        place: Any = given
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def network(**more: object) -> Change:
    return lambda given: given["cluster"]["network"].update(more)


def tenant(isolation: str, **more: object) -> Change:
    def change(given: Values) -> None:
        own = {**given["tenants"][0], "name": "finance", "isolation": isolation, **more}
        given["tenants"].append(own)

    return change


REFUSED: dict[str, tuple[Change, str]] = {
    "a network without room": (network(cidr="10.20.0.0/27"), "cluster.network.cidr"),
    "a network of others": (network(cidr="8.8.0.0/16"), "private"),
    "a network over the services": (network(cidr="172.20.0.0/16"), "share addresses"),
    "a network with host bits": (network(cidr="10.20.0.1/16"), "write the network, 10.20.0.0/16"),
    "zones of another region": (network(zones=["us-east-1a", "us-east-1b"]), "us-east-1"),
    "one zone": (network(zones=["eu-central-1a"]), "zones"),
    "one zone, twice": (network(zones=["eu-central-1a", "eu-central-1a"]), "zones"),
    "a version nobody knows": (put("cluster", "version", value="1.20"), "1.20"),
    "an instance type of another architecture": (
        put("cluster", "nodes", 0, "instance_types", value=["m7g.large"]),
        "m7g.large has an arm64 processor",
    ),
    "an API server for everybody": (
        put("cluster", "public_access", value=["0.0.0.0/0"]),
        "internet",
    ),
    "an administrator of another account": (
        put("cluster", "administrators", value=["arn:aws:iam::210987654321:role/admin"]),
        "210987654321",
    ),
    "an account that YAML read as a number": (
        put("cluster", "account", value=123),
        "cluster.account",
    ),
    "a certificate of another region": (
        put("gateway", "balancer", "certificate", value=CERTIFICATE),
        "which is in us-east-1, and the balancer in eu-central-1",
    ),
    "a Classic balancer": (
        put("gateway", "balancer", "type", value="classic"),
        "Classic Load Balancer",
    ),
    "a balancer nobody guards": (put("gateway", "balancer", "firewall", value=None), "no firewall"),
    "a domain outside of its zone": (
        put("gateway", "balancer", "domains", value=["agents.example.org"]),
        "not in the zone",
    ),
    "no balancer": (lambda given: given["gateway"].pop("balancer"), "gateway.balancer"),
    "stores in the cluster": (
        put("stores", value=values("dev")["stores"]),
        "stores.kind is 'cluster' and cluster.kind is 'eks'",
    ),
    "a database of an unknown version": (
        put("stores", "postgres", "version", value="9.6"),
        "version",
    ),
    "nodes for a tenant without isolation": (tenant("namespace", nodes=[NODES]), "isolation"),
    "a dedicated tenant without nodes": (tenant("dedicated"), "node groups of the tenant's own"),
    "a node group twice": (
        tenant("dedicated", nodes=[{**NODES, "name": "general"}]),
        "node group 'general' of tenant 'finance'",
    ),
    "a cluster of its own that nobody can call": (
        tenant("physical", nodes=[NODES]),
        "a cluster of its own and no domains",
    ),
    "one name for two balancers": (
        tenant("physical", nodes=[NODES], domains=["agents.example.com"]),
        "belongs to gateway.balancer already",
    ),
    "a tenant's name outside of the zone": (
        tenant("physical", nodes=[NODES], domains=["finance.example.org"]),
        "domains do not fit",
    ),
    "a permission for everything": (
        put("agents", 0, "permissions", value=[{"actions": ["s3:*"], "resources": ["*"]}]),
        "s3:*",
    ),
    "a key that nobody set": (
        put("agents", 0, "model", value={"primary": "openai:gpt-4o", "api_key": "model_key"}),
        "egress is empty",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused_with_its_reason(case: str) -> None:
    change, reason = REFUSED[case]
    message = refusal(change)
    assert message.startswith("Pulumi.prod.yaml cannot be used:")
    assert reason in message, message


def test_a_secret_that_is_not_set_is_named_with_the_command_that_sets_it() -> None:
    def change(given: Values) -> None:
        given["agents"][0] |= {
            "egress": ["api.openai.com"],
            "model": {"primary": "openai:gpt-4o", "api_key": "model_key"},
        }

    assert "pulumi config set --secret model_key" in refusal(change)


@pytest.mark.parametrize("isolation", ["dedicated", "physical"])
def test_a_cluster_that_is_there_makes_no_nodes(isolation: str) -> None:
    given = copy.deepcopy(values("dev"))
    tenant(isolation, nodes=[NODES])(given)
    with pytest.raises(config.ConfigError, match="nodes and clusters are made on EKS only"):
        parse(given)


def test_permissions_in_aws_need_a_cluster_on_aws() -> None:
    given = copy.deepcopy(values("dev"))
    permission = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::documents/*"]}
    given["agents"][0]["permissions"] = [permission]
    with pytest.raises(config.ConfigError, match="they need a cluster on EKS"):
        parse(given)
