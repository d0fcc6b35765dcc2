"""The network of a cluster on AWS: where it has a way out, where it has none, and who sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import ec2

from components.account import Account
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.settings import NetworkSettings
from components.network.subnets import letter, plan

ANYWHERE: Final = "0.0.0.0/0"
PUBLIC_BALANCERS: Final = {"kubernetes.io/role/elb": "1"}
"""Tag of subnets in which Kubernetes may put load balancers that the internet reaches."""
INTERNAL_BALANCERS: Final = {"kubernetes.io/role/internal-elb": "1"}
"""The same for load balancers that only the network reaches."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a network is made from."""

    settings: NetworkSettings
    account: Account
    clusters: tuple[str, ...]
    """Names of the EKS clusters that share its subnets."""
    key_arn: pulumi.Input[str]
    """Key of the flow logs; the log service of the region has to be among its services."""


class Network(pulumi.ComponentResource):
    """A VPC with three subnets in each zone: public, private with a way out, data without any.

    The ids of subnets are handed out together with their routes: whoever uses one is created after
    the way out is open and is gone before it closes.
    """

    id: pulumi.Output[str]
    """Id of the VPC."""
    cidr: str
    """Its addresses."""
    zones: tuple[str, ...]
    """Its availability zones, in the order of the subnets."""
    public: tuple[pulumi.Output[str], ...]
    """Ids of the subnets behind the internet gateway: load balancers."""
    private: tuple[pulumi.Output[str], ...]
    """Ids of the subnets behind NAT: nodes and pods."""
    data: tuple[pulumi.Output[str], ...]
    """Ids of the subnets without a route out of the network: databases and caches."""
    s3_endpoint: pulumi.Output[str]
    """Id of the endpoint of S3, as `aws:SourceVpce` of bucket policies names it."""
    flow_logs: pulumi.Output[str]
    """Name of the log group with the records of all connections."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:network:Network", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        self.cidr, self.zones = args.settings.cidr, args.settings.zones
        zones = plan(self.cidr, self.zones, args.settings.zone_slots)
        shared = {f"kubernetes.io/cluster/{cluster}": "shared" for cluster in args.clusters}

        self.id = self._vpc()
        public = self._subnets("public", [z.public for z in zones], PUBLIC_BALANCERS | shared)
        private = self._subnets("private", [z.private for z in zones], INTERNAL_BALANCERS | shared)
        data = self._subnets("data", [z.data for z in zones], {})

        gateway = ec2.InternetGateway(
            f"{name}-internet", vpc_id=self.id, tags={"Name": name}, opts=self._child
        )
        self.public = self._public(public, gateway)
        tables = {zone: self._table(f"private-{letter(zone)}") for zone in self.zones}
        self.private = self._private(private, tables, self._nat(args.settings, gateway))
        self.data = self._routed("data", data, dict.fromkeys(self.zones, self._table("data")), {})

        self.flow_logs = FlowLogs(
            f"{name}-flow-logs",
            FlowLogsArgs(
                account=args.account,
                vpc=self.id,
                days=args.settings.flow_log_days,
                key_arn=args.key_arn,
            ),
            self._child,
        ).log_group
        self.s3_endpoint = Endpoints(
            f"{name}-endpoints",
            EndpointsArgs(
                account=args.account,
                services=args.settings.interface_endpoints,
                vpc=self.id,
                cidr=self.cidr,
                subnets=[private[zone].id for zone in self.zones],
                route_tables=[tables[zone].id for zone in self.zones],
            ),
            self._child,
        ).s3
        self.register_outputs(
            {
                "id": self.id,
                "public": list(self.public),
                "private": list(self.private),
                "data": list(self.data),
                "s3_endpoint": self.s3_endpoint,
                "flow_logs": self.flow_logs,
            }
        )

    def _vpc(self) -> pulumi.Output[str]:
        vpc = ec2.Vpc(
            f"{self._name}-vpc",
            cidr_block=self.cidr,
            # Private names of endpoints and of the cluster's own API server need both.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": self._name},
            opts=self._child,
        )
        # What names no group gets the default one: it lets nothing in or out.
        ec2.DefaultSecurityGroup(
            f"{self._name}-default", vpc_id=vpc.id, ingress=[], egress=[], opts=self._child
        )
        return vpc.id

    def _subnets(
        self, tier: str, cidrs: Sequence[str], tags: Mapping[str, str]
    ) -> dict[str, "ec2.Subnet"]:
        """A subnet of `tier` in each zone."""

        def subnet(zone: str, cidr: str) -> "ec2.Subnet":
            role = f"{self._name}-{tier}-{letter(zone)}"
            return ec2.Subnet(
                role,
                vpc_id=self.id,
                availability_zone=zone,
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags={"Name": role, **tags},
                opts=self._child,
            )

        return {zone: subnet(zone, cidr) for zone, cidr in zip(self.zones, cidrs, strict=True)}

    def _table(self, role: str) -> "ec2.RouteTable":
        """A route table that knows the network itself and nothing else yet."""
        name = f"{self._name}-{role}"
        return ec2.RouteTable(name, vpc_id=self.id, tags={"Name": name}, opts=self._child)

    def _public(
        self, subnets: Mapping[str, "ec2.Subnet"], gateway: "ec2.InternetGateway"
    ) -> tuple[pulumi.Output[str], ...]:
        table = self._table("public")
        out = ec2.Route(
            f"{self._name}-public-out",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._child,
        )
        tables, routes = dict.fromkeys(self.zones, table), dict.fromkeys(self.zones, out)
        return self._routed("public", subnets, tables, routes)

    def _nat(
        self, settings: NetworkSettings, gateway: "ec2.InternetGateway"
    ) -> dict[str, "ec2.NatGateway"]:
        """The gateway that each zone goes out by: its own, or the first zone's."""
        places = self.zones if settings.nat == "per_zone" else self.zones[:1]
        gateways: dict[str, ec2.NatGateway] = {}
        for zone, subnet in zip(places, self.public, strict=False):
            role = f"{self._name}-nat-{letter(zone)}"
            address = ec2.Eip(
                f"{role}-address",
                domain="vpc",
                tags={"Name": role},
                # An internet gateway cannot leave while the network has public addresses.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
            )
            gateways[zone] = ec2.NatGateway(
                role,
                allocation_id=address.id,
                subnet_id=subnet,
                tags={"Name": role},
                opts=self._child,
            )
        return {zone: gateways.get(zone, gateways[places[0]]) for zone in self.zones}

    def _private(
        self,
        subnets: Mapping[str, "ec2.Subnet"],
        tables: Mapping[str, "ec2.RouteTable"],
        gateways: Mapping[str, "ec2.NatGateway"],
    ) -> tuple[pulumi.Output[str], ...]:
        routes = {
            zone: ec2.Route(
                f"{self._name}-private-{letter(zone)}-out",
                route_table_id=tables[zone].id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=gateways[zone].id,
                opts=self._child,
            )
            for zone in self.zones
        }
        return self._routed("private", subnets, tables, routes)

    def _routed(
        self,
        tier: str,
        subnets: Mapping[str, "ec2.Subnet"],
        tables: Mapping[str, "ec2.RouteTable"],
        routes: Mapping[str, "ec2.Route"],
    ) -> tuple[pulumi.Output[str], ...]:
        """Gives each subnet its table. Returns the subnets' ids, known once the routes are there."""

        def routed(zone: str) -> pulumi.Output[str]:
            association = ec2.RouteTableAssociation(
                f"{self._name}-{tier}-{letter(zone)}-routes",
                subnet_id=subnets[zone].id,
                route_table_id=tables[zone].id,
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=[routes[zone]] if zone in routes else None
                ),
            )
            return pulumi.Output.all(subnets[zone].id, association.id).apply(lambda ids: ids[0])

        return tuple(routed(zone) for zone in self.zones)
