"""VPC, its subnets and its door to the internet."""

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, tags, wire
from toolchain.providers.aws.types import tagging
from toolchain.providers.aws.types.dependencies import release_gateway, release_subnet, release_vpc
from toolchain.providers.aws.values import Inputs, Outputs

_DNS = {"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"}


def _create_vpc(call: Call, inputs: Inputs) -> str:
    made = call.api.create_vpc(
        **api(inputs, "cidrBlock", "instanceTenancy"), **tagging.specified(call, "vpc")
    )
    identity = call.made(made["Vpc"]["VpcId"])
    _change_vpc(call, identity, inputs, {})
    return identity


def _change_vpc(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    defaults = {"enableDnsSupport": True, "enableDnsHostnames": False}
    for name, parameter in _DNS.items():
        value = new.get(name, defaults[name])
        if value != old.get(name, defaults[name]):
            call.api.modify_vpc_attribute(VpcId=identity, **{parameter: {"Value": value}})


def _read_vpc(call: Call, identity: str) -> Outputs | None:
    vpc = first(call.api.describe_vpcs(VpcIds=[identity])["Vpcs"])
    if vpc is None:
        return None
    inside = [{"Name": "vpc-id", "Values": [identity]}]
    tables = call.api.describe_route_tables(
        Filters=[*inside, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"]
    acls = call.api.describe_network_acls(
        Filters=[*inside, {"Name": "default", "Values": ["true"]}]
    )["NetworkAcls"]
    groups = call.api.describe_security_groups(
        Filters=[*inside, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    dns = {
        name: call.api.describe_vpc_attribute(VpcId=identity, Attribute=name)[parameter]["Value"]
        for name, parameter in _DNS.items()
    }
    return {
        **wire(vpc, "cidrBlock", "instanceTenancy", "ownerId", "dhcpOptionsId"),
        **dns,
        "arn": call.arn(f"vpc/{identity}"),
        "mainRouteTableId": tables[0]["RouteTableId"],
        "defaultRouteTableId": tables[0]["RouteTableId"],
        "defaultNetworkAclId": acls[0]["NetworkAclId"],
        "defaultSecurityGroupId": groups[0]["GroupId"],
        "tags": tags(vpc.get("Tags")),
    }


def _delete_vpc(call: Call, identity: str) -> None:
    release_vpc(call, identity)
    call.api.delete_vpc(VpcId=identity)


VPC = Type(
    "aws:ec2/vpc:Vpc",
    service="ec2",
    create=_create_vpc,
    read=_read_vpc,
    update=_change_vpc,
    delete=_delete_vpc,
    tag=tagging.ec2,
    updates=("enableDnsSupport", "enableDnsHostnames"),
    replaces=("cidrBlock", "instanceTenancy"),
    absent=(
        "enableNetworkAddressUsageMetrics",
        "ipv6AssociationId",
        "ipv6CidrBlock",
        "ipv6CidrBlockNetworkBorderGroup",
    ),
)


def _create_subnet(call: Call, inputs: Inputs) -> str:
    made = call.api.create_subnet(
        **api(inputs, "vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"),
        **tagging.specified(call, "subnet"),
    )
    identity = call.made(made["Subnet"]["SubnetId"])
    _change_subnet(call, identity, inputs, {})
    return identity


def _change_subnet(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    public = new.get("mapPublicIpOnLaunch", False)
    if public != old.get("mapPublicIpOnLaunch", False):
        call.api.modify_subnet_attribute(SubnetId=identity, MapPublicIpOnLaunch={"Value": public})


def _read_subnet(call: Call, identity: str) -> Outputs | None:
    subnet = first(call.api.describe_subnets(SubnetIds=[identity])["Subnets"])
    return subnet and {
        **wire(
            subnet,
            "vpcId",
            "cidrBlock",
            "availabilityZone",
            "availabilityZoneId",
            "mapPublicIpOnLaunch",
            "assignIpv6AddressOnCreation",
            "ownerId",
            arn="SubnetArn",
        ),
        **wire(
            subnet["PrivateDnsNameOptionsOnLaunch"], privateDnsHostnameTypeOnLaunch="HostnameType"
        ),
        "tags": tags(subnet.get("Tags")),
    }


def _delete_subnet(call: Call, identity: str) -> None:
    release_subnet(call, identity)
    call.api.delete_subnet(SubnetId=identity)


SUBNET = Type(
    "aws:ec2/subnet:Subnet",
    service="ec2",
    create=_create_subnet,
    read=_read_subnet,
    update=_change_subnet,
    delete=_delete_subnet,
    tag=tagging.ec2,
    updates=("mapPublicIpOnLaunch",),
    replaces=("vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"),
    absent=("ipv6CidrBlock", "ipv6CidrBlockAssociationId"),
)


def _create_gateway(call: Call, inputs: Inputs) -> str:
    made = call.api.create_internet_gateway(**tagging.specified(call, "internet-gateway"))
    identity = call.made(made["InternetGateway"]["InternetGatewayId"])
    _move_gateway(call, identity, inputs, {})
    return identity


def _move_gateway(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    if old.get("vpcId"):
        release_gateway(call, old["vpcId"])
        call.api.detach_internet_gateway(InternetGatewayId=identity, VpcId=old["vpcId"])
    if new.get("vpcId"):
        call.api.attach_internet_gateway(InternetGatewayId=identity, VpcId=new["vpcId"])


def _read_gateway(call: Call, identity: str) -> Outputs | None:
    found = call.api.describe_internet_gateways(InternetGatewayIds=[identity])["InternetGateways"]
    gateway = first(found)
    return gateway and {
        **wire(gateway, "ownerId"),
        "arn": call.arn(f"internet-gateway/{identity}"),
        "vpcId": next((each["VpcId"] for each in gateway["Attachments"]), None),
        "tags": tags(gateway.get("Tags")),
    }


def _delete_gateway(call: Call, identity: str) -> None:
    gateway = _read_gateway(call, identity)
    if gateway:
        _move_gateway(call, identity, {}, gateway)
    call.api.delete_internet_gateway(InternetGatewayId=identity)


INTERNET_GATEWAY = Type(
    "aws:ec2/internetGateway:InternetGateway",
    service="ec2",
    create=_create_gateway,
    read=_read_gateway,
    update=_move_gateway,
    delete=_delete_gateway,
    tag=tagging.ec2,
    updates=("vpcId",),
)

TYPES = (VPC, SUBNET, INTERNET_GATEWAY)
