"""KMS: keys of the customer's own, and their names."""

from collections.abc import Mapping
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, pairs, tags, wire
from toolchain.providers.aws.values import Inputs, Outputs


def _create_key(call: Call, inputs: Inputs) -> str:
    made = call.api.create_key(
        **api(inputs, "description", "keyUsage", "policy", "multiRegion"),
        **api(inputs, customerMasterKeySpec="KeySpec"),
        Tags=pairs(call.tags, "TagKey", "TagValue"),
    )
    identity = call.made(made["KeyMetadata"]["KeyId"])
    _rotate(call, identity, inputs)
    if not inputs.get("isEnabled", True):
        call.api.disable_key(KeyId=identity)
    return identity


def _rotate(call: Call, identity: str, inputs: Inputs) -> None:
    if inputs.get("enableKeyRotation"):
        days = api(inputs, rotationPeriodInDays="RotationPeriodInDays")
        call.api.enable_key_rotation(KeyId=identity, **days)


def _change_key(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    if new.get("description", "") != old.get("description", ""):
        call.api.update_key_description(KeyId=identity, Description=new.get("description", ""))
    if "policy" in new and new["policy"] != old.get("policy"):
        call.api.put_key_policy(KeyId=identity, PolicyName="default", Policy=new["policy"])
    if new.get("isEnabled", True) != old.get("isEnabled", True):
        enabled = new.get("isEnabled", True)
        (call.api.enable_key if enabled else call.api.disable_key)(KeyId=identity)
    if new.get("enableKeyRotation"):
        _rotate(call, identity, new)
    elif old.get("enableKeyRotation"):
        call.api.disable_key_rotation(KeyId=identity)


def _read_key(call: Call, identity: str) -> Outputs | None:
    key = call.api.describe_key(KeyId=identity)["KeyMetadata"]
    if key["KeyState"] == "PendingDeletion":
        return None
    rotation = call.api.get_key_rotation_status(KeyId=identity)
    policy = call.api.get_key_policy(KeyId=identity, PolicyName="default")["Policy"]
    found = call.api.list_resource_tags(KeyId=identity)["Tags"]
    return {
        **wire(key, "arn", "keyId", "description", "keyUsage", isEnabled="Enabled"),
        "multiRegion": key.get("MultiRegion", False),
        **wire(key, customerMasterKeySpec="KeySpec"),
        "policy": policy,
        "enableKeyRotation": rotation["KeyRotationEnabled"],
        **_period(call, rotation),
        "tags": tags(found, "TagKey", "TagValue"),
    }


def _period(call: Call, rotation: Mapping[str, Any]) -> Outputs:
    if "rotationPeriodInDays" in call.inputs:
        # Moto does not tell.
        return wire(rotation, rotationPeriodInDays="RotationPeriodInDays")
    return {"rotationPeriodInDays": 365 if rotation["KeyRotationEnabled"] else 0}


def _delete_key(call: Call, identity: str) -> None:
    days = call.inputs.get("deletionWindowInDays", 30)
    call.api.schedule_key_deletion(KeyId=identity, PendingWindowInDays=days)


def _tag_key(call: Call, identity: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed:
        call.api.tag_resource(KeyId=identity, Tags=pairs(changed, "TagKey", "TagValue"))
    if removed:
        call.api.untag_resource(KeyId=identity, TagKeys=removed)


KEY = Type(
    "aws:kms/key:Key",
    service="kms",
    create=_create_key,
    read=_read_key,
    update=_change_key,
    delete=_delete_key,
    tag=_tag_key,
    updates=(
        "description",
        "policy",
        "isEnabled",
        "enableKeyRotation",
        "rotationPeriodInDays",
        # Counts when the key is deleted.
        "deletionWindowInDays",
    ),
    replaces=("keyUsage", "customerMasterKeySpec", "multiRegion"),
)


def _create_alias(call: Call, inputs: Inputs) -> str:
    call.api.create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
    return str(inputs["name"])


def _read_alias(call: Call, identity: str) -> Outputs | None:
    pages = call.api.get_paginator("list_aliases").paginate()
    alias = first(
        each for page in pages for each in page["Aliases"] if each["AliasName"] == identity
    )
    if alias is None:
        return None
    key = call.api.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
    # The key may be named by its ARN as well as by its id; both are the same key.
    given = call.inputs.get("targetKeyId")
    return {
        **wire(alias, arn="AliasArn", name="AliasName"),
        "targetKeyId": given if given in (key["KeyId"], key["Arn"]) else key["KeyId"],
        "targetKeyArn": key["Arn"],
    }


ALIAS = Type(
    "aws:kms/alias:Alias",
    service="kms",
    create=_create_alias,
    read=_read_alias,
    update=lambda call, identity, new, _: call.api.update_alias(
        AliasName=identity, TargetKeyId=new["targetKeyId"]
    ),
    delete=lambda call, identity: call.api.delete_alias(AliasName=identity),
    updates=("targetKeyId",),
    replaces=("name",),
)

TYPES = (KEY, ALIAS)
