"""VPC endpoints: ways to AWS services that never leave the network."""

import json
from typing import Any

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, tags, wire
from toolchain.providers.aws.types import tagging
from toolchain.providers.aws.types.dependencies import GONE
from toolchain.providers.aws.types.references import security_groups
from toolchain.providers.aws.values import Inputs, Outputs

ANYTHING = json.dumps(
    {
        "Version": "2008-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
"""Policy of an endpoint that was given none."""
_SETS = {
    "routeTableIds": "RouteTableIds",
    "subnetIds": "SubnetIds",
    "securityGroupIds": "SecurityGroupIds",
}


def _create(call: Call, inputs: Inputs) -> str:
    kind = inputs.get("vpcEndpointType", "Gateway")
    _check_service(call, inputs["serviceName"])
    if kind == "Interface":
        _check_interface(call, inputs)
    else:
        _check_gateway(call, inputs)
    made = call.api.create_vpc_endpoint(
        **api(inputs, "vpcId", "serviceName", policy="PolicyDocument", **_SETS),
        VpcEndpointType=kind,
        PrivateDnsEnabled=inputs.get("privateDnsEnabled", False),
        **tagging.specified(call, "vpc-endpoint"),
    )
    identity = call.made(made["VpcEndpoint"]["VpcEndpointId"])
    groups = [each["GroupId"] for each in made["VpcEndpoint"]["Groups"]]
    for interface in made["VpcEndpoint"]["NetworkInterfaceIds"]:
        # Moto puts them into the default group.
        if groups:
            call.api.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=groups)
    return identity


def _others(call: Call, inputs: Inputs) -> list[dict[str, Any]]:
    """What the network has for the same service."""
    where = [{"Name": "vpc-id", "Values": [inputs["vpcId"]]}]
    return [
        each
        for each in call.api.describe_vpc_endpoints(Filters=where)["VpcEndpoints"]
        if each["State"] not in GONE and each["ServiceName"] == inputs["serviceName"]
    ]


def _check_service(call: Call, service: str) -> None:
    known = call.api.describe_vpc_endpoint_services()["ServiceNames"]
    if service not in known:
        raise refused(
            "InvalidServiceName",
            f"The Vpc Endpoint Service '{service}' does not exist",
            "CreateVpcEndpoint",
        )


def _check_gateway(call: Call, inputs: Inputs) -> None:
    for each in _others(call, inputs):
        shared = set(each["RouteTableIds"]) & set(inputs.get("routeTableIds", ()))
        if shared:
            raise refused(
                "RouteAlreadyExists",
                f"route table {min(shared)} already has a route with destination-prefix-list-id "
                f"of {inputs['serviceName']}",
                "CreateVpcEndpoint",
            )


def _check_interface(call: Call, inputs: Inputs) -> None:
    subnets = inputs.get("subnetIds", ())
    zones: set[str] = set()
    for subnet in call.api.describe_subnets(SubnetIds=list(subnets))["Subnets"] if subnets else ():
        if subnet["AvailabilityZone"] in zones:
            raise refused(
                "DuplicateSubnetsInSameZone",
                "Found another VPC endpoint subnet in the availability zone of "
                f"{subnet['SubnetId']}. VPC endpoint subnets should be in different availability "
                "zones supported by the VPC endpoint service.",
                "CreateVpcEndpoint",
            )
        zones.add(subnet["AvailabilityZone"])
    groups = inputs.get("securityGroupIds", ())
    if security_groups(call, groups, "CreateVpcEndpoint") - {inputs["vpcId"]}:
        raise refused(
            "InvalidParameter",
            f"One of the security groups {', '.join(groups)} is not in {inputs['vpcId']}",
            "CreateVpcEndpoint",
        )
    if inputs.get("privateDnsEnabled"):
        _check_names(call, inputs)


def _check_names(call: Call, inputs: Inputs) -> None:
    """What AWS wants before it answers for a service's public name inside of a network."""
    vpc = inputs["vpcId"]
    for name, parameter in (
        ("enableDnsSupport", "EnableDnsSupport"),
        ("enableDnsHostnames", "EnableDnsHostnames"),
    ):
        found = call.api.describe_vpc_attribute(VpcId=vpc, Attribute=name)
        if not found[parameter]["Value"]:
            raise refused(
                "InvalidParameter",
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
                f"attributes set to true for {vpc}",
                "CreateVpcEndpoint",
            )
    if any(each.get("PrivateDnsEnabled") for each in _others(call, inputs)):
        raise refused(
            "InvalidParameter",
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain "
            f"for {inputs['serviceName']} in the VPC {vpc}",
            "CreateVpcEndpoint",
        )


def _change(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    changed: dict[str, Any] = {}
    for name, parameter in _SETS.items():
        was, now = set(old.get(name, ())), set(new.get(name, ()))
        if now - was:
            changed[f"Add{parameter}"] = sorted(now - was)
        if was - now:
            changed[f"Remove{parameter}"] = sorted(was - now)
    if new.get("policy") != old.get("policy"):
        changed["PolicyDocument"] = new.get("policy", ANYTHING)
    if changed:
        call.api.modify_vpc_endpoint(VpcEndpointId=identity, **changed)
    if new.get("privateDnsEnabled") != old.get("privateDnsEnabled"):
        if new.get("privateDnsEnabled"):
            _check_names(call, {**call.state, **new})
        # Moto knows it from the beginning only.
        enabled = new.get("privateDnsEnabled", False)
        records.write(call, identity, {"privateDnsEnabled": enabled})


def _read(call: Call, identity: str) -> Outputs | None:
    endpoint = first(call.api.describe_vpc_endpoints(VpcEndpointIds=[identity])["VpcEndpoints"])
    if endpoint is None or endpoint["State"] in GONE:
        return None
    gateway = endpoint["VpcEndpointType"] == "Gateway"
    return {
        **wire(endpoint, "vpcId", "serviceName", "vpcEndpointType", "state", "ownerId"),
        **wire(endpoint, "routeTableIds", "subnetIds", "networkInterfaceIds", "privateDnsEnabled"),
        **wire(endpoint, policy="PolicyDocument"),
        **(records.read(call, identity) or {}),
        "arn": call.arn(f"vpc-endpoint/{identity}"),
        "securityGroupIds": [each["GroupId"] for each in endpoint["Groups"]],
        "dnsEntries": [wire(each, "dnsName", "hostedZoneId") for each in endpoint["DnsEntries"]],
        "prefixListId": _prefix_list(call, endpoint["ServiceName"]) if gateway else "",
        "cidrBlocks": [],
        "ipAddressType": "ipv4",
        "requesterManaged": False,
        "serviceRegion": call.region,
        "tags": tags(endpoint.get("Tags")),
    }


def _prefix_list(call: Call, service: str) -> str:
    where = [{"Name": "prefix-list-name", "Values": [service]}]
    found = call.api.describe_prefix_lists(Filters=where)["PrefixLists"]
    return next((str(each["PrefixListId"]) for each in found), "")


def _delete(call: Call, identity: str) -> None:
    records.remove(call, identity)
    call.api.delete_vpc_endpoints(VpcEndpointIds=[identity])


VPC_ENDPOINT = Type(
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    service="ec2",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=tagging.ec2,
    updates=("policy", "privateDnsEnabled", *_SETS),
    replaces=("vpcId", "serviceName", "vpcEndpointType"),
    absent=("dnsOptions", "subnetConfigurations"),
)

TYPES = (VPC_ENDPOINT,)
