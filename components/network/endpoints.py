"""Ways to AWS services that never leave the network, and what may pass through them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import ec2, vpc

from components.account import Account

CONFINED: Final = frozenset({"ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager"})
"""Services that take a policy and could carry data out. Not `sts`: a pod that trades its token for a
role signs nothing yet, so that no account is known."""


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """What endpoints are made from."""

    account: Account
    services: tuple[str, ...]
    vpc: pulumi.Input[str]
    cidr: str
    """Addresses that may call."""
    subnets: Sequence[pulumi.Input[str]]
    """Where the endpoints of services have their addresses, one per zone."""
    route_tables: Sequence[pulumi.Input[str]]
    """Of the subnets that reach S3 directly."""


def own_principals(account: Account) -> dict[str, object]:
    """Policy of an endpoint: credentials of other accounts, brought in from outside, are of no use."""
    return _document(
        {
            "Sid": "OwnPrincipals",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": account.id}},
        }
    )


def own_buckets(account: Account) -> dict[str, object]:
    """Policy of the way to S3: the account's own buckets, and reading the layers of images.

    ECR keeps layers in a bucket of AWS and signs for them itself; registry.k8s.io sends nodes in AWS to
    a public bucket of their region. Package repositories are not among them: nodes are replaced by newer
    images, never patched. Buckets of other regions are reached by the NAT gateway, past this policy.
    """
    layers = (
        f"prod-{account.region}-starport-layer-bucket",
        f"prod-registry-k8s-io-{account.region}",
    )
    return _document(
        {
            "Sid": "OwnBuckets",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "aws:PrincipalAccount": account.id,
                    "aws:ResourceAccount": account.id,
                }
            },
        },
        {
            "Sid": "ImageLayers",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": [f"arn:{account.partition}:s3:::{bucket}/*" for bucket in layers],
        },
    )


def _document(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


class Endpoints(pulumi.ComponentResource):
    """A gateway to S3, and an address in each zone for every service."""

    s3: pulumi.Output[str]
    """Id of the endpoint of S3, as `aws:SourceVpce` of bucket policies names it."""
    security_group: pulumi.Output[str]
    """Id of the security group of the services' addresses."""

    def __init__(
        self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:network:Endpoints", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.s3 = ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=args.vpc,
            service_name=f"com.amazonaws.{args.account.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=args.route_tables,
            policy=json.dumps(own_buckets(args.account)),
            tags={"Name": f"{name}-s3"},
            opts=child,
        ).id
        self.security_group = self._security_group(name, args, child)
        for service in args.services:
            role = f"{name}-{service.replace('.', '-')}"
            confined = json.dumps(own_principals(args.account)) if service in CONFINED else None
            ec2.VpcEndpoint(
                role,
                vpc_id=args.vpc,
                service_name=f"com.amazonaws.{args.account.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=args.subnets,
                security_group_ids=[self.security_group],
                # Programs ask for the service's public name and are given these addresses.
                private_dns_enabled=True,
                policy=confined,
                tags={"Name": role},
                opts=child,
            )
        self.register_outputs({"s3": self.s3, "security_group": self.security_group})

    @staticmethod
    def _security_group(
        name: str, args: EndpointsArgs, child: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        group = ec2.SecurityGroup(
            f"{name}-security",
            description="HTTPS from the network to the endpoints of AWS services",
            vpc_id=args.vpc,
            tags={"Name": f"{name}-security"},
            opts=child,
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-https",
            security_group_id=group.id,
            description="HTTPS from the network",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=args.cidr,
            opts=child,
        )
        return group.id
