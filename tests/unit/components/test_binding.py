"""Unit: how the balancer gets to the gateway's pods, and nobody else by the same way."""

import pytest

from components.edge.balancer import READINESS_GATE
from components.edge.balancer.security_group import slug
from tests import samples_balancer as samples
from tests.recording import Properties, Recording, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    settings = samples.settings(allowed_cidrs=("203.0.113.0/24", "198.51.100.7/32"))
    return deploy(lambda: samples.load_balancer(settings))


def rules(recording: Recording, kind: str, group: str) -> list[Properties]:
    return [
        each.inputs
        for each in recording.kind(f"SecurityGroup{kind}Rule")
        if each.inputs["securityGroupId"] == group
    ]


def test_clients_come_from_the_networks_that_are_allowed(built: Recording) -> None:
    found = {
        (each["cidrIpv4"], each["fromPort"], each["toPort"])
        for each in rules(built, "Ingress", "edge-group-id")
    }
    assert found == {
        (cidr, port, port) for cidr in ("203.0.113.0/24", "198.51.100.7/32") for port in (80, 443)
    }


def test_clients_come_by_ipv6_too_where_there_is_some() -> None:
    settings = samples.settings(dualstack=True, allowed_cidrs=("2001:db8::/32",), firewall=None)
    recording = deploy(lambda: samples.load_balancer(settings))
    found = rules(recording, "Ingress", "edge-group-id")
    assert {each["cidrIpv6"] for each in found} == {"2001:db8::/32"}
    assert not [each for each in found if "cidrIpv4" in each]


def test_the_balancer_connects_to_the_gateways_ports_and_nowhere_else(built: Recording) -> None:
    out = rules(built, "Egress", "edge-group-id")
    assert sorted(each["fromPort"] for each in out) == [8000, 9090]
    assert {each["referencedSecurityGroupId"] for each in out} == {"sg-of-the-cluster"}
    assert "egress" not in built.one("SecurityGroup").inputs


def test_the_cluster_lets_in_the_balancer_and_nobody_by_address(built: Recording) -> None:
    into = rules(built, "Ingress", "sg-of-the-cluster")
    assert sorted(each["fromPort"] for each in into) == [8000, 9090]
    assert {each["referencedSecurityGroupId"] for each in into} == {"edge-group-id"}


def test_a_network_that_is_added_renames_no_rule_of_another() -> None:
    assert slug("203.0.113.0/24") == "203-0-113-0-24"
    assert slug("2001:db8::/32") == "2001-db8-32"
    assert slug("::/0") == "0"


def test_the_binding_fills_the_target_group_with_the_gateways_pods(built: Recording) -> None:
    each = built.one("TargetGroupBinding")
    spec = each.inputs["spec"]
    assert each.inputs["metadata"]["namespace"] == "gateway"
    assert spec["targetGroupARN"].endswith("/edge-stable")
    assert (spec["targetType"], spec["vpcID"]) == ("ip", "vpc-1")
    assert spec["serviceRef"] == {"name": "traefik", "port": "web"}


def test_the_binding_leaves_security_groups_to_the_stack(built: Recording) -> None:
    assert "networking" not in built.one("TargetGroupBinding").inputs["spec"]


def test_only_the_balancers_subnets_may_ask_whether_the_gateway_is_well(built: Recording) -> None:
    policy = built.one("NetworkPolicy").inputs
    (rule,) = policy["spec"]["ingress"]
    assert policy["metadata"]["namespace"] == "gateway"
    assert [each["ipBlock"]["cidr"] for each in rule["from"]] == ["10.0.32.0/24", "10.0.96.0/24"]
    assert [each["port"] for each in rule["ports"]] == [9090]
    assert policy["spec"]["podSelector"]["matchLabels"] == dict(samples.PODS)


def test_one_port_for_requests_and_checks_is_opened_once() -> None:
    backend = samples.backend(health_port=8000)
    recording = deploy(lambda: samples.load_balancer(backend=backend))
    assert len(recording.kind("SecurityGroupEgressRule")) == 1


def test_the_namespaces_label_is_the_one_the_controller_looks_for() -> None:
    assert READINESS_GATE == {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}
