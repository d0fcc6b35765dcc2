"""Networks: private addresses, a record of all connections, and security groups that stay shut."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from policies.network import PRIVATE, Network, within
from policies.resource import Props, Resource, Stack, has, items, mapping, refers, whole
from policies.rule import Severity, cis, fsbp, of, rule, stack_rule
from policies.selectors import some

_VPC: Final = "aws:ec2/Vpc"
_GROUP: Final = "aws:ec2/SecurityGroup"
_INGRESS: Final = "aws:vpc/SecurityGroupIngressRule"
_OLD_RULE: Final = "aws:ec2/SecurityGroupRule"
_BROADEST: Final = {4: 8, 6: 16}
"""Shortest prefix of a range that is somebody's: two halves of the internet are all of it."""
_WEB: Final = (80, 443)
_ADMINISTRATION: Final = {22: "SSH", 3389: "RDP", 5985: "WinRM", 5986: "WinRM"}
_SHARED: Final[tuple[Network, ...]] = (*PRIVATE, ip_network("100.64.0.0/10"))


def _anywhere(cidr: str) -> bool:
    """Whether a range is so broad that nobody's name could stand for it."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _BROADEST[network.version]


@rule(
    of(_VPC),
    severity=Severity.HIGH,
    remedy="choose a block inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10.",
)
def require_private_range(network: Resource) -> Iterator[str]:
    """Networks use addresses that nobody on the internet has."""
    cidr = str(network.props.get("cidrBlock"))
    try:
        block = ip_network(cidr)
    except ValueError:
        yield f"cidrBlock {cidr} is no network"
        return
    if not any(within(block, private) for private in _SHARED):
        yield f"cidrBlock {cidr} is not private"


@stack_rule(
    _VPC,
    severity=Severity.MEDIUM,
    remedy="add a FlowLog with vpcId and trafficType ALL (FlowLogs in components/network does).",
    reference=fsbp("EC2.6 VPC flow logging enabled"),
)
def require_flow_logs(network: Resource, stack: Stack) -> Iterator[str]:
    """Every connection of a network leaves a record."""

    def records(log: Resource) -> bool:
        return refers(log, "vpcId", network) and log.props.get("trafficType") == "ALL"

    if not some(stack.of("aws:ec2/FlowLog"), records):
        yield "no flow log records all of its traffic"


@stack_rule(
    _VPC,
    severity=Severity.HIGH,
    remedy="add a DefaultSecurityGroup with vpcId and empty ingress and egress.",
    reference=fsbp("EC2.2 Default security groups closed"),
)
def require_closed_default_group(network: Resource, stack: Stack) -> Iterator[str]:
    """What names no security group reaches nothing and is reached by nothing."""

    def shut(group: Resource) -> bool:
        opened = items(group.props.get("ingress")) or items(group.props.get("egress"))
        return refers(group, "vpcId", network) and not opened

    if not some(stack.of("aws:ec2/DefaultSecurityGroup"), shut):
        yield "its default security group is not closed"


@rule(
    of("aws:ec2/Subnet"),
    severity=Severity.HIGH,
    remedy="set mapPublicIpOnLaunch to false.",
    reference=fsbp("EC2.15 Subnets give out no public addresses"),
)
def forbid_public_addresses(subnet: Resource) -> Iterator[str]:
    """No subnet gives an address on the internet to whatever starts in it."""
    if subnet.props.get("mapPublicIpOnLaunch"):
        yield "mapPublicIpOnLaunch is true"


@dataclass(frozen=True)
class Opening:
    """One rule of a security group that lets connections in."""

    label: str
    resource: Resource
    props: Props

    @property
    def ranges(self) -> Iterator[str]:
        """The address ranges that it lets in; other security groups are none."""
        for key in ("cidrIpv4", "cidrIpv6"):
            if has(self.props, key):
                yield str(self.props[key])
        for key in ("cidrBlocks", "ipv6CidrBlocks"):
            yield from (str(cidr) for cidr in items(self.props.get(key)))

    def admits(self, port: int) -> bool:
        """Whether it opens a port."""
        if str(self.props.get("ipProtocol", self.props.get("protocol"))) in ("-1", "all"):
            return True
        first, last = whole(self.props.get("fromPort")), whole(self.props.get("toPort"))
        return first is None or last is None or first <= port <= last

    @property
    def only_web(self) -> bool:
        """Whether it opens one of the ports of the web and no other."""
        protocol = str(self.props.get("ipProtocol", self.props.get("protocol")))
        ports = {whole(self.props.get("fromPort")), whole(self.props.get("toPort"))}
        return protocol in ("tcp", "6") and len(ports) == 1 and bool(ports & set(_WEB))


def openings(resource: Resource) -> Iterator[Opening]:
    """What a resource opens of a security group, in each of the three ways there are."""
    if resource.kind == _INGRESS or (
        resource.kind == _OLD_RULE and resource.props.get("type") == "ingress"
    ):
        yield Opening("", resource, resource.props)
    elif resource.kind == _GROUP:
        entries = items(resource.props.get("ingress"))
        for index in range(len(entries)):
            yield Opening(f"ingress rule {index + 1}", resource, mapping(entries[index]))


@rule(
    openings,
    severity=Severity.CRITICAL,
    remedy="name whom it is for by security group or address range; only a load balancer's ports 80 "
    "and 443 are open to everybody.",
    reference=fsbp("EC2.18 Security groups open only authorised ports"),
    everywhere=True,
)
def forbid_open_ports(opening: Opening) -> Iterator[str]:
    """Nothing but the web's ports is open to the internet."""
    for cidr in opening.ranges:
        if _anywhere(cidr) and not opening.only_web:
            yield f"it lets in {cidr} beyond ports 80 and 443"


@rule(
    openings,
    severity=Severity.HIGH,
    remedy="remove the range; nobody logs in to a machine here, and programs are named by their "
    "security group.",
    reference=fsbp("EC2.13 No ingress to port 22"),
    everywhere=True,
)
def forbid_administration_ports(opening: Opening) -> Iterator[str]:
    """No range of addresses reaches a port that machines are administered by."""
    for cidr in opening.ranges:
        # What is open to everybody beyond the web has its own complaint.
        if _anywhere(cidr):
            continue
        found = sorted({name for port, name in _ADMINISTRATION.items() if opening.admits(port)})
        if found:
            yield f"{cidr} reaches {', '.join(found)}"


@stack_rule(
    _GROUP,
    _INGRESS,
    _OLD_RULE,
    severity=Severity.HIGH,
    remedy="put a load balancer before it and let in the balancer's security group only.",
    reference=cis("5.4.3 Private nodes"),
)
def forbid_open_ports_beside_balancers(resource: Resource, stack: Stack) -> Iterator[str]:
    """Only load balancers are open to the internet."""
    public = [
        opening
        for opening in openings(resource)
        if opening.only_web and any(_anywhere(cidr) for cidr in opening.ranges)
    ]
    if not public:
        return
    groups = (
        [resource]
        if resource.kind == _GROUP
        else list(stack.origins(resource, "securityGroupId", _GROUP))
    )
    for group in groups:
        balancers = stack.of("aws:lb/LoadBalancer")
        if not some(balancers, lambda each: refers(each, "securityGroups", group)):  # noqa: B023 (called at once)
            yield f"security group {group.name} is open to everybody and is no load balancer's"


RULES: Final = (
    require_private_range,
    require_flow_logs,
    require_closed_default_group,
    forbid_public_addresses,
    forbid_open_ports,
    forbid_administration_ports,
    forbid_open_ports_beside_balancers,
)
