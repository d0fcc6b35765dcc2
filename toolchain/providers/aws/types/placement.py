"""Where in a network a balancer stands: what AWS asks of the place, and the interfaces it gets there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.values import Inputs


@dataclass(frozen=True, kw_only=True)
class Place:
    """Subnets, and who gets through to them."""

    kind: str
    """Type of the balancer."""
    subnets: Sequence[str]
    groups: Sequence[str]
    public: bool
    dualstack: bool


def place(inputs: Inputs) -> Place:
    """The place that inputs of a balancer name."""
    return Place(
        kind=inputs.get("loadBalancerType", "application"),
        subnets=inputs.get("subnets", ()),
        groups=inputs.get("securityGroups", ()),
        public=not inputs.get("internal", False),
        dualstack=inputs.get("ipAddressType") == "dualstack",
    )


def check(call: Call, where: Place, operation: str) -> None:
    """Refuse what AWS refuses; moto looks at nothing but whether the subnets exist."""
    if not where.subnets:
        raise refused("ValidationError", "At least one subnet must be specified", operation)
    ec2 = call.client("ec2")
    subnets = ec2.describe_subnets(SubnetIds=list(where.subnets))["Subnets"]
    zones = {each["AvailabilityZone"] for each in subnets}
    if len(zones) < len(subnets):
        raise refused(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            operation,
        )
    if where.kind == "application" and len(zones) < 2:
        raise refused(
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
            operation,
        )
    vpcs = {str(each["VpcId"]) for each in subnets}
    if len(vpcs) > 1:
        raise refused(
            "InvalidConfigurationRequest", "All subnets must belong to the same VPC", operation
        )
    (vpc,) = vpcs
    if where.public and not _reaches_internet(ec2, vpc):
        raise refused("InvalidSubnet", f"VPC {vpc} has no internet gateway", operation)
    if where.dualstack and not all(each.get("Ipv6CidrBlockAssociationSet") for each in subnets):
        raise refused(
            "ValidationError",
            "You must specify subnets with an associated IPv6 CIDR block",
            operation,
        )
    _check_groups(ec2, where.groups, vpc, operation)


def _check_groups(ec2: Any, groups: Sequence[str], vpc: str, operation: str) -> None:  # noqa: ANN401 - boto3's clients have no types
    if not groups:
        return
    found = ec2.describe_security_groups(GroupIds=list(groups))["SecurityGroups"]
    for each in found:
        if each["VpcId"] != vpc:
            raise refused(
                "InvalidConfigurationRequest",
                "One or more security groups are invalid: "
                f"{each['GroupId']} is of {each['VpcId']}, the subnets are of {vpc}",
                operation,
            )


def _reaches_internet(ec2: Any, vpc: str) -> bool:  # noqa: ANN401 - as above
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    return bool(ec2.describe_internet_gateways(Filters=attached)["InternetGateways"])


def default_group(call: Call, subnet: str) -> str:
    """The security group that an application balancer gets if it is given none."""
    ec2 = call.client("ec2")
    (found,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    (group,) = ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [found["VpcId"]]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"]
    return str(group["GroupId"])


def settle(call: Call, suffix: str, subnets: Sequence[str], groups: Sequence[str]) -> None:
    """Give the balancer an interface in each of its subnets, which moto does not; former ones go.

    So its subnets and security groups are in use, as they are in AWS.
    """
    leave(call, suffix)
    for subnet in subnets:
        call.client("ec2").create_network_interface(
            SubnetId=subnet, Groups=list(groups), Description=_description(suffix)
        )


def leave(call: Call, suffix: str) -> None:
    """Take the balancer's interfaces away."""
    ec2 = call.client("ec2")
    mine = [{"Name": "description", "Values": [_description(suffix)]}]
    for each in ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"]:
        ec2.delete_network_interface(NetworkInterfaceId=each["NetworkInterfaceId"])


def _description(suffix: str) -> str:
    return f"ELB {suffix}"
