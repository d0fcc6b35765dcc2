"""Fixtures of the rules on AWS accounts, networks and nodes."""

import json
from typing import Final

from tests.policies.aws_parts import aws
from tests.policies.aws_world import KUBECONFIG, aws_world
from tests.policies.cases import Case, each, field_case, one
from tests.policies.world import ABSENT, UNKNOWN, Declared


def _tags(*names: str) -> str:
    return json.dumps({"tags": dict.fromkeys(names, "x")})


def _without_links(name: str, **props: object) -> Declared:
    declared = aws_world()[name]
    return Declared(declared.type, {**declared.props, **props})


ACCOUNT_CASES: Final[dict[str, Case]] = {
    "require-explicit-region": field_case(
        ("aws-provider", "region"), good=("eu-central-1",), bad=(ABSENT, "")
    ),
    "forbid-written-credentials": Case(
        (
            (
                (("aws-provider", "accessKey"), "test"),
                (("aws-provider", "endpoints"), '[{"s3": "http://127.0.0.1:5000"}]'),
            ),
        ),
        each(("aws-provider", "secretKey"), "hunter2!"),
        each(("aws-provider", "endpoints"), UNKNOWN),
    ),
    "require-cost-tags": field_case(
        ("aws-provider", "defaultTags"),
        good=(
            {"tags": {"project": "a", "environment": "b", "platform": "c"}},
            _tags("project", "environment", "platform", "more"),
        ),
        bad=(ABSENT, _tags("project"), "no JSON"),
    ),
    "require-iam-kubeconfig": field_case(
        ("kubernetes-provider", "kubeconfig"),
        good=(KUBECONFIG, "users:\n- user:\n    exec:\n      command: aws\n"),
        bad=("users:\n- user:\n    token: abc\n", json.dumps({"user": {"client-key-data": "x"}})),
    ),
}


def _group(**rule: object) -> Declared:
    return aws("ec2/securityGroup:SecurityGroup", ingress=[{"protocol": "tcp", **rule}])


_BALANCER_RULE: Final = ("balancer-open", "fromPort")
NETWORK_CASES: Final[dict[str, Case]] = {
    "require-private-range": field_case(
        ("vpc", "cidrBlock"),
        good=("10.0.0.0/16", "172.20.0.0/16", "100.64.0.0/16"),
        bad=("8.8.0.0/16", "10.0.0.0/7", "172.32.0.0/16", "nonsense"),
    ),
    "require-flow-logs": Case(
        (),
        (
            one(("flow-log",), ABSENT),
            one(("flow-log", "trafficType"), "REJECT"),
            one(("flow-log",), _without_links("flow-log", vpcId="vpc-other")),
        ),
        each(("flow-log", "trafficType"), UNKNOWN),
    ),
    "require-closed-default-group": Case(
        (),
        (
            one(("closed-group",), ABSENT),
            one(("closed-group", "ingress"), [{"protocol": "-1", "self": True}]),
            one(("closed-group", "egress"), [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]),
        ),
        each(("closed-group", "ingress"), UNKNOWN),
    ),
    "forbid-public-addresses": field_case(
        ("private-subnet", "mapPublicIpOnLaunch"), good=(False, ABSENT), bad=(True,)
    ),
    "forbid-open-ports": Case(
        (
            one(("other",), _group(fromPort=22, toPort=22, securityGroups=["sg-2"])),
            one(("other",), _group(fromPort=8000, toPort=8000, cidrBlocks=["10.0.0.0/8"])),
            ((("balancer-open", "fromPort"), 80), (("balancer-open", "toPort"), 80)),
        ),
        (
            one(("balancer-open", "toPort"), 8443),
            one(("balancer-open", "ipProtocol"), "-1"),
            one(("other",), _group(fromPort=5432, toPort=5432, cidrBlocks=["0.0.0.0/0"])),
            one(("other",), _group(fromPort=0, toPort=443, ipv6CidrBlocks=["::/0"])),
            one(
                ("other",),
                aws(
                    "ec2/securityGroupRule:SecurityGroupRule",
                    type="ingress",
                    protocol="udp",
                    fromPort=443,
                    toPort=443,
                    cidrBlocks=["0.0.0.0/0"],
                ),
            ),
        ),
        each(_BALANCER_RULE, UNKNOWN),
    ),
    "forbid-administration-ports": Case(
        (one(("other",), _group(fromPort=0, toPort=65535, securityGroups=["sg-2"])),),
        (
            one(("other",), _group(fromPort=22, toPort=22, cidrBlocks=["10.0.0.0/8"])),
            one(("other",), _group(fromPort=3000, toPort=4000, cidrBlocks=["203.0.113.7/32"])),
            one(("other",), _group(protocol="-1", cidrBlocks=["10.0.0.0/8"])),
        ),
        each(("other",), _group(fromPort=UNKNOWN, toPort=443, cidrBlocks=["10.0.0.0/8"])),
    ),
    "forbid-open-ports-beside-balancers": Case(
        (),
        (
            one(("balancer",), _without_links("balancer", securityGroups=["sg-other"])),
            one(("other",), _group(fromPort=443, toPort=443, cidrBlocks=["0.0.0.0/0"])),
        ),
        each(_BALANCER_RULE, UNKNOWN),
    ),
}

_OPTIONS: Final = ("template", "metadataOptions")
_DISK: Final = ("template", "blockDeviceMappings", 1, "ebs", "encrypted")
NODE_CASES: Final[dict[str, Case]] = {
    "require-session-metadata": field_case(
        (*_OPTIONS, "httpTokens"), good=("required",), bad=("optional", ABSENT)
    ),
    "require-one-metadata-hop": field_case(
        (*_OPTIONS, "httpPutResponseHopLimit"), good=(1, 1.0), bad=(2, ABSENT)
    ),
    "require-launch-template": Case(
        each(("nodes", "launchTemplate"), {"name": "agents"}),
        each(("nodes", "launchTemplate"), ABSENT, {}),
        each(("nodes", "launchTemplate"), UNKNOWN),
    ),
    "require-hardened-image": field_case(
        ("nodes", "amiType"),
        good=("AL2023_ARM_64_STANDARD", "BOTTLEROCKET_x86_64"),
        bad=("AL2_x86_64", "CUSTOM", ABSENT),
    ),
    "forbid-custom-bootstrap": Case(
        each(("template", "userData"), ""),
        (one(("template", "userData"), "IyEvYmluL3No"), one(("template", "imageId"), "ami-1")),
        each(("template", "userData"), UNKNOWN),
    ),
    "require-encrypted-disks": Case(
        (
            one(_DISK, True),
            one(("other",), aws("ebs/volume:Volume", encrypted=True, size=1)),
        ),
        (
            one(_DISK, "false"),
            one(_DISK, ABSENT),
            one(("template", "blockDeviceMappings"), ABSENT),
            one(("other",), aws("ebs/volume:Volume", size=1)),
        ),
        each(_DISK, UNKNOWN),
    ),
    "forbid-node-login": Case(
        each(("nodes", "remoteAccess"), {}),
        (
            one(("nodes", "remoteAccess"), {"ec2SshKey": "mine"}),
            one(("template", "keyName"), "mine"),
        ),
        each(("template", "keyName"), UNKNOWN),
    ),
    "forbid-public-nodes": field_case(
        ("template", "networkInterfaces", 0, "associatePublicIpAddress"),
        good=("false", ABSENT),
        bad=("true", True),
    ),
    "forbid-nodes-in-public-subnets": Case(
        each(("nodes", "subnetIds"), ["subnet-private"]),
        (
            one(
                ("nodes",),
                Declared(
                    aws_world()["nodes"].type,
                    aws_world()["nodes"].props,
                    {"launchTemplate": ("template",), "subnetIds": ("public-subnet",)},
                ),
            ),
            one(
                ("private-table",),
                aws("ec2/routeTable:RouteTable", routes=[{"gatewayId": "igw-1"}]),
            ),
        ),
        (
            one(
                ("private-association",),
                _without_links("private-association", subnetId=UNKNOWN),
            ),
        ),
    ),
}
