"""What a bucket is besides: each a resource of its own, under the bucket's name."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import absent, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, wire
from toolchain.providers.aws.values import Inputs, Json, Outputs, is_list, is_object

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _block(call: Call, inputs: Inputs) -> str:
    bucket = str(inputs["bucket"])
    wanted = {name: inputs.get(name, False) for name in _BLOCKS}
    call.api.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration=api(wanted, *_BLOCKS)
    )
    return bucket


def _read_block(call: Call, bucket: str) -> Outputs | None:
    answer = call.api.get_public_access_block(Bucket=bucket)
    return {"bucket": bucket, **wire(answer["PublicAccessBlockConfiguration"], *_BLOCKS)}


PUBLIC_ACCESS_BLOCK = Type(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    service="s3",
    create=_block,
    read=_read_block,
    update=lambda call, _, new, __: _block(call, new),
    delete=lambda call, bucket: call.api.delete_public_access_block(Bucket=bucket),
    updates=_BLOCKS,
    replaces=("bucket",),
)


def _put_policy(call: Call, inputs: Inputs) -> str:
    bucket = str(inputs["bucket"])
    for statement in _statements(inputs["policy"]):
        _check_statement(call, bucket, statement)
    call.api.put_bucket_policy(Bucket=bucket, Policy=inputs["policy"])
    return bucket


def _statements(policy: str) -> Iterator[Mapping[str, Any]]:
    try:
        found = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError):
        raise refused("MalformedPolicy", "Policies must be valid JSON", "PutBucketPolicy") from None
    yield from found if is_list(found) else [found]


def _check_statement(call: Call, bucket: str, statement: Mapping[str, Any]) -> None:
    arn = f"arn:{call.partition}:s3:::{bucket}"
    resources = statement.get("Resource", ())
    for each in resources if is_list(resources) else [resources]:
        if each != arn and not str(each).startswith(f"{arn}/"):
            raise refused(
                "MalformedPolicy", f"Policy has invalid resource: {each}", "PutBucketPolicy"
            )
    everybody = statement.get("Principal") in ("*", {"AWS": "*"})
    public = everybody and statement["Effect"] == "Allow" and not statement.get("Condition")
    if public and _closed(call, bucket):
        raise refused(
            "AccessDenied",
            "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access",
            "PutBucketPolicy",
        )


def _closed(call: Call, bucket: str) -> bool:
    try:
        found = _read_block(call, bucket) or {}
    except ClientError as error:
        if not absent(error):
            raise
        return False
    return bool(found["blockPublicPolicy"])


POLICY = Type(
    "aws:s3/bucketPolicy:BucketPolicy",
    service="s3",
    create=_put_policy,
    read=lambda call, bucket: {
        "bucket": bucket,
        "policy": call.api.get_bucket_policy(Bucket=bucket)["Policy"],
    },
    update=lambda call, _, new, __: _put_policy(call, new),
    delete=lambda call, bucket: call.api.delete_bucket_policy(Bucket=bucket),
    updates=("policy",),
    replaces=("bucket",),
)


def _own(call: Call, inputs: Inputs) -> str:
    bucket = str(inputs["bucket"])
    call.api.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [api(inputs["rule"], "objectOwnership")]}
    )
    return bucket


def _read_ownership(call: Call, bucket: str) -> Outputs | None:
    answer = call.api.get_bucket_ownership_controls(Bucket=bucket)
    (rule,) = answer["OwnershipControls"]["Rules"]
    return {"bucket": bucket, "rule": wire(rule, "objectOwnership")}


OWNERSHIP = Type(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    service="s3",
    create=_own,
    read=_read_ownership,
    update=lambda call, _, new, __: _own(call, new),
    delete=lambda call, bucket: call.api.delete_bucket_ownership_controls(Bucket=bucket),
    updates=("rule",),
    replaces=("bucket",),
)


def _version(call: Call, inputs: Inputs) -> str:
    bucket, status = str(inputs["bucket"]), inputs["versioningConfiguration"]["status"]
    if status != "Enabled" and _locked(call, bucket):
        raise refused(
            "InvalidBucketState",
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be "
            "changed",
            "PutBucketVersioning",
        )
    _set_versioning(call, bucket, status)
    records.write(call, bucket, {"status": status})
    return bucket


def _locked(call: Call, bucket: str) -> bool:
    try:
        call.api.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if not absent(error):
            raise
        return False
    return True


def _set_versioning(call: Call, bucket: str, status: str) -> None:
    call.api.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def _read_versioning(call: Call, bucket: str) -> Outputs | None:
    status = call.api.get_bucket_versioning(Bucket=bucket).get("Status")
    # A suspended one looks the same whether this was wanted or it is all that is left of a resource.
    if status is None or (call.inputs and records.read(call, bucket) is None):
        return None
    return {
        "bucket": bucket,
        "versioningConfiguration": {"status": status, "mfaDelete": "Disabled"},
    }


def _forget_versions(call: Call, bucket: str) -> None:
    """A bucket never gets rid of its versioning: it is suspended, and the resource is gone."""
    if not _locked(call, bucket):
        _set_versioning(call, bucket, "Suspended")
    records.remove(call, bucket)


VERSIONING = Type(
    "aws:s3/bucketVersioning:BucketVersioning",
    service="s3",
    create=_version,
    read=_read_versioning,
    update=lambda call, _, new, __: _version(call, new),
    delete=_forget_versions,
    updates=("versioningConfiguration",),
    replaces=("bucket",),
)


_ENCRYPTION = {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}


def _encrypt(call: Call, inputs: Inputs) -> str:
    bucket = str(inputs["bucket"])
    rules = [
        {
            **api(each, "bucketKeyEnabled"),
            "ApplyServerSideEncryptionByDefault": api(
                each["applyServerSideEncryptionByDefault"], **_ENCRYPTION
            ),
        }
        for each in inputs["rules"]
    ]
    call.api.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules}
    )
    return bucket


def _read_encryption(call: Call, bucket: str) -> Outputs | None:
    answer = call.api.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    default = "ApplyServerSideEncryptionByDefault"
    rules = [
        {
            **wire(each, "bucketKeyEnabled"),
            "applyServerSideEncryptionByDefault": wire(each[default], **_ENCRYPTION),
        }
        for each in answer["Rules"]
    ]
    return {"bucket": bucket, "rules": rules}


ENCRYPTION = Type(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    service="s3",
    create=_encrypt,
    read=_read_encryption,
    update=lambda call, _, new, __: _encrypt(call, new),
    delete=lambda call, bucket: call.api.delete_bucket_encryption(Bucket=bucket),
    updates=("rules",),
    replaces=("bucket",),
)


def _expire(call: Call, inputs: Inputs) -> str:
    bucket = str(inputs["bucket"])
    call.api.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration=_upper(api(inputs, "rules"))
    )
    return bucket


def _upper(value: Json) -> Json:
    """The one name that AWS writes in capitals."""
    if is_object(value):
        return {"ID" if name == "Id" else name: _upper(each) for name, each in value.items()}
    return [_upper(each) for each in value] if is_list(value) else value


def _read_lifecycle(call: Call, bucket: str) -> Outputs | None:
    answer = call.api.get_bucket_lifecycle_configuration(Bucket=bucket)
    rules = [{"id": each["ID"], **wire(each, *_RULE)} for each in answer["Rules"]]
    return {
        "bucket": bucket,
        "rules": rules,
        "expectedBucketOwner": "",
        "transitionDefaultMinimumObjectSize": "all_storage_classes_128K",
    }


_RULE = (
    "status",
    "filter",
    "expiration",
    "noncurrentVersionExpiration",
    "noncurrentVersionTransitions",
    "transitions",
    "abortIncompleteMultipartUpload",
)
LIFECYCLE = Type(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    service="s3",
    create=_expire,
    read=_read_lifecycle,
    update=lambda call, _, new, __: _expire(call, new),
    delete=lambda call, bucket: call.api.delete_bucket_lifecycle(Bucket=bucket),
    updates=("rules",),
    replaces=("bucket",),
)

TYPES = (PUBLIC_ACCESS_BLOCK, POLICY, OWNERSHIP, VERSIONING, ENCRYPTION, LIFECYCLE)
