"""CloudWatch Logs."""

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import first, pick
from toolchain.providers.aws.values import Inputs, Outputs

DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What AWS takes as a retention (API reference, PutRetentionPolicy)."""


def _create_group(call: Call, inputs: Inputs) -> str:
    name = str(inputs["name"])
    call.api.create_log_group(
        logGroupName=name, tags=call.tags, **pick(inputs, "kmsKeyId", "logGroupClass")
    )
    call.made(name)
    _retain(call, name, inputs)
    _protect(call, name, inputs)
    return name


def _protect(call: Call, name: str, inputs: Inputs) -> None:
    # Moto has no protection of log groups.
    known = records.read(call, name) or {}
    protected = inputs.get("deletionProtectionEnabled", False)
    if protected != known.get("deletionProtectionEnabled", False):
        records.write(call, name, {**known, "deletionProtectionEnabled": protected})


def _retain(call: Call, name: str, inputs: Inputs) -> None:
    days = inputs.get("retentionInDays", 0)
    if days and days not in DAYS:
        raise refused(
            "InvalidParameterException", f"{days} is not one of {DAYS} days", "PutRetentionPolicy"
        )
    if days:
        call.api.put_retention_policy(logGroupName=name, retentionInDays=days)
    else:
        call.api.delete_retention_policy(logGroupName=name)


def _change_group(call: Call, name: str, new: Inputs, old: Inputs) -> None:
    _retain(call, name, new)
    if new.get("kmsKeyId") != old.get("kmsKeyId"):
        # Moto lacks AssociateKmsKey and its opposite.
        known = records.read(call, name) or {}
        records.write(call, name, {**known, "kmsKeyId": new.get("kmsKeyId")})
    _protect(call, name, new)


def _read_group(call: Call, name: str) -> Outputs | None:
    found = call.api.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    group = first(each for each in found if each["logGroupName"] == name)
    if group is None:
        return None
    arn = str(group["arn"]).removesuffix(":*")
    return {
        "kmsKeyId": group.get("kmsKeyId"),
        "deletionProtectionEnabled": False,
        **(records.read(call, name) or {}),
        "name": name,
        "arn": arn,
        "retentionInDays": group.get("retentionInDays", 0),
        "logGroupClass": group.get("logGroupClass", "STANDARD"),
        "tags": call.api.list_tags_for_resource(resourceArn=arn)["tags"],
    }


def _delete_group(call: Call, name: str) -> None:
    if (records.read(call, name) or {}).get("deletionProtectionEnabled"):
        raise refused("ValidationException", f"{name} is protected from deletion", "DeleteLogGroup")
    records.remove(call, name)
    if not call.inputs.get("skipDestroy"):
        call.api.delete_log_group(logGroupName=name)


def _tag_group(call: Call, name: str, changed: dict[str, str], removed: list[str]) -> None:
    arn = call.arn(f"log-group:{name}")
    if changed:
        call.api.tag_resource(resourceArn=arn, tags=changed)
    if removed:
        call.api.untag_resource(resourceArn=arn, tagKeys=removed)


LOG_GROUP = Type(
    "aws:cloudwatch/logGroup:LogGroup",
    service="logs",
    create=_create_group,
    read=_read_group,
    update=_change_group,
    delete=_delete_group,
    tag=_tag_group,
    updates=("retentionInDays", "kmsKeyId", "skipDestroy", "deletionProtectionEnabled"),
    replaces=("name", "logGroupClass"),
    autoname="name",
)

TYPES = (LOG_GROUP,)
