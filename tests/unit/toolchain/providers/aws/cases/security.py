"""Samples of security groups and their rules."""

from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.stand_in import Case

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
HTTPS = {
    "protocol": "tcp",
    "fromPort": 443,
    "toPort": 443,
    "cidrBlocks": ["10.0.0.0/16", "10.1.0.0/16"],
    "self": True,
    "description": "HTTPS",
}

CASES = (
    Case(
        token=GROUP,
        inputs=lambda world: {"vpcId": world[VPC].id, "ingress": [HTTPS]},
        changes={
            "ingress": [],
            "egress": [{**HTTPS, "description": "out"}],
            "revokeRulesOnDelete": True,
        },
        replaces={"name": "other", "description": "another"},
    ),
    Case(
        token="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        inputs=lambda world: {"vpcId": world[VPC].id, "ingress": [], "egress": []},
        changes={"ingress": [HTTPS]},
        replaces={"vpcId": "vpc-0"},
    ),
    Case(
        token=INGRESS,
        inputs=lambda world: {
            "securityGroupId": world[GROUP].id,
            "description": "HTTPS from the network",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 444,
            "cidrIpv4": "10.2.0.0/16",
        },
        changes={"description": "HTTPS", "toPort": 443, "cidrIpv4": "10.3.0.0/16"},
        replaces={"securityGroupId": "sg-0", "cidrIpv6": "::/0"},
    ),
    Case(
        token=EGRESS,
        inputs=lambda world: {
            "securityGroupId": world[GROUP].id,
            "description": "Each other",
            "ipProtocol": "-1",
            "referencedSecurityGroupId": world[GROUP].id,
        },
        changes={"description": "All of the group"},
        replaces={"referencedSecurityGroupId": "sg-0", "prefixListId": "pl-0"},
    ),
)
