"""Unit: what AWS refuses in a network is refused here, also where moto lets it pass."""

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.addresses import EIP, GATEWAY, NAT_GATEWAY, SUBNET
from tests.unit.toolchain.providers.aws.cases.endpoints import ENDPOINT
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.cases.policies import POLICY
from tests.unit.toolchain.providers.aws.cases.routes import ROUTE_TABLE
from tests.unit.toolchain.providers.aws.cases.security import EGRESS, GROUP, INGRESS
from tests.unit.toolchain.providers.aws.stand_in import Engine, Inputs, Refused, World

ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


def interface(world: World, service: str = "ec2", **more: object) -> Inputs:
    """Inputs of an endpoint with addresses in the network."""
    return {
        "vpcId": world[VPC].id,
        "serviceName": f"com.amazonaws.eu-central-1.{service}",
        "vpcEndpointType": "Interface",
        "subnetIds": [world[SUBNET].id],
        "securityGroupIds": [world[GROUP].id],
        "privateDnsEnabled": True,
        **more,
    }


def test_a_subnet_stays_while_a_nat_gateway_is_in_it(world: World, engine: Engine) -> None:
    gateway = world[NAT_GATEWAY]
    with pytest.raises(Refused, match="DependencyViolation"):
        engine.remove(world[SUBNET])
    engine.remove(gateway)
    engine.remove(world[SUBNET])
    assert engine.read(world[SUBNET]) is None


def test_an_address_stays_while_a_nat_gateway_uses_it(world: World, engine: Engine) -> None:
    gateway = world[NAT_GATEWAY]
    with pytest.raises(Refused, match=r"InvalidIPAddress\.InUse"):
        engine.remove(world[EIP])
    with pytest.raises(Refused, match="mapped public address"):
        engine.remove(world[GATEWAY])
    engine.remove(gateway)
    engine.remove(world[EIP])
    engine.remove(world[GATEWAY])


def test_a_nat_gateway_leaves_nothing_behind(world: World, engine: Engine, aws: Moto) -> None:
    engine.remove(world[NAT_GATEWAY])
    assert aws.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
    refreshed = engine.read(world[EIP])
    assert refreshed is not None
    assert refreshed.outputs["associationId"] == ""


def test_a_nat_gateway_needs_a_door_to_the_internet(world: World, engine: Engine) -> None:
    inputs = {"allocationId": world[EIP].id, "subnetId": world[SUBNET].id}
    with pytest.raises(Refused, match=r"Gateway\.NotAttached"):
        engine.make(NAT_GATEWAY, inputs)


def test_a_vpc_stays_while_something_of_the_users_is_in_it(world: World, engine: Engine) -> None:
    group = world[GROUP]
    with pytest.raises(Refused, match="DependencyViolation"):
        engine.remove(world[VPC])
    engine.remove(group)
    engine.remove(world[VPC])
    assert engine.read(world[VPC]) is None


def test_a_route_leads_to_a_gateway_of_its_own_network(world: World, engine: Engine) -> None:
    unattached = engine.make(GATEWAY, {}, name="unattached")
    inputs = {"routeTableId": world[ROUTE_TABLE].id, "destinationCidrBlock": "0.0.0.0/0"}
    with pytest.raises(Refused, match="belong to different networks"):
        engine.make(ROUTE, {**inputs, "gatewayId": unattached.id})
    with pytest.raises(Refused, match=r"InvalidNatGatewayID\.NotFound"):
        engine.make(ROUTE, {**inputs, "natGatewayId": "nat-0123456789abcdef0"})


def test_a_route_changes_its_gateway_in_place(world: World, engine: Engine) -> None:
    inputs = {"routeTableId": world[ROUTE_TABLE].id, "destinationCidrBlock": "0.0.0.0/0"}
    made = engine.make(ROUTE, {**inputs, "gatewayId": world[GATEWAY].id})
    changed = engine.change(made, {**inputs, "natGatewayId": world[NAT_GATEWAY].id})
    found = engine.read(changed)
    assert found is not None
    assert found.inputs == {**inputs, "natGatewayId": world[NAT_GATEWAY].id}


def test_a_subnet_has_one_route_table_and_changes_it_in_place(world: World, engine: Engine) -> None:
    inputs = {"subnetId": world[SUBNET].id, "routeTableId": world[ROUTE_TABLE].id}
    made = engine.make(ASSOCIATION, inputs)
    other = engine.make(ROUTE_TABLE, {"vpcId": world[VPC].id}, name="another")
    moved = {**inputs, "routeTableId": other.id}
    with pytest.raises(Refused, match=r"Resource\.AlreadyAssociated"):
        engine.make(ASSOCIATION, moved, name="second")
    changed = engine.change(made, moved)
    assert changed.outputs["routeTableId"] == other.id
    with pytest.raises(Refused, match="DependencyViolation"):
        engine.remove(other)
    engine.remove(changed)
    engine.remove(other)


def test_a_new_security_group_lets_nothing_out(world: World) -> None:
    assert world[GROUP].outputs["egress"] == []


def test_a_security_group_stays_while_it_is_used(world: World, engine: Engine) -> None:
    group = world[GROUP]
    endpoint = engine.make(ENDPOINT, interface(world))
    with pytest.raises(Refused, match="DependencyViolation"):
        engine.remove(group)
    engine.remove(endpoint)
    other = engine.make(GROUP, {"vpcId": world[VPC].id}, name="another")
    rule = {"securityGroupId": other.id, "ipProtocol": "-1"}
    named = engine.make(INGRESS, {**rule, "referencedSecurityGroupId": group.id})
    with pytest.raises(Refused, match="DependencyViolation"):
        engine.remove(group)
    engine.remove(named)
    engine.remove(group)


def test_a_rule_names_no_group_of_another_network(world: World, engine: Engine) -> None:
    vpc = engine.make(VPC, {"cidrBlock": "10.9.0.0/16"}, name="elsewhere")
    far = engine.make(GROUP, {"vpcId": vpc.id}, name="far")
    rule = {"securityGroupId": world[GROUP].id, "ipProtocol": "-1"}
    with pytest.raises(Refused, match=r"InvalidGroup\.NotFound"):
        engine.make(EGRESS, {**rule, "referencedSecurityGroupId": far.id})


def test_an_endpoint_with_addresses_is_read_as_it_was_made(world: World, engine: Engine) -> None:
    inputs = interface(world)
    made = engine.make(ENDPOINT, inputs)
    found = engine.read(made)
    assert found is not None
    assert (found.inputs, found.outputs) == (inputs, made.outputs)
    assert len(made.outputs["networkInterfaceIds"]) == 1
    quiet = {name: value for name, value in inputs.items() if name != "privateDnsEnabled"}
    changed = engine.change(made, quiet)
    assert changed.outputs["privateDnsEnabled"] is False


def test_a_service_has_one_private_name_in_a_network(world: World, engine: Engine) -> None:
    engine.make(ENDPOINT, interface(world))
    with pytest.raises(Refused, match="conflicting DNS domain"):
        engine.make(ENDPOINT, interface(world), name="second")


def test_private_names_need_the_networks_own_resolver(world: World, engine: Engine) -> None:
    engine.change(world[VPC], {"cidrBlock": "10.0.0.0/16"})
    with pytest.raises(Refused, match="enableDnsSupport and enableDnsHostnames"):
        engine.make(ENDPOINT, interface(world))


def test_an_endpoint_has_one_address_in_a_zone(world: World, engine: Engine) -> None:
    second = engine.make(
        SUBNET,
        {
            "vpcId": world[VPC].id,
            "cidrBlock": "10.0.9.0/24",
            "availabilityZone": "eu-central-1b",
        },
        name="second",
    )
    subnets = [world[SUBNET].id, second.id]
    with pytest.raises(Refused, match="DuplicateSubnetsInSameZone"):
        engine.make(ENDPOINT, interface(world, subnetIds=subnets))


def test_an_endpoint_leads_to_a_service_that_exists(world: World, engine: Engine) -> None:
    with pytest.raises(Refused, match="InvalidServiceName"):
        engine.make(ENDPOINT, interface(world, "ecr-api"))


def test_a_route_table_leads_to_a_service_once(world: World, engine: Engine) -> None:
    inputs = CASES[ENDPOINT].inputs(world)
    engine.make(ENDPOINT, inputs)
    with pytest.raises(Refused, match="RouteAlreadyExists"):
        engine.make(ENDPOINT, inputs, name="second")


def test_a_policy_stays_while_a_role_has_it(world: World, engine: Engine) -> None:
    role = world["aws:iam/role:Role"]
    attached = engine.make(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": role.id, "policyArn": world[POLICY].id},
    )
    with pytest.raises(Refused, match="DeleteConflict"):
        engine.remove(world[POLICY])
    engine.remove(attached)
    engine.remove(world[POLICY])


def test_a_policy_can_be_changed_more_often_than_iam_keeps_versions(
    world: World, engine: Engine
) -> None:
    made = world[POLICY]
    for count in range(7):
        document = made.inputs["policy"].replace("sample", f"sample{count}")
        made = engine.change(made, {**made.inputs, "policy": document})
    assert "sample6" in made.outputs["policy"]
