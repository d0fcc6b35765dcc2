"""S3: closed to the public, encrypted, with earlier versions, over TLS only. What goes for good."""

from collections.abc import Iterator
from typing import Final

from policies.aws.documents import statements
from policies.resource import Resource, Stack, at, items, mapping, refers
from policies.rule import Severity, fsbp, of, rule, stack_rule
from policies.selectors import some

_BUCKET: Final = ("aws:s3/Bucket", "aws:s3/BucketV2")
_BLOCKS: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
# What makes a resource go for good in one step, and the value that does.
_FOR_GOOD: Final = {
    "aws:backup/Vault": ("forceDestroy", True),
    "aws:ecr/Repository": ("forceDelete", True),
    "aws:rds/Instance": ("skipFinalSnapshot", True),
    "aws:s3/Bucket": ("forceDestroy", True),
}


@stack_rule(
    *_BUCKET,
    severity=Severity.CRITICAL,
    remedy="add a BucketPublicAccessBlock for it with all four switches on.",
    reference=fsbp("S3.8 Public access blocked"),
    everywhere=True,
)
def require_public_access_block(bucket: Resource, stack: Stack) -> Iterator[str]:
    """No policy or list of rights can open a bucket to the public."""

    def blocks(block: Resource) -> bool:
        return refers(block, "bucket", bucket) and all(
            block.props.get(key) is True for key in _BLOCKS
        )

    if not some(stack.of("aws:s3/BucketPublicAccessBlock"), blocks):
        yield "no BucketPublicAccessBlock closes it in all four ways"


@stack_rule(
    *_BUCKET,
    severity=Severity.HIGH,
    remedy="add a BucketServerSideEncryptionConfiguration for it, aws:kms with a key of your own where "
    "the service that writes to it can use one.",
    reference=fsbp("S3.17 Encrypted at rest"),
)
def require_bucket_encryption(bucket: Resource, stack: Stack) -> Iterator[str]:
    """How a bucket is encrypted is written down."""

    def encrypts(configuration: Resource) -> bool:
        algorithms = [
            at(mapping(entry), "applyServerSideEncryptionByDefault", "sseAlgorithm")
            for entry in items(configuration.props.get("rules"))
        ]
        return refers(configuration, "bucket", bucket) and bool(algorithms) and all(algorithms)

    kinds = (
        "aws:s3/BucketServerSideEncryptionConfiguration",
        "aws:s3/BucketServerSideEncryptionConfigurationV2",
    )
    if not some(stack.of(*kinds), encrypts):
        yield "no BucketServerSideEncryptionConfiguration is for it"


@stack_rule(
    *_BUCKET,
    severity=Severity.MEDIUM,
    remedy="add a BucketVersioning for it with status Enabled.",
    reference=fsbp("S3.14 Versioning enabled"),
)
def require_bucket_versions(bucket: Resource, stack: Stack) -> Iterator[str]:
    """What is overwritten in a bucket can be brought back."""

    def keeps(versioning: Resource) -> bool:
        status = at(versioning.props, "versioningConfiguration", "status")
        return refers(versioning, "bucket", bucket) and status == "Enabled"

    if not some(stack.of("aws:s3/BucketVersioning", "aws:s3/BucketVersioningV2"), keeps):
        yield "no BucketVersioning is Enabled for it"


@stack_rule(
    *_BUCKET,
    severity=Severity.MEDIUM,
    remedy="add a BucketPolicy that denies s3:* to everybody while aws:SecureTransport is false.",
    reference=fsbp("S3.5 Requests over TLS only"),
)
def require_bucket_tls(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Buckets answer over TLS only."""

    def refuses(policy: Resource) -> bool:
        return refers(policy, "bucket", bucket) and any(
            statement.props.get("Effect") == "Deny"
            and "*" in statement.principals("AWS")
            and str(at(statement.props, "Condition", "Bool", "aws:SecureTransport")).lower()
            == "false"
            for statement in statements(policy, policy.props.get("policy"))
        )

    if not some(stack.of("aws:s3/BucketPolicy"), refuses):
        yield "no BucketPolicy denies requests without TLS"


@rule(
    of(*_BUCKET, "aws:s3/BucketAcl", "aws:s3/BucketAclV2"),
    severity=Severity.CRITICAL,
    remedy="remove acl; a bucket policy names who may read.",
    reference=fsbp("S3.2 Public read access prohibited"),
    everywhere=True,
)
def forbid_public_bucket(bucket: Resource) -> Iterator[str]:
    """No bucket is for everybody."""
    acl = bucket.props.get("acl")
    if acl in ("authenticated-read", "public-read", "public-read-write"):
        yield f"acl is {acl}"


@rule(
    of(*_FOR_GOOD),
    severity=Severity.HIGH,
    remedy="remove it (cluster.protect in the stack file), so that data outlives a mistake.",
)
def forbid_deletion_for_good(store: Resource) -> Iterator[str]:
    """What holds data cannot be deleted together with the data in one step."""
    key, value = _FOR_GOOD[store.kind]
    if store.props.get(key) is value:
        yield f"{key} is {str(value).lower()}"


RULES: Final = (
    require_public_access_block,
    require_bucket_encryption,
    require_bucket_versions,
    require_bucket_tls,
    forbid_public_bucket,
    forbid_deletion_for_good,
)
