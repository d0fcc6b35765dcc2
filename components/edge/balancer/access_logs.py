"""A bucket that only load balancers write to, and nobody in public reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import s3

from components.account import Account
from components.edge.balancer.drain import Kind


@dataclass(frozen=True, kw_only=True)
class AccessLogsArgs:
    """What the bucket is made from."""

    bucket: str
    account: Account
    kind: Kind
    balancer: str
    """Name of the balancer that may write."""
    days: int
    """How long an entry is kept."""
    protect: bool


@dataclass(frozen=True, kw_only=True)
class AccessLogs:
    """Where a balancer writes its log."""

    bucket: pulumi.Output[str]
    ready: tuple[pulumi.Resource, ...]
    """AWS tries the bucket when a balancer gets it, so these have to be there by then."""


def bucket_policy(args: AccessLogsArgs) -> dict[str, Any]:
    """Lets the balancer, and no other, write; refuses whoever comes without TLS."""
    bucket = f"arn:{args.account.partition}:s3:::{args.bucket}"
    writing = _application if args.kind == "application" else _network
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            *writing(args, bucket),
        ],
    }


def _application(args: AccessLogsArgs, bucket: str) -> list[dict[str, Any]]:
    # The ARN names the account, so a condition on the account itself would say nothing more.
    source = args.account.arn("elasticloadbalancing", f"loadbalancer/app/{args.balancer}/*")
    return [
        {
            "Sid": "BalancerWrites",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/AWSLogs/{args.account.id}/*",
            "Condition": {"ArnLike": {"aws:SourceArn": source}},
        }
    ]


def _network(args: AccessLogsArgs, bucket: str) -> list[dict[str, Any]]:
    """A network load balancer hands its log to CloudWatch's delivery, which writes on its behalf."""
    principal = {"Service": "delivery.logs.amazonaws.com"}
    account = {"aws:SourceAccount": args.account.id}
    source = {"ArnLike": {"aws:SourceArn": args.account.arn("logs", "*")}}
    return [
        {
            "Sid": "DeliveryLooks",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket,
            "Condition": {"StringEquals": account, **source},
        },
        {
            "Sid": "DeliveryWrites",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/AWSLogs/{args.account.id}/*",
            "Condition": {
                "StringEquals": {**account, "s3:x-amz-acl": "bucket-owner-full-control"},
                **source,
            },
        },
    ]


def access_logs(name: str, args: AccessLogsArgs, opts: pulumi.ResourceOptions) -> AccessLogs:
    """The bucket. A stack without protection empties it when it goes."""
    bucket = s3.Bucket(name, bucket=args.bucket, force_destroy=not args.protect, opts=opts)
    closed = s3.BucketPublicAccessBlock(
        f"{name}-public",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    owned = s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.id,
        rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=opts,
    )
    # S3's own keys: balancers write to no bucket that is encrypted with a key of KMS (Application
    # Load Balancer guide, access logs; a network load balancer could).
    own_keys = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    encrypted = s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.id,
        rules=[
            s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=own_keys
            )
        ],
        opts=opts,
    )
    versioned = s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket.id,
        versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=opts,
    )
    _expiry(name, bucket, args.days, opts, versioned)
    policy = s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.id,
        policy=pulumi.Output.json_dumps(bucket_policy(args)),
        # Both at once are a conflict: S3 checks a policy against what is public.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[closed])),
    )
    return AccessLogs(bucket=bucket.id, ready=(policy, encrypted, owned))


def _expiry(
    name: str,
    bucket: s3.Bucket,
    days: int,
    opts: pulumi.ResourceOptions,
    versioned: pulumi.Resource,
) -> None:
    """Entries end after `days`, what was overwritten or deleted a week later, and no marker stays."""
    everything = s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    s3.BucketLifecycleConfiguration(
        f"{name}-expiry",
        bucket=bucket.id,
        rules=[
            s3.BucketLifecycleConfigurationRuleArgs(
                id="entries",
                status="Enabled",
                filter=everything,
                expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                noncurrent_version_expiration=(
                    s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=7
                    )
                ),
                abort_incomplete_multipart_upload=(
                    s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=1
                    )
                ),
            ),
            s3.BucketLifecycleConfigurationRuleArgs(
                id="markers",
                status="Enabled",
                filter=everything,
                expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(
                    expired_object_delete_marker=True
                ),
            ),
        ],
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[versioned])),
    )
