"""Samples of what networks are made of."""

from tests.unit.toolchain.providers.aws.stand_in import Case

VPC = "aws:ec2/vpc:Vpc"

CASES = (
    Case(
        token=VPC,
        inputs=lambda _: {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True},
        changes={"enableDnsHostnames": None, "enableDnsSupport": False},
        replaces={"cidrBlock": "10.1.0.0/16", "instanceTenancy": "dedicated"},
    ),
    Case(
        token="aws:ec2/subnet:Subnet",
        inputs=lambda world: {
            "vpcId": world[VPC].id,
            "cidrBlock": "10.0.1.0/24",
            "availabilityZone": "eu-central-1b",
        },
        changes={"mapPublicIpOnLaunch": True},
        replaces={"cidrBlock": "10.0.2.0/24", "availabilityZone": "eu-central-1a"},
    ),
    Case(
        token="aws:ec2/internetGateway:InternetGateway",
        inputs=lambda world: {"vpcId": world[VPC].id},
        changes={"vpcId": None},
    ),
)
