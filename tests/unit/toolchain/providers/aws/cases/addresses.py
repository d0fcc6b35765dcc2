"""Samples of public addresses and NAT gateways."""

from tests.unit.toolchain.providers.aws.stand_in import Case, Inputs, World

GATEWAY = "aws:ec2/internetGateway:InternetGateway"
SUBNET = "aws:ec2/subnet:Subnet"
EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"


def _nat(world: World) -> Inputs:
    # The network's door has to be there before anything goes out by it.
    assert world[GATEWAY].id
    return {"allocationId": world[EIP].id, "subnetId": world[SUBNET].id}


CASES = (
    Case(token=EIP, inputs=lambda _: {"domain": "vpc"}),
    Case(token=NAT_GATEWAY, inputs=_nat, replaces={"connectivityType": "private"}),
)
