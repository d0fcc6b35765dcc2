"""S3 buckets."""

from botocore.exceptions import ClientError

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import code
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import pairs, tags
from toolchain.providers.aws.values import Inputs, Outputs


def _create_bucket(call: Call, inputs: Inputs) -> str:
    name = str(inputs["bucket"])
    # The first region is named by leaving it out.
    place: Outputs = {"CreateBucketConfiguration": {"LocationConstraint": call.region}}
    call.api.create_bucket(
        Bucket=name,
        ObjectLockEnabledForBucket=inputs.get("objectLockEnabled", False),
        **(place if call.region != "us-east-1" else {}),
    )
    call.made(name)
    _tag_bucket(call, name, dict(call.tags), [])
    return name


def _read_bucket(call: Call, name: str) -> Outputs | None:
    call.api.head_bucket(Bucket=name)
    domain = f"{name}.s3.{call.region}.amazonaws.com"
    return {
        "bucket": name,
        "arn": f"arn:{call.partition}:s3:::{name}",
        "bucketRegion": call.region,
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": domain,
        "objectLockEnabled": _locked(call, name),
        "tags": _bucket_tags(call, name),
    }


def _locked(call: Call, name: str) -> bool:
    try:
        lock = call.api.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    except ClientError as error:
        if code(error) != "ObjectLockConfigurationNotFoundError":
            raise
        return False
    return bool(lock.get("ObjectLockEnabled") == "Enabled")


def _bucket_tags(call: Call, name: str) -> dict[str, str]:
    try:
        return tags(call.api.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if code(error) != "NoSuchTagSet":
            raise
        return {}


def _tag_bucket(call: Call, name: str, changed: dict[str, str], removed: list[str]) -> None:
    kept = {key: value for key, value in _bucket_tags(call, name).items() if key not in removed}
    wanted = kept | changed
    if wanted:
        call.api.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(wanted)})
    elif removed:
        call.api.delete_bucket_tagging(Bucket=name)


def _delete_bucket(call: Call, name: str) -> None:
    if call.inputs.get("forceDestroy"):
        pages = call.api.get_paginator("list_object_versions").paginate(Bucket=name)
        for page in pages:
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                call.api.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
    call.api.delete_bucket(Bucket=name)


BUCKET = Type(
    "aws:s3/bucket:Bucket",
    service="s3",
    create=_create_bucket,
    read=_read_bucket,
    delete=_delete_bucket,
    tag=_tag_bucket,
    # Counts when the bucket is deleted.
    updates=("forceDestroy",),
    replaces=("bucket", "objectLockEnabled"),
    autoname="bucket",
    autoname_limit=63,
    # What a bucket is besides is set by resources of its own (BucketVersioning and the like).
    absent=(
        "accelerationStatus",
        "acl",
        "bucketNamespace",
        "corsRules",
        "grants",
        "hostedZoneId",
        "lifecycleRules",
        "logging",
        "objectLockConfiguration",
        "policy",
        "replicationConfiguration",
        "requestPayer",
        "serverSideEncryptionConfiguration",
        "versioning",
        "website",
        "websiteDomain",
        "websiteEndpoint",
    ),
)

TYPES = (BUCKET,)
