"""Prices of AWS resources, and how each kind of resource is reckoned from them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from policies.resource import Props, Resource, Stack, at, items, mapping, whole

FILE: Final = Path(__file__).with_name("prices.yaml")
_FREE: Final = (
    "aws:acm/*",
    "aws:backup/Plan",
    "aws:backup/Selection",
    "aws:backup/Vault?*",
    "aws:cloudwatch/LogResourcePolicy",
    "aws:ec2/DefaultSecurityGroup",
    "aws:ec2/FlowLog",
    "aws:ec2/InternetGateway",
    "aws:ec2/LaunchTemplate",
    "aws:ec2/Network*",
    "aws:ec2/Route*",
    "aws:ec2/SecurityGroup*",
    "aws:ec2/Subnet",
    "aws:ec2/Vpc",
    "aws:ecr/?*Policy",
    "aws:ecr/RegistryScanningConfiguration",
    "aws:eks/A*",
    "aws:eks/PodIdentityAssociation",
    "aws:elasticache/ParameterGroup",
    "aws:elasticache/SubnetGroup",
    "aws:elasticache/User*",
    "aws:iam/*",
    "aws:kms/Alias",
    "aws:lb/Listener*",
    "aws:lb/TargetGroup*",
    "aws:rds/ParameterGroup",
    "aws:rds/SubnetGroup",
    "aws:route53/Record",
    "aws:s3/Bucket?*",
    "aws:secretsmanager/Secret?*",
    "aws:vpc/*",
    "aws:wafv2/WebAcl?*",
)
"""Kinds without a price of their own, or whose price is that of what they write to."""


class Region(BaseModel):
    """The prices of a region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hourly: dict[str, float]
    monthly: dict[str, float]
    machines: dict[str, float]
    databases: dict[str, float]
    caches: dict[str, float]
    valkey_share: float


class Prices(BaseModel):
    """The table of prices, with the day it was true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    as_of: str
    source: str
    hours_per_month: int
    regions: dict[str, Region]
    assumptions: dict[str, float]


@cache
def load(file: Path = FILE) -> Prices:
    """The table of prices. Raises `pydantic.ValidationError` with what is wrong in the file."""
    return Prices.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


class UnpricedError(Exception):
    """The table has no price for what is asked for. The message names it."""


@dataclass(frozen=True)
class Table:
    """What a price is made from: the prices of the region and the rest of the stack."""

    prices: Prices
    region: Region
    stack: Stack

    def by_hour(self, name: str) -> float:
        """A month of what is paid by the hour."""
        return self.region.hourly[name] * self.prices.hours_per_month

    def machine(self, prices: Mapping[str, float], size: object) -> float:
        """A month of a machine. Raises `UnpricedError` for a size that the table lacks."""
        if size not in prices:
            raise UnpricedError(str(size))
        return prices[str(size)] * self.prices.hours_per_month

    def assumed(self, name: str, unit: str | None = None) -> float:
        """A month of what the table assumes to be used, at the price of `unit`, or of its own name."""
        return self.prices.assumptions[name] * self.region.monthly[unit or name]


Pricer = Callable[[Resource, Table], Iterator[tuple[str, float]]]
"""What a resource is paid for, and for how much by the month."""


@cache
def free(kind: str) -> bool:
    """Whether a kind costs nothing by itself."""
    return any(fnmatchcase(kind, pattern) for pattern in _FREE)


def _cluster(_: Resource, table: Table) -> Iterator[tuple[str, float]]:
    yield "control plane", table.by_hour("cluster")


def _nodes(group: Resource, table: Table) -> Iterator[tuple[str, float]]:
    count = whole(at(group.props, "scalingConfig", "desiredSize")) or 0
    sizes = items(group.props.get("instanceTypes"))
    size = str(sizes[0]) if sizes else "t3.medium"
    yield f"{count} x {size}", count * table.machine(table.region.machines, size)
    template = next(table.stack.origins(group, "launchTemplate", "aws:ec2/LaunchTemplate"), None)
    disk = (
        whole(group.props.get("diskSize")) or 20
        if template is None
        else sum(_disks(template.props, table))
    )
    yield f"{count} x {disk:g} GB disk", count * disk * table.region.monthly["disk_gb"]


def _disks(template: Props, table: Table) -> Iterator[float]:
    for entry in items(template.get("blockDeviceMappings")):
        size = whole(at(mapping(entry), "ebs", "volumeSize"))
        yield table.prices.assumptions["image_disk_gb"] if size is None else size


def _nat(_: Resource, table: Table) -> Iterator[tuple[str, float]]:
    yield "gateway", table.by_hour("nat_gateway")
    yield "traffic, assumed", table.assumed("nat_gb")


def _address(_: Resource, table: Table) -> Iterator[tuple[str, float]]:
    yield "public address", table.by_hour("public_address")


def _balancer(balancer: Resource, table: Table) -> Iterator[tuple[str, float]]:
    kind = "network" if balancer.props.get("loadBalancerType") == "network" else "application"
    units = table.prices.assumptions["capacity_units"]
    yield f"{kind} load balancer", table.by_hour(f"{kind}_balancer")
    yield "capacity units, assumed", units * table.by_hour(f"{kind}_capacity_unit")
    if balancer.props.get("internal") is not True:
        zones = len(items(balancer.props.get("subnets"))) or len(
            items(balancer.props.get("subnetMappings"))
        )
        yield f"{zones} x public address", zones * table.by_hour("public_address")


def _endpoint(endpoint: Resource, table: Table) -> Iterator[tuple[str, float]]:
    if endpoint.props.get("vpcEndpointType") == "Interface":
        zones = len(items(endpoint.props.get("subnetIds")))
        yield f"{zones} x endpoint", zones * table.by_hour("interface_endpoint")
        yield "traffic, assumed", table.assumed("endpoint_gb")


def _database(database: Resource, table: Table) -> Iterator[tuple[str, float]]:
    copies = 2 if database.props.get("multiAz") is True else 1
    size, gb = database.props.get("instanceClass"), whole(database.props.get("allocatedStorage"))
    yield f"{copies} x {size}", copies * table.machine(table.region.databases, size)
    storage = copies * (gb or 0) * table.region.monthly["database_gb"]
    yield f"{copies} x {gb or 0} GB storage", storage


def _cache_nodes(cache_group: Resource, table: Table) -> Iterator[tuple[str, float]]:
    props = cache_group.props
    shards = whole(props.get("numNodeGroups"))
    count = (
        whole(props.get("numCacheClusters")) or 1
        if shards is None
        else shards * ((whole(props.get("replicasPerNodeGroup")) or 0) + 1)
    )
    share = table.region.valkey_share if props.get("engine") == "valkey" else 1.0
    node = table.machine(table.region.caches, props.get("nodeType"))
    yield f"{count} x {props.get('nodeType')}", count * node * share


def _firewall(firewall: Resource, table: Table) -> Iterator[tuple[str, float]]:
    rules = len(items(firewall.props.get("rules")))
    yield "web ACL", table.region.monthly["firewall"]
    yield f"{rules} x rule", rules * table.region.monthly["firewall_rule"]
    yield "requests, assumed", table.assumed("firewall_million_requests")


def _each(item: str, name: str) -> Pricer:
    def pricer(_: Resource, table: Table) -> Iterator[tuple[str, float]]:
        yield item, table.region.monthly[name]

    return pricer


def _assumed(item: str, name: str) -> Pricer:
    def pricer(_: Resource, table: Table) -> Iterator[tuple[str, float]]:
        yield f"{item}, assumed", table.assumed(name)

    return pricer


def _disk(volume: Resource, table: Table) -> Iterator[tuple[str, float]]:
    gb = whole(volume.props.get("size")) or 0
    yield f"{gb} GB disk", gb * table.region.monthly["disk_gb"]


PRICERS: Final[Mapping[str, Pricer]] = {
    "aws:backup/Vault": _assumed("recovery points", "backup_gb"),
    "aws:cloudwatch/LogGroup": _assumed("logs", "log_gb"),
    "aws:ebs/Volume": _disk,
    "aws:ec2/Eip": _address,
    "aws:ec2/NatGateway": _nat,
    "aws:ec2/VpcEndpoint": _endpoint,
    "aws:ecr/Repository": _assumed("images", "image_gb"),
    "aws:eks/Cluster": _cluster,
    "aws:eks/NodeGroup": _nodes,
    "aws:elasticache/ReplicationGroup": _cache_nodes,
    "aws:kms/Key": _each("key", "key"),
    "aws:lb/LoadBalancer": _balancer,
    "aws:rds/Instance": _database,
    "aws:route53/Zone": _each("hosted zone", "hosted_zone"),
    "aws:s3/Bucket": _assumed("objects", "object_gb"),
    "aws:secretsmanager/Secret": _each("secret", "secret"),
    "aws:wafv2/WebAcl": _firewall,
}
"""What each kind of resource costs."""
