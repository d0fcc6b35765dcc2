"""Public addresses, and the NAT gateways that private subnets go out by."""

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, tags, wire
from toolchain.providers.aws.types import tagging
from toolchain.providers.aws.types.dependencies import GONE
from toolchain.providers.aws.values import Inputs, Outputs


def _create_address(call: Call, inputs: Inputs) -> str:
    made = call.api.allocate_address(
        Domain=inputs.get("domain", "vpc"), **tagging.specified(call, "elastic-ip")
    )
    return str(made["AllocationId"])


def _read_address(call: Call, identity: str) -> Outputs | None:
    address = first(call.api.describe_addresses(AllocationIds=[identity])["Addresses"])
    if address is None:
        return None
    public, private = str(address["PublicIp"]), str(address.get("PrivateIpAddress", ""))
    return {
        **wire(address, "allocationId", "domain", "publicIp"),
        "arn": call.arn(f"elastic-ip/{identity}"),
        "associationId": address.get("AssociationId", ""),
        "instance": address.get("InstanceId", ""),
        "networkInterface": address.get("NetworkInterfaceId", ""),
        "networkBorderGroup": call.region,
        "publicDns": _name("ec2", public, call.region),
        "privateIp": private,
        "privateDns": _name("ip", private, call.region) if private else "",
        "publicIpv4Pool": "amazon",
        "tags": tags(address.get("Tags")),
    }


def _name(prefix: str, address: str, region: str) -> str:
    zone = "compute.amazonaws.com" if prefix == "ec2" else "compute.internal"
    return f"{prefix}-{address.replace('.', '-')}.{region}.{zone}"


def _delete_address(call: Call, identity: str) -> None:
    address = first(call.api.describe_addresses(AllocationIds=[identity])["Addresses"])
    if address and address.get("AssociationId"):
        raise refused(
            "InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use.", "ReleaseAddress"
        )
    call.api.release_address(AllocationId=identity)


EIP = Type(
    "aws:ec2/eip:Eip",
    service="ec2",
    create=_create_address,
    read=_read_address,
    delete=_delete_address,
    tag=tagging.ec2,
    replaces=("domain",),
    absent=("carrierIp", "customerOwnedIp", "ipamPoolId", "ptrRecord"),
)


def _create_nat(call: Call, inputs: Inputs) -> str:
    kind = inputs.get("connectivityType", "public")
    if kind == "public":
        _reaches_internet(call, inputs["subnetId"])
    made = call.api.create_nat_gateway(
        **api(inputs, "allocationId", "subnetId"),
        ConnectivityType=kind,
        **tagging.specified(call, "natgateway"),
    )
    return str(made["NatGateway"]["NatGatewayId"])


def _reaches_internet(call: Call, subnet: str) -> None:
    vpc = call.api.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"]
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    if not call.api.describe_internet_gateways(Filters=attached)["InternetGateways"]:
        raise refused(
            "Gateway.NotAttached",
            f"Network {vpc} has no Internet gateway attached",
            "CreateNatGateway",
        )


def _read_nat(call: Call, identity: str) -> Outputs | None:
    gateway = first(call.api.describe_nat_gateways(NatGatewayIds=[identity])["NatGateways"])
    if gateway is None or gateway["State"] in GONE:
        return None
    address = gateway["NatGatewayAddresses"][0]
    return {
        **wire(gateway, "subnetId", "vpcId"),
        "connectivityType": gateway.get("ConnectivityType", "public"),
        **wire(address, "allocationId", "associationId", "networkInterfaceId"),
        **wire(address, "privateIp", "publicIp"),
        "tags": tags(gateway.get("Tags")),
    }


def _delete_nat(call: Call, identity: str) -> None:
    gateway = first(call.api.describe_nat_gateways(NatGatewayIds=[identity])["NatGateways"])
    if gateway is None or gateway["State"] in GONE:
        return
    call.api.delete_nat_gateway(NatGatewayId=identity)
    # Moto leaves behind what the gateway had in its subnet.
    for address in gateway["NatGatewayAddresses"]:
        if address.get("AssociationId"):
            call.api.disassociate_address(AssociationId=address["AssociationId"])
        call.api.delete_network_interface(NetworkInterfaceId=address["NetworkInterfaceId"])


NAT_GATEWAY = Type(
    "aws:ec2/natGateway:NatGateway",
    service="ec2",
    create=_create_nat,
    read=_read_nat,
    delete=_delete_nat,
    tag=tagging.ec2,
    replaces=("allocationId", "connectivityType", "subnetId"),
    # Of gateways that span zones, and of further addresses.
    absent=(
        "autoProvisionZones",
        "autoScalingIps",
        "availabilityMode",
        "regionalNatGatewayAddresses",
        "regionalNatGatewayAutoMode",
        "routeTableId",
        "secondaryAllocationIds",
        "secondaryPrivateIpAddressCount",
        "secondaryPrivateIpAddresses",
    ),
)

TYPES = (EIP, NAT_GATEWAY)
