"""Policies that stand by themselves: managed ones of IAM, and those of CloudWatch Logs."""

import json

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, pairs, tags, wire
from toolchain.providers.aws.values import Inputs, Outputs

MOST_VERSIONS = 5
"""Versions that IAM keeps of a policy."""
LONGEST = 5120
"""Letters of a policy in CloudWatch Logs (API of PutResourcePolicy)."""


def _create(call: Call, inputs: Inputs) -> str:
    made = call.api.create_policy(
        **api(inputs, "description", "path", name="PolicyName", policy="PolicyDocument"),
        Tags=pairs(call.tags),
    )
    return str(made["Policy"]["Arn"])


def _change(call: Call, arn: str, new: Inputs, _: Inputs) -> None:
    versions = call.api.list_policy_versions(PolicyArn=arn)["Versions"]
    if len(versions) >= MOST_VERSIONS:
        spare = [each for each in versions if not each["IsDefaultVersion"]]
        oldest = min(spare, key=lambda each: int(each["VersionId"].removeprefix("v")))
        call.api.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
    call.api.create_policy_version(PolicyArn=arn, PolicyDocument=new["policy"], SetAsDefault=True)


def _read(call: Call, arn: str) -> Outputs | None:
    policy = call.api.get_policy(PolicyArn=arn)["Policy"]
    version = call.api.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])
    return {
        **wire(policy, "arn", "path", "policyId", "attachmentCount", name="PolicyName"),
        "description": policy.get("Description") or None,
        "policy": json.dumps(version["PolicyVersion"]["Document"]),
        "tags": tags(policy.get("Tags")),
    }


def _delete(call: Call, arn: str) -> None:
    if call.api.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"]:
        raise refused(
            "DeleteConflict", "Cannot delete a policy attached to entities.", "DeletePolicy"
        )
    for version in call.api.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            call.api.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    call.api.delete_policy(PolicyArn=arn)


def _tag(call: Call, arn: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed:
        call.api.tag_policy(PolicyArn=arn, Tags=pairs(changed))
    if removed:
        call.api.untag_policy(PolicyArn=arn, TagKeys=removed)


POLICY = Type(
    "aws:iam/policy:Policy",
    service="iam",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=_tag,
    updates=("policy",),
    replaces=("description", "name", "path"),
    autoname="name",
    autoname_limit=128,
)


def _put(call: Call, inputs: Inputs) -> str:
    document = str(inputs["policyDocument"])
    if len(document) > LONGEST:
        raise refused(
            "InvalidParameterException",
            f"the policy has {len(document)} letters, and may have {LONGEST}",
            "PutResourcePolicy",
        )
    call.api.put_resource_policy(policyName=inputs["policyName"], policyDocument=document)
    return str(inputs["policyName"])


def _read_log_policy(call: Call, name: str) -> Outputs | None:
    found = call.api.describe_resource_policies()["resourcePolicies"]
    policy = first(each for each in found if each["policyName"] == name)
    return policy and {
        "policyName": name,
        "policyDocument": policy["policyDocument"],
        "policyScope": "ACCOUNT",
    }


LOG_RESOURCE_POLICY = Type(
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    service="logs",
    create=_put,
    read=_read_log_policy,
    update=lambda call, _, new, __: _put(call, new),
    delete=lambda call, name: call.api.delete_resource_policy(policyName=name),
    updates=("policyDocument",),
    replaces=("policyName",),
    # Of policies of a single log group.
    absent=("revisionId",),
)

TYPES = (POLICY, LOG_RESOURCE_POLICY)
