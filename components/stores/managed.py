"""What RDS and ElastiCache have in common: where they stand, who may connect, what they log."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, ec2, vpc

from components.account import Account
from components.network.settings import RetentionDays

# 40 characters for the id of a cache (API of CreateReplicationGroup), less the longest role.
PREFIX_LIMIT: Final = 30
_PREFIX: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a stack's managed stores stand and what protects them."""

    account: Account
    prefix: str
    """Begins the names that AWS knows them by; no other stack of the account has it."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Subnets without a way out, one in each zone."""
    clients: Mapping[str, pulumi.Input[str]]
    """Ids of the security groups whose members may connect, by cluster."""
    key_arn: pulumi.Input[str]
    """Key of data, logs, copies and secrets. `logs.<region>.amazonaws.com` has to be among its services."""
    protect: bool
    """Nothing can be deleted while it is on; what is deleted while it is off leaves nothing behind."""

    def __post_init__(self) -> None:
        if len(self.prefix) > PREFIX_LIMIT or not _PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"{self.prefix!r} cannot begin the names of stores: use lower-case letters, digits and "
                f"single '-', start with a letter, {PREFIX_LIMIT} characters at most"
            )

    def named(self, role: str) -> str:
        """Physical name of what has this role."""
        return f"{self.prefix}-{role}"


def firewall(
    name: str, site: Site, role: str, port: int, opts: pulumi.ResourceOptions
) -> ec2.SecurityGroup:
    """A security group that lets the clients in on `port`, and nothing out: AWS's own rule is dropped."""
    group = ec2.SecurityGroup(
        f"{name}-security",
        description=f"From clusters to {role}",
        vpc_id=site.vpc_id,
        tags={"Name": site.named(role)},
        opts=opts,
    )
    for cluster, clients in site.clients.items():
        vpc.SecurityGroupIngressRule(
            f"{name}-{cluster}",
            security_group_id=group.id,
            description=f"From cluster {cluster}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=clients,
            opts=opts,
        )
    return group


def log_groups(
    name: str, site: Site, groups: dict[str, str], days: RetentionDays, opts: pulumi.ResourceOptions
) -> dict[str, cloudwatch.LogGroup]:
    """A log group for each log: its name in AWS by the log's. Made first, or AWS makes one that is
    neither encrypted nor ever emptied."""
    return {
        log: cloudwatch.LogGroup(
            f"{name}-log-{log}",
            name=group,
            retention_in_days=days,
            kms_key_id=site.key_arn,
            opts=opts,
        )
        for log, group in groups.items()
    }


def managed_policy(account: Account, name: str) -> str:
    """ARN of a policy that AWS keeps for the roles its own services take on."""
    return f"arn:{account.partition}:iam::aws:policy/service-role/{name}"
