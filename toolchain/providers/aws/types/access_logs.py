"""Whether a balancer may write its log into a bucket; AWS tries it when the bucket is named."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import absent, code, refused
from toolchain.providers.aws.values import Inputs, is_list

OPERATION = "ModifyLoadBalancerAttributes"
PRINCIPALS: Mapping[str, str] = {
    "application": "logdelivery.elasticloadbalancing.amazonaws.com",
    "network": "delivery.logs.amazonaws.com",
}
"""Who writes on a balancer's behalf (Elastic Load Balancing guides, access logs)."""


def check(call: Call, kind: str, balancer: str, logs: Inputs) -> None:
    """Refuse a bucket that the log cannot be written to."""
    bucket = str(logs["bucket"])
    folder = f"{logs['prefix']}/AWSLogs" if logs.get("prefix") else "AWSLogs"
    target = f"arn:{call.partition}:s3:::{bucket}/{folder}/{call.account}/log.gz"
    source = balancer if kind == "application" else call.arn("delivery", service="logs")
    context = {"aws:SourceArn": source, "aws:SourceAccount": call.account}
    if kind == "application" and _encrypted_with_key(call, bucket):
        raise _denied(bucket, "it is encrypted with a key of KMS, which a balancer does not use")
    for statement in _statements(call, bucket):
        if _admits(statement, PRINCIPALS[kind], target, context):
            return
    raise _denied(bucket, f"its policy does not let {PRINCIPALS[kind]} put {target} for {source}")


def _denied(bucket: str, reason: str) -> ClientError:
    return refused(
        "InvalidConfigurationRequest",
        f"Access Denied for bucket: {bucket}. Please check S3bucket permission ({reason})",
        OPERATION,
    )


def _encrypted_with_key(call: Call, bucket: str) -> bool:
    try:
        found = call.client("s3").get_bucket_encryption(Bucket=bucket)
    except ClientError as error:
        if code(error) == "NoSuchBucket":
            raise refused(
                "InvalidConfigurationRequest", f"S3 bucket '{bucket}' does not exist", OPERATION
            ) from error
        if not absent(error):
            raise
        return False
    rules = found["ServerSideEncryptionConfiguration"]["Rules"]
    return any(
        each["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "AES256" for each in rules
    )


def _statements(call: Call, bucket: str) -> Iterator[Mapping[str, Any]]:
    try:
        policy = call.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    except ClientError as error:
        if not absent(error):
            raise
        return
    yield from _listed(json.loads(policy)["Statement"])


def _admits(
    statement: Mapping[str, Any], principal: str, target: str, context: Mapping[str, str]
) -> bool:
    whom = statement.get("Principal", {})
    services = ["*"] if whom == "*" else _listed(whom.get("Service", []))
    return (
        statement["Effect"] == "Allow"
        and principal in services
        and _any("s3:PutObject", statement.get("Action"))
        and _any(target, statement.get("Resource"))
        and all(
            _any(context[key], patterns)
            for condition in statement.get("Condition", {}).values()
            for key, patterns in condition.items()
            if key in context
        )
    )


def _any(value: str, patterns: object) -> bool:
    return any(fnmatchcase(value, str(each)) for each in _listed(patterns))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - policies have one or a list of many things
    return list(value) if is_list(value) else [value]
