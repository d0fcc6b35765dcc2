"""Nodes: whose machine image, which metadata, which disks, and no way in but the cluster's."""

import re
from collections.abc import Iterator
from typing import Final

from policies.resource import Part, Props, Resource, Stack, at, has, items, mapping, parts, refers
from policies.rule import Severity, cis, fsbp, of, rule, stack_rule
from policies.selectors import some

_GROUP: Final = "aws:eks/NodeGroup"
_TEMPLATE: Final = "aws:ec2/LaunchTemplate"
_INSTANCE: Final = "aws:ec2/Instance"
_AMI: Final = re.compile(r"(BOTTLEROCKET|AL2023)_\w+")


@rule(
    of(_TEMPLATE, _INSTANCE),
    severity=Severity.CRITICAL,
    remedy="set metadataOptions.httpTokens to required.",
    reference=fsbp("EC2.170 Launch templates use IMDSv2"),
    everywhere=True,
)
def require_session_metadata(machine: Resource) -> Iterator[str]:
    """A node's credentials are handed out to sessions only (IMDSv2), not to a forged request."""
    tokens = at(machine.props, "metadataOptions", "httpTokens")
    if tokens != "required":
        yield f"metadataOptions.httpTokens is {tokens or 'not set'}"


@rule(
    of(_TEMPLATE, _INSTANCE),
    severity=Severity.HIGH,
    remedy="set metadataOptions.httpPutResponseHopLimit to 1.",
    reference=cis("5.2.1 Dedicated service accounts"),
    everywhere=True,
)
def require_one_metadata_hop(machine: Resource) -> Iterator[str]:
    """A pod, which is one hop further than its node, gets no answer with the node's credentials."""
    limit = at(machine.props, "metadataOptions", "httpPutResponseHopLimit")
    if limit != 1:
        yield f"metadataOptions.httpPutResponseHopLimit is {limit or 'not set'}"


@rule(
    of(_GROUP),
    severity=Severity.HIGH,
    remedy="give the node group a launch template; without one nodes start with AWS's own choices.",
    reference=cis("3.2 Kubelet"),
    everywhere=True,
)
def require_launch_template(group: Resource) -> Iterator[str]:
    """What a node is made from is written down."""
    template = mapping(group.props.get("launchTemplate"))
    if not has(template, "id") and not has(template, "name"):
        yield "launchTemplate is not set"


@rule(
    of(_GROUP),
    severity=Severity.HIGH,
    remedy="set amiType to a BOTTLEROCKET_ or AL2023_ type.",
    reference=cis("3.1 Worker node configuration files"),
    everywhere=True,
)
def require_hardened_image(group: Resource) -> Iterator[str]:
    """Nodes run an image that AWS maintains for this use: files, owners and kubelet as it sets them."""
    image = group.props.get("amiType")
    if not isinstance(image, str) or not _AMI.fullmatch(image):
        yield f"amiType is {image or 'not set'}"


@rule(
    of(_TEMPLATE),
    severity=Severity.HIGH,
    remedy="remove userData and imageId; settings of the kubelet that CIS names stay as AWS sets them.",
    reference=cis("3.2 Kubelet"),
    everywhere=True,
)
def forbid_custom_bootstrap(template: Resource) -> Iterator[str]:
    """Nothing that a node runs at its start can loosen its kubelet."""
    for key in ("userData", "imageId"):
        if template.props.get(key):
            yield f"{key} is set"


def _disks(resource: Resource) -> Iterator[Part]:
    if resource.kind == _TEMPLATE:
        devices = list(parts(resource, "device", "blockDeviceMappings"))
        yield from devices or [Part("", {}, resource)]
    elif resource.kind == "aws:ebs/Volume":
        yield Part("", {"ebs": resource.props}, resource)
    elif resource.kind == _INSTANCE:
        yield Part("root device", {"ebs": mapping(resource.props.get("rootBlockDevice"))}, resource)


@rule(
    _disks,
    severity=Severity.HIGH,
    remedy="set ebs.encrypted to true for each device, and kmsKeyId to a key of your own.",
    reference=fsbp("EC2.3 EBS volumes encrypted at rest"),
    everywhere=True,
)
def require_encrypted_disks(disk: Part) -> Iterator[str]:
    """What nodes write to their disks is encrypted."""
    encrypted = at(disk.props, "ebs", "encrypted")
    if str(encrypted).lower() != "true":
        yield "ebs.encrypted is not true"


@rule(
    of(_GROUP, _TEMPLATE, _INSTANCE),
    severity=Severity.HIGH,
    remedy="remove remoteAccess and keyName; look at a node through its logs, or through SSM.",
    reference=cis("5.4.3 Private nodes"),
    everywhere=True,
)
def forbid_node_login(machine: Resource) -> Iterator[str]:
    """Nobody logs in to a node."""
    if mapping(machine.props.get("remoteAccess")):
        yield "remoteAccess is set"
    if machine.props.get("keyName"):
        yield "keyName is set"


def _addresses(resource: Resource) -> Iterator[Part]:
    if resource.kind == _TEMPLATE:
        yield from parts(resource, "network interface", "networkInterfaces")
    elif resource.kind == _INSTANCE:
        yield Part("", resource.props, resource)


@rule(
    _addresses,
    severity=Severity.HIGH,
    remedy="remove associatePublicIpAddress; what leaves the network goes through NAT.",
    reference=cis("5.4.3 Private nodes"),
    everywhere=True,
)
def forbid_public_nodes(interface: Part) -> Iterator[str]:
    """No node has an address on the internet."""
    if str(interface.props.get("associatePublicIpAddress")).lower() == "true":
        yield "associatePublicIpAddress is true"


@stack_rule(
    _GROUP,
    severity=Severity.HIGH,
    remedy="put the nodes into subnets whose way out is a NAT gateway.",
    reference=cis("5.4.3 Private nodes"),
    everywhere=True,
)
def forbid_nodes_in_public_subnets(group: Resource, stack: Stack) -> Iterator[str]:
    """Nodes are in subnets that the internet has no route to."""
    for subnet in stack.origins(group, "subnetIds", "aws:ec2/Subnet"):
        if some(tables(subnet, stack), lambda table: _leads_out(table, stack)):
            yield f"subnet {subnet.name} has a route to an internet gateway"


def tables(subnet: Resource, stack: Stack) -> Iterator[Resource]:
    """The route tables that a subnet is given."""
    for association in stack.of("aws:ec2/RouteTableAssociation"):
        if refers(association, "subnetId", subnet):
            yield from stack.origins(association, "routeTableId", "aws:ec2/RouteTable")


def _leads_out(table: Resource, stack: Stack) -> bool:
    inline = (mapping(route) for route in items(table.props.get("routes")))
    if some(inline, _through_gateway):
        return True
    routes = (route for route in stack.of("aws:ec2/Route") if refers(route, "routeTableId", table))
    return some(routes, lambda route: _through_gateway(route.props))


def _through_gateway(route: Props) -> bool:
    # The id itself may be unknown in a preview; that there is one is enough.
    return has(route, "gatewayId")


RULES: Final = (
    require_session_metadata,
    require_one_metadata_hop,
    require_launch_template,
    require_hardened_image,
    forbid_custom_bootstrap,
    require_encrypted_disks,
    forbid_node_login,
    forbid_public_nodes,
    forbid_nodes_in_public_subnets,
)
