"""Unit: inputs that the SDK would not have taken are refused, with the place and the reason."""

from typing import Any

import pytest

from toolchain.providers.aws.schema import UnknownTypeError, schema
from toolchain.providers.aws.values import UNKNOWN

GROUP = "aws:ec2/securityGroup:SecurityGroup"
BUCKET = "aws:s3/bucket:Bucket"


def check(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    return {fault.path: fault.reason for fault in schema(token).check(inputs)}


def test_inputs_and_outputs_have_their_wire_names() -> None:
    vpc = schema("aws:ec2/vpc:Vpc")
    assert "enableDnsHostnames" in vpc.inputs
    assert "arn" not in vpc.inputs
    assert vpc.outputs["arn"] is True
    assert vpc.outputs["instanceTenancy"] is False
    assert "arn" in vpc.promised


def test_what_is_right_passes() -> None:
    rule = {"fromPort": 443, "toPort": 443, "protocol": "tcp", "cidrBlocks": ["10.0.0.0/16"]}
    assert check(GROUP, {"ingress": [rule], "tags": {"a.b": "c"}, "name": "group"}) == {}


def test_a_name_the_sdk_does_not_know_is_refused_and_the_near_one_named() -> None:
    faults = check("aws:ec2/vpc:Vpc", {"cidrBlok": "10.0.0.0/16"})
    assert list(faults) == ["cidrBlok"]
    assert "'cidrBlock' is near" in faults["cidrBlok"]


def test_what_is_missing_is_refused() -> None:
    assert check("aws:ec2/subnet:Subnet", {"cidrBlock": "10.0.0.0/24"}) == {
        "vpcId": "aws:ec2/subnet:Subnet needs 'vpcId', which is missing"
    }


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        ({"enableDnsSupport": "true"}, "enableDnsSupport", "got text, wanted a boolean"),
        ({"cidrBlock": 10}, "cidrBlock", "got a whole number, wanted text"),
        ({"ipv4NetmaskLength": 1.5}, "ipv4NetmaskLength", "got a number, wanted a whole number"),
        ({"ipv4NetmaskLength": True}, "ipv4NetmaskLength", "got a boolean, wanted a whole number"),
        ({"tags": ["a"]}, "tags", "got a list, wanted an object"),
        ({"tags": {"a.b": 1}}, 'tags["a.b"]', "got a whole number, wanted text"),
    ],
)
def test_a_wrong_type_is_refused_where_it_is(
    inputs: dict[str, Any], path: str, reason: str
) -> None:
    assert check("aws:ec2/vpc:Vpc", inputs) == {path: reason}


def test_nested_objects_are_checked_by_their_own_classes() -> None:
    rules = [
        {"fromPort": 1, "toPort": 2, "protocol": "tcp"},
        {"fromPort": "1", "toPort": 2, "cidr": "::/0"},
    ]
    faults = check(GROUP, {"ingress": rules})
    assert sorted(faults) == ["ingress[1].cidr", "ingress[1].fromPort", "ingress[1].protocol"]


def test_what_is_unknown_passes_at_any_depth() -> None:
    assert check("aws:ec2/subnet:Subnet", {"vpcId": UNKNOWN}) == {}
    assert check(GROUP, {"ingress": UNKNOWN}) == {}
    rule = {"fromPort": UNKNOWN, "toPort": 1, "protocol": "tcp", "cidrBlocks": [UNKNOWN]}
    assert check(GROUP, {"ingress": [rule]}) == {}


def test_an_enumeration_of_the_sdk_stands_beside_text_and_refuses_nothing() -> None:
    assert check(BUCKET, {"acl": "private"}) == {}
    assert check(BUCKET, {"acl": "of-next-year"}) == {}


def test_a_type_that_the_sdk_does_not_have_is_named_with_the_sdk() -> None:
    with pytest.raises(UnknownTypeError, match=r"pulumi-aws 7\..* has no resource type"):
        schema("aws:ec2/vpc:Vpcs")
