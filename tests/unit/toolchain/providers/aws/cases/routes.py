"""Samples of route tables and what is in them."""

from tests.unit.toolchain.providers.aws.cases.addresses import NAT_GATEWAY, SUBNET
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.stand_in import Case

ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"

CASES = (
    Case(token=ROUTE_TABLE, inputs=lambda world: {"vpcId": world[VPC].id}),
    Case(
        token="aws:ec2/route:Route",
        inputs=lambda world: {
            "routeTableId": world[ROUTE_TABLE].id,
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": world[NAT_GATEWAY].id,
        },
        replaces={"destinationCidrBlock": "10.9.0.0/16"},
    ),
    Case(
        token="aws:ec2/routeTableAssociation:RouteTableAssociation",
        inputs=lambda world: {
            "routeTableId": world[ROUTE_TABLE].id,
            "subnetId": world[SUBNET].id,
        },
        replaces={"subnetId": "subnet-0"},
    ),
)
