"""Unit: load balancers stand where AWS lets them, and stay while they are protected."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.balancers import (
    BALANCER,
    BUCKET,
    GATEWAY,
    SUBNET,
    admitting,
    balancer,
    log_bucket,
    subnet,
)
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.cases.security import GROUP
from tests.unit.toolchain.providers.aws.stand_in import Engine, Made, Refused, World

POLICY = "aws:s3/bucketPolicy:BucketPolicy"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


def refused(world: World, inputs: Mapping[str, Any], reason: str, name: str = "sample") -> None:
    with pytest.raises(Refused, match=reason):
        world.engine.make(BALANCER, inputs, name=name)


def other_vpc(world: World) -> str:
    return world.engine.make(VPC, {"cidrBlock": "10.9.0.0/16"}, name="elsewhere").id


def interfaces(aws: Moto) -> list[dict[str, Any]]:
    return aws.client("ec2").describe_network_interfaces()["NetworkInterfaces"]


def network(world: World, **more: Any) -> Made:  # noqa: ANN401 - inputs
    inputs = {**balancer(world), "loadBalancerType": "network", "accessLogs": None, **more}
    given = {name: value for name, value in inputs.items() if value is not None}
    return world.engine.make(BALANCER, given, name="sample")


def test_an_application_balancer_stands_in_two_zones(world: World) -> None:
    inputs = balancer(world)
    one = inputs["subnets"][:1]
    refused(world, {**inputs, "subnets": one}, "two subnets in two different Availability Zones")
    twice = [*one, subnet(world, "a", 30)]
    refused(world, {**inputs, "subnets": twice}, "multiple subnets in the same Availability Zone")


def test_a_balancer_on_the_internet_needs_a_way_there(world: World) -> None:
    inputs = balancer(world)
    world.engine.remove(world[GATEWAY])
    refused(world, inputs, f"VPC {world[VPC].id} has no internet gateway")
    world.engine.make(BALANCER, {**inputs, "internal": True})


def test_security_groups_are_of_the_network_of_the_subnets(world: World) -> None:
    group = world.engine.make(GROUP, {"vpcId": other_vpc(world)}, name="elsewhere").id
    refused(world, {**balancer(world), "securityGroups": [group]}, "security groups are invalid")


def test_subnets_are_of_one_network(world: World) -> None:
    inputs = {
        "vpcId": other_vpc(world),
        "cidrBlock": "10.9.0.0/24",
        "availabilityZone": "eu-central-1b",
    }
    far = world.engine.make(SUBNET, inputs, name="far").id
    given = balancer(world)
    refused(world, {**given, "subnets": [given["subnets"][0], far]}, "belong to the same VPC")


def test_subnets_without_ipv6_carry_no_dualstack(world: World) -> None:
    refused(world, {**balancer(world), "ipAddressType": "dualstack"}, "associated IPv6 CIDR block")


def test_names_are_unique_and_such_as_aws_takes(world: World) -> None:
    inputs = {**balancer(world), "name": "edge"}
    world.engine.make(BALANCER, inputs)
    refused(world, inputs, "same name 'edge' exists", "second")
    for name in ("internal-edge", "edge-", "e" * 33, "edge_1"):
        refused(world, {**inputs, "name": name}, "1 to 32 letters", "third")


def test_an_application_balancer_without_groups_gets_that_of_its_network(world: World) -> None:
    inputs = {k: v for k, v in balancer(world).items() if k != "securityGroups"}
    made = world.engine.make(BALANCER, inputs)
    assert made.outputs["securityGroups"] == [world[VPC].outputs["defaultSecurityGroupId"]]


def test_the_log_goes_where_the_balancer_may_write(world: World) -> None:
    inputs = balancer(world)
    missing = {**inputs, "accessLogs": {"bucket": "nowhere", "enabled": True}}
    refused(world, missing, "S3 bucket 'nowhere' does not exist")
    elsewhere = {**inputs, "accessLogs": {**inputs["accessLogs"], "prefix": "edge"}}
    refused(world, elsewhere, "Access Denied for bucket: other-0123456")
    other = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/other/*"
    log_bucket(world, ArnLike={"aws:SourceArn": other})
    refused(world, inputs, "Access Denied for bucket: other-0123456")
    log_bucket(world, ArnLike={"aws:SourceArn": other.replace("/other/", "/sample-0123456/")})
    world.engine.make(BALANCER, inputs)


def test_the_log_of_an_application_balancer_is_not_encrypted_with_a_key(world: World) -> None:
    inputs = balancer(world)
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    by_key = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}
    world.engine.make(kind, {"bucket": world[BUCKET].id, "rules": [by_key]}, name="logs")
    refused(world, inputs, "encrypted with a key of KMS")


def test_a_protected_balancer_stays(world: World) -> None:
    inputs = balancer(world)
    made = world.engine.make(BALANCER, {**inputs, "enableDeletionProtection": True})
    with pytest.raises(Refused, match=r"OperationNotPermitted.*deletion protection is enabled"):
        world.engine.remove(made)
    made = world.engine.change(made, inputs)
    world.engine.remove(made)
    assert world.engine.read(made) is None


def test_a_balancer_is_in_its_subnets_with_its_groups_and_nothing_of_it_is_left(
    world: World, aws: Moto
) -> None:
    inputs = balancer(world)
    made = world.engine.make(BALANCER, inputs)
    found = interfaces(aws)
    assert {each["SubnetId"] for each in found} == set(inputs["subnets"])
    assert {each["Description"] for each in found} == {f"ELB {made.outputs['arnSuffix']}"}
    with pytest.raises(Refused, match="DependencyViolation"):
        world.engine.remove(world[GROUP])

    third = subnet(world, "c", 22)
    group = world.engine.make(GROUP, {"vpcId": world[VPC].id}, name="second").id
    wider = {
        **inputs,
        "subnets": [inputs["subnets"][0], third],
        "securityGroups": [group],
    }
    made = world.engine.change(made, wider)
    assert made.outputs["subnets"] == wider["subnets"]
    assert {each["SubnetId"] for each in interfaces(aws)} == set(wider["subnets"])
    assert {each["Groups"][0]["GroupId"] for each in interfaces(aws)} == {group}

    world.engine.remove(made)
    assert interfaces(aws) == []


def test_a_network_balancer_stands_in_one_zone_too_and_keeps_it(world: World) -> None:
    subnets = [subnet(world, "c", 40), subnet(world, "a", 41)]
    made = network(world, subnets=subnets[:1])
    assert made.outputs["enableCrossZoneLoadBalancing"] is True
    assert made.outputs["loadBalancerType"] == "network"
    assert "idleTimeout" not in set(made.outputs) - set(made.inputs)
    made = world.engine.change(made, {**made.inputs, "subnets": subnets})
    with pytest.raises(Refused, match="keeps its subnets"):
        world.engine.change(made, {**made.inputs, "subnets": subnets[1:]})
    without = {k: v for k, v in made.inputs.items() if k != "securityGroups"}
    with pytest.raises(Refused, match="made without security groups never has any"):
        world.engine.change(made, without)


def test_the_log_of_a_network_balancer_comes_by_another_way(world: World) -> None:
    inputs = {**balancer(world), "loadBalancerType": "network"}
    refused(world, inputs, r"does not let delivery\.logs\.amazonaws\.com put")
    bucket = world[BUCKET].id
    policy = admitting(bucket, "network", StringEquals={"aws:SourceAccount": "123456789012"})
    world.engine.make(POLICY, {"bucket": bucket, "policy": policy}, name="network")
    made = world.engine.make(BALANCER, inputs)
    assert made.outputs["accessLogs"] == {"bucket": bucket, "enabled": True, "prefix": ""}
