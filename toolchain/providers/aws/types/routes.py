"""Route tables: where packets of a subnet go."""

from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, tags, wire
from toolchain.providers.aws.types import tagging
from toolchain.providers.aws.types.dependencies import GONE
from toolchain.providers.aws.values import Inputs, Outputs


def _create_table(call: Call, inputs: Inputs) -> str:
    made = call.api.create_route_table(
        VpcId=inputs["vpcId"], **tagging.specified(call, "route-table")
    )
    return str(made["RouteTable"]["RouteTableId"])


def _read_table(call: Call, identity: str) -> Outputs | None:
    table = _table(call, identity)
    return table and {
        **wire(table, "vpcId", "ownerId"),
        "arn": call.arn(f"route-table/{identity}"),
        "propagatingVgws": [],
        "routes": [
            wire(each, "gatewayId", "natGatewayId", cidrBlock="DestinationCidrBlock")
            for each in table["Routes"]
            # The way inside of the network, and those that endpoints put in.
            if each["Origin"] == "CreateRoute" and "DestinationCidrBlock" in each
        ],
        "tags": tags(table.get("Tags")),
    }


def _table(call: Call, identity: str) -> dict[str, Any] | None:
    return first(call.api.describe_route_tables(RouteTableIds=[identity])["RouteTables"])


ROUTE_TABLE = Type(
    "aws:ec2/routeTable:RouteTable",
    service="ec2",
    create=_create_table,
    read=_read_table,
    delete=lambda call, identity: call.api.delete_route_table(RouteTableId=identity),
    tag=tagging.ec2,
    replaces=("vpcId",),
)


def _create_route(call: Call, inputs: Inputs) -> str:
    _leads_on(call, inputs, "CreateRoute")
    call.api.create_route(**_route(inputs))
    return f"{inputs['routeTableId']}_{inputs['destinationCidrBlock']}"


def _route(inputs: Inputs) -> dict[str, Any]:
    names = ("routeTableId", "destinationCidrBlock", "gatewayId", "natGatewayId")
    return api(inputs, *names)


def _leads_on(call: Call, inputs: Inputs, operation: str) -> None:
    """Moto takes a gateway of another network, and one that does not exist."""
    nat, gateway = inputs.get("natGatewayId"), inputs.get("gatewayId")
    if nat:
        found = first(call.api.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"])
        if found is None or found["State"] in GONE:
            message = f"The natGateway ID '{nat}' does not exist"
            raise refused("InvalidNatGatewayID.NotFound", message, operation)
    if gateway and gateway.startswith("igw-"):
        found = call.api.describe_internet_gateways(InternetGatewayIds=[gateway])
        attached = [each["VpcId"] for each in found["InternetGateways"][0]["Attachments"]]
        table = _table(call, inputs["routeTableId"])
        if table and table["VpcId"] not in attached:
            message = (
                f"route table {inputs['routeTableId']} and network gateway {gateway} belong to "
                "different networks"
            )
            raise refused("InvalidParameterValue", message, operation)


def _change_route(call: Call, _: str, new: Inputs, __: Inputs) -> None:
    _leads_on(call, new, "ReplaceRoute")
    call.api.replace_route(**_route(new))


def _read_route(call: Call, identity: str) -> Outputs | None:
    table, destination = identity.split("_", 1)
    routes = (_table(call, table) or {"Routes": []})["Routes"]
    route = first(each for each in routes if each.get("DestinationCidrBlock") == destination)
    return route and {
        "routeTableId": table,
        **wire(route, "destinationCidrBlock", "gatewayId", "natGatewayId", "origin", "state"),
    }


def _delete_route(call: Call, identity: str) -> None:
    table, destination = identity.split("_", 1)
    call.api.delete_route(RouteTableId=table, DestinationCidrBlock=destination)


ROUTE = Type(
    "aws:ec2/route:Route",
    service="ec2",
    create=_create_route,
    read=_read_route,
    update=_change_route,
    delete=_delete_route,
    updates=("gatewayId", "natGatewayId"),
    replaces=("routeTableId", "destinationCidrBlock"),
    # Of routes to an instance.
    absent=("instanceId", "instanceOwnerId", "networkInterfaceId"),
)


def _associate(call: Call, inputs: Inputs) -> str:
    subnet, table = inputs["subnetId"], inputs["routeTableId"]
    if _association(call, subnet):
        raise refused(
            "Resource.AlreadyAssociated",
            f"the specified association for route table {table} conflicts with an existing "
            "association",
            "AssociateRouteTable",
        )
    call.api.associate_route_table(SubnetId=subnet, RouteTableId=table)
    # AWS's own id changes with the table; this is what an import takes.
    return f"{subnet}/{table}"


def _association(call: Call, subnet: str) -> dict[str, Any] | None:
    where = [{"Name": "association.subnet-id", "Values": [subnet]}]
    tables = call.api.describe_route_tables(Filters=where)["RouteTables"]
    return first(
        each for table in tables for each in table["Associations"] if each.get("SubnetId") == subnet
    )


def _change_association(call: Call, identity: str, new: Inputs, _: Inputs) -> None:
    found = _association(call, identity.split("/", 1)[0])
    if found is None:
        message = f"The association ID of '{identity}' does not exist"
        raise refused("InvalidAssociationID.NotFound", message, "ReplaceRouteTableAssociation")
    call.api.replace_route_table_association(
        AssociationId=found["RouteTableAssociationId"], RouteTableId=new["routeTableId"]
    )


def _read_association(call: Call, identity: str) -> Outputs | None:
    found = _association(call, identity.split("/", 1)[0])
    return found and wire(found, "subnetId", "routeTableId")


def _dissociate(call: Call, identity: str) -> None:
    found = _association(call, identity.split("/", 1)[0])
    if found:
        call.api.disassociate_route_table(AssociationId=found["RouteTableAssociationId"])


ASSOCIATION = Type(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    service="ec2",
    create=_associate,
    read=_read_association,
    update=_change_association,
    delete=_dissociate,
    updates=("routeTableId",),
    replaces=("subnetId",),
    # A subnet has one.
    delete_first=True,
)

TYPES = (ROUTE_TABLE, ROUTE, ASSOCIATION)
