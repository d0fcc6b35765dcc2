"""What AWS does not let go while something still needs it, where moto lets it go."""

from collections.abc import Iterable
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused

GONE = ("deleted", "deleting")
"""States in which AWS keeps listing what is no more."""


def release_vpc(call: Call, vpc: str) -> None:
    """Refuses a VPC with a gateway, an endpoint or a security group of somebody's own."""
    ec2 = call.client("ec2")
    inside = _where("vpc-id", vpc)
    groups = ec2.describe_security_groups(Filters=inside)["SecurityGroups"]
    endpoints = ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
    attached = _where("attachment.vpc-id", vpc)
    if (
        ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]
        or any(each["GroupName"] != "default" for each in groups)
        or any(each["State"] not in GONE for each in endpoints)
    ):
        raise _needed(f"The vpc '{vpc}' has dependencies and cannot be deleted.", "DeleteVpc")


def release_subnet(call: Call, subnet: str) -> None:
    """Refuses a subnet with network interfaces: of NAT gateways, endpoints and clusters."""
    if interfaces(call, "subnet-id", subnet):
        raise _needed(
            f"The subnet '{subnet}' has dependencies and cannot be deleted.", "DeleteSubnet"
        )


def release_gateway(call: Call, vpc: str) -> None:
    """Refuses to take the way out of a VPC whose interfaces have public addresses."""
    inside = {each["NetworkInterfaceId"] for each in interfaces(call, "vpc-id", vpc)}
    addresses = call.client("ec2").describe_addresses()["Addresses"]
    if any(each.get("NetworkInterfaceId") in inside for each in addresses):
        raise _needed(
            f"Network {vpc} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway.",
            "DetachInternetGateway",
        )


def release_group(call: Call, group: str) -> None:
    """Refuses a security group that an interface, an endpoint or another group's rule names."""
    ec2 = call.client("ec2")
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    if (
        interfaces(call, "group-id", group)
        or any(each["State"] not in GONE and group in _groups(each) for each in endpoints)
        or any(
            each.get("ReferencedGroupInfo", {}).get("GroupId") == group != each["GroupId"]
            for each in rules
        )
    ):
        raise _needed(f"resource {group} has a dependent object", "DeleteSecurityGroup")


def interfaces(call: Call, key: str, value: str) -> list[dict[str, Any]]:
    """Network interfaces of which `key`, a filter's name, has the value."""
    found = call.client("ec2").describe_network_interfaces(Filters=_where(key, value))
    return found["NetworkInterfaces"]


def _groups(described: dict[str, Any]) -> Iterable[str]:
    return [each["GroupId"] for each in described.get("Groups", ())]


def _where(key: str, value: str) -> list[dict[str, Any]]:
    return [{"Name": key, "Values": [value]}]


def _needed(message: str, operation: str) -> Exception:
    return refused("DependencyViolation", message, operation)
