"""Unit: what has a way out of the network, what has none, and what is recorded."""

import json
from typing import Any

import pytest

from components.network.endpoints import CONFINED
from components.network.settings import INTERFACE_ENDPOINTS
from components.network.vpc import Network
from tests import samples_network as samples
from tests.recording import Recording, Registered, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples.network)


def deployed(**changes: object) -> Recording:
    settings = samples.NETWORK.model_copy(update=changes)
    return deploy(lambda: Network("network", samples.network_args(settings)))


def tier(recording: Recording, name: str) -> list[Registered]:
    subnets = [e for e in recording.kind("Subnet") if e.name.startswith(f"network-{name}-")]
    return sorted(subnets, key=lambda each: each.name)


def routes(recording: Recording) -> dict[str, dict[str, Any]]:
    """The way out of each route table that has one."""
    return {each.inputs["routeTableId"]: each.inputs for each in recording.kind("Route")}


def table_of(recording: Recording, subnet: Registered) -> str:
    tables = {
        each.inputs["subnetId"]: each.inputs["routeTableId"]
        for each in recording.kind("RouteTableAssociation")
    }
    return tables[f"{subnet.name}-id"]


def behind(recording: Recording, start: Registered) -> set[str]:
    """Names of everything that `start` waits for, at whatever distance."""
    by_urn = {each.urn: each for each in recording.resources}
    found: set[str] = set()
    urns = list(start.dependencies)
    while urns:
        each = by_urn.get(urns.pop())
        if each is not None and each.name not in found:
            found.add(each.name)
            urns += each.dependencies
    return found


def test_no_subnet_gives_its_machines_public_addresses(built: Recording) -> None:
    subnets = built.kind("Subnet")
    assert len(subnets) == 9
    assert all(each.inputs["mapPublicIpOnLaunch"] is False for each in subnets)


def test_kubernetes_finds_the_subnets_for_its_load_balancers(built: Recording) -> None:
    for name, role in (("public", "elb"), ("private", "internal-elb")):
        for each in tier(built, name):
            assert each.inputs["tags"] == {
                "Name": each.name,
                f"kubernetes.io/role/{role}": "1",
                "kubernetes.io/cluster/agents-prod": "shared",
            }
    for each in tier(built, "data"):
        assert each.inputs["tags"] == {"Name": each.name}


def test_data_subnets_have_no_way_out(built: Recording) -> None:
    tables = {table_of(built, each) for each in tier(built, "data")}
    assert tables == {"network-data-id"}
    assert not tables & routes(built).keys()
    for each in built.kind("VpcEndpoint"):
        assert not tables & set(each.inputs.get("routeTableIds", []))


def test_only_public_subnets_route_to_the_internet_gateway(built: Recording) -> None:
    public = {table_of(built, each) for each in tier(built, "public")}
    with_gateway = {table for table, out in routes(built).items() if "gatewayId" in out}
    assert public == with_gateway == {"network-public-id"}


def test_each_zone_goes_out_by_a_gateway_of_its_own(built: Recording) -> None:
    used = [routes(built)[table_of(built, each)]["natGatewayId"] for each in tier(built, "private")]
    assert used == [f"network-nat-{each}-id" for each in "abc"]
    assert len(built.kind("NatGateway")) == len(built.kind("Eip")) == 3


def test_a_single_gateway_serves_every_zone() -> None:
    recording = deployed(nat="single")
    used = {
        routes(recording)[table_of(recording, each)]["natGatewayId"]
        for each in tier(recording, "private")
    }
    assert used == {"network-nat-a-id"}
    assert len(recording.kind("NatGateway")) == len(recording.kind("Eip")) == 1


def test_a_further_zone_changes_nothing_of_the_others() -> None:
    before = deployed(zones=samples.ZONES[:2])
    after = {each.name: each.inputs for each in deployed().kind("Subnet", "NatGateway", "Route")}
    for each in before.kind("Subnet", "NatGateway", "Route"):
        assert after[each.name] == each.inputs


def test_what_uses_a_subnet_is_made_after_its_way_out_and_goes_before_it(built: Recording) -> None:
    for each in built.kind("NatGateway"):
        assert {"network-public-out", "network-internet"} <= behind(built, each)
    for each in built.kind("Eip"):
        assert "network-internet" in behind(built, each)
    for letter in "abc":
        association = built.one("RouteTableAssociation", f"network-private-{letter}-routes")
        assert f"network-nat-{letter}" in behind(built, association)


def test_the_default_security_group_lets_nothing_through(built: Recording) -> None:
    group = built.one("DefaultSecurityGroup").inputs
    assert (group["ingress"], group["egress"]) == ([], [])


def test_names_of_endpoints_are_resolved_inside_the_network(built: Recording) -> None:
    inputs = built.one("Vpc").inputs
    assert inputs["enableDnsSupport"] is inputs["enableDnsHostnames"] is True


def test_every_connection_is_recorded_encrypted_and_kept(built: Recording) -> None:
    group = built.one("LogGroup").inputs
    assert group["kmsKeyId"] == samples.KEY
    assert group["retentionInDays"] == 365
    records = built.one("FlowLog").inputs
    assert records["trafficType"] == "ALL"
    assert records["logDestination"].endswith("LogGroup/network-flow-logs-group")
    assert records["logFormat"].startswith("${version} ${account-id} ")
    assert "network-flow-logs-permissions" in behind(built, built.one("FlowLog"))


def test_the_role_of_flow_logs_writes_to_its_log_group_and_to_no_other(built: Recording) -> None:
    (statement,) = json.loads(built.one("RolePolicy").inputs["policy"])["Statement"]
    arn = "arn:aws:test:eu-central-1:123456789012:LogGroup/network-flow-logs-group"
    assert statement["Resource"] == [arn, f"{arn}:*"]
    assert "logs:CreateLogGroup" not in statement["Action"]
    assert "*" not in json.dumps(statement["Action"])


def test_nobody_elses_flow_logs_may_use_the_role(built: Recording) -> None:
    (statement,) = json.loads(built.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*"},
    }


def interfaces(recording: Recording) -> dict[str, dict[str, Any]]:
    """Interface endpoints by service."""
    return {
        each.inputs["serviceName"].removeprefix("com.amazonaws.eu-central-1."): each.inputs
        for each in recording.kind("VpcEndpoint")
        if each.inputs["vpcEndpointType"] == "Interface"
    }


def test_services_are_called_by_their_own_names_in_every_zone(built: Recording) -> None:
    assert interfaces(built).keys() == set(INTERFACE_ENDPOINTS)
    for each in interfaces(built).values():
        assert each["privateDnsEnabled"] is True
        assert each["subnetIds"] == [f"network-private-{letter}-id" for letter in "abc"]
        assert each["securityGroupIds"] == ["network-endpoints-security-id"]


def test_endpoints_take_https_from_the_network_and_nothing_else(built: Recording) -> None:
    rule = built.one("SecurityGroupIngressRule").inputs
    assert rule["securityGroupId"] == "network-endpoints-security-id"
    assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 443, 443)
    assert rule["cidrIpv4"] == "10.20.0.0/16"
    group = built.one("SecurityGroup").inputs
    assert not {"ingress", "egress"} & group.keys()
    assert not built.kind("SecurityGroupEgressRule")


def test_credentials_of_other_accounts_do_not_pass_the_endpoints_of_data(built: Recording) -> None:
    for service, each in interfaces(built).items():
        assert ("policy" in each) == (service in CONFINED), service
        if service in CONFINED:
            (statement,) = json.loads(each["policy"])["Statement"]
            assert statement["Condition"] == {
                "StringEquals": {"aws:PrincipalAccount": "123456789012"}
            }


def test_a_pod_may_trade_its_token_for_a_role(built: Recording) -> None:
    assert "policy" not in interfaces(built)["sts"]


def test_private_subnets_reach_the_accounts_buckets_and_the_layers_of_images(
    built: Recording,
) -> None:
    endpoint = built.one("VpcEndpoint", "network-endpoints-s3").inputs
    assert endpoint["vpcEndpointType"] == "Gateway"
    assert endpoint["routeTableIds"] == [f"network-private-{letter}-id" for letter in "abc"]
    own, layers = json.loads(endpoint["policy"])["Statement"]
    assert own["Condition"]["StringEquals"]["aws:ResourceAccount"] == "123456789012"
    assert layers["Action"] == "s3:GetObject"
    assert layers["Resource"] == [
        "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*",
        "arn:aws:s3:::prod-registry-k8s-io-eu-central-1/*",
    ]
