"""Who talked to whom: every connection of a network, accepted or refused, in CloudWatch Logs."""

import json
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from components.account import Account
from components.network.settings import RetentionDays

FIELDS: Final = (
    "version",
    "account-id",
    "vpc-id",
    "subnet-id",
    "interface-id",
    "srcaddr",
    "srcport",
    "pkt-srcaddr",
    "dstaddr",
    "dstport",
    "pkt-dstaddr",
    "protocol",
    "tcp-flags",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "flow-direction",
    "log-status",
)
"""What a record holds. The `pkt-` addresses name the pod where a node or a NAT gateway stands between."""


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """What flow logs are made from."""

    account: Account
    vpc: pulumi.Input[str]
    days: RetentionDays
    key_arn: pulumi.Input[str]
    """Key of the log group. `logs.<region>.amazonaws.com` has to be among its services."""


def trust(account: Account) -> dict[str, object]:
    """Flow logs may take the role on; those of other accounts may not have it taken on for them."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account.id},
                    "ArnLike": {"aws:SourceArn": account.arn("ec2", "vpc-flow-log/*")},
                },
            }
        ],
    }


def permissions(log_group: pulumi.Output[str]) -> dict[str, object]:
    """Writing to the log group with the ARN `log_group`, and to no other.

    Not among them: creating it. A group that AWS made anew would be unencrypted and kept for ever.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": [log_group, pulumi.Output.concat(log_group, ":*")],
            }
        ],
    }


class FlowLogs(pulumi.ComponentResource):
    """Records of a network's connections, encrypted, and kept for a time."""

    log_group: pulumi.Output[str]
    """Name of the log group."""

    def __init__(
        self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:network:FlowLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = cloudwatch.LogGroup(
            f"{name}-group", retention_in_days=args.days, kms_key_id=args.key_arn, opts=child
        )
        role = iam.Role(
            f"{name}-role",
            description="Lets flow logs write to their log group",
            assume_role_policy=json.dumps(trust(args.account)),
            opts=child,
        )
        policy = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=pulumi.Output.json_dumps(permissions(group.arn)),
            opts=child,
        )
        ec2.FlowLog(
            f"{name}-records",
            vpc_id=args.vpc,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            log_format=" ".join(f"${{{field}}}" for field in FIELDS),
            iam_role_arn=role.arn,
            # Records that arrive before the role may write are lost.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.log_group = group.name
        self.register_outputs({"log_group": self.log_group})
