"""Secrets Manager: secrets, what they hold, who reads them and how often they change."""

from typing import Any, Final

from botocore.exceptions import ClientError

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import absent, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, pairs, tags, wire
from toolchain.providers.aws.types import references
from toolchain.providers.aws.values import Inputs, Outputs

RECOVERY_DAYS: Final = 30
"""How long a deleted secret can be called back, if nothing else is said."""
VERSION_TYPE: Final = "aws:secretsmanager/secretVersion:SecretVersion"


def _create_secret(call: Call, inputs: Inputs) -> str:
    name = str(inputs["name"])
    references.key(call, inputs.get("kmsKeyId"), "InvalidParameterException", "CreateSecret")
    if "DeletedDate" in _described(call, name):
        reason = (
            "You can't create this secret because a secret with this name is already scheduled for "
            "deletion."
        )
        raise refused("InvalidRequestException", reason, "CreateSecret")
    made = call.api.create_secret(
        **api(inputs, "name", "description", "kmsKeyId"), Tags=pairs(call.tags)
    )
    return str(made["ARN"])


def _described(call: Call, secret: str) -> dict[str, Any]:
    try:
        return {k: v for k, v in call.api.describe_secret(SecretId=secret).items() if v is not None}
    except ClientError as error:
        if not absent(error):
            raise
        return {}


def _change_secret(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    references.key(call, new.get("kmsKeyId"), "InvalidParameterException", "UpdateSecret")
    if any(new.get(name) != old.get(name) for name in ("description", "kmsKeyId")):
        default = {"description": "", "kmsKeyId": "alias/aws/secretsmanager"}
        call.api.update_secret(SecretId=arn, **api({**default, **new}, "description", "kmsKeyId"))


def _read_secret(call: Call, arn: str) -> Outputs | None:
    secret = _described(call, arn)
    if not secret or "DeletedDate" in secret:
        return None
    return {
        **wire(secret, "name", "description", "kmsKeyId", arn="ARN"),
        "tags": tags(secret.get("Tags")),
    }


def _delete_secret(call: Call, arn: str) -> None:
    days = call.inputs.get("recoveryWindowInDays", RECOVERY_DAYS)
    found = _described(call, arn)
    if not found or "DeletedDate" in found:
        return
    window = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    call.api.delete_secret(SecretId=arn, **window)
    for version in found.get("VersionIdsToStages", ()):
        records.remove(references.of_type(call, VERSION_TYPE), f"{arn}|{version}")


def _tag_secret(call: Call, arn: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed:
        call.api.tag_resource(SecretId=arn, Tags=pairs(changed))
    if removed:
        call.api.untag_resource(SecretId=arn, TagKeys=removed)


SECRET = Type(
    "aws:secretsmanager/secret:Secret",
    service="secretsmanager",
    create=_create_secret,
    read=_read_secret,
    update=_change_secret,
    delete=_delete_secret,
    tag=_tag_secret,
    # The window counts when the secret is deleted.
    updates=("description", "kmsKeyId", "recoveryWindowInDays"),
    replaces=("name",),
    autoname="name",
    # A resource of its own.
    absent=("policy",),
)


def _put_value(call: Call, inputs: Inputs) -> str:
    made = call.api.put_secret_value(**api(inputs, "secretId", "secretString", "versionStages"))
    return f"{inputs['secretId']}|{made['VersionId']}"


def _read_value(call: Call, identity: str) -> Outputs | None:
    secret, version = identity.split("|", 1)
    found = _described(call, secret)
    if not found or "DeletedDate" in found:
        return None
    stages = found.get("VersionIdsToStages", {}).get(version)
    # One without a label is up for removal.
    if not stages or _let_go(call, identity):
        return None
    value = call.api.get_secret_value(SecretId=secret, VersionId=version)
    return {
        **wire(value, "secretString", "versionId", arn="ARN"),
        "secretArn": value["ARN"],
        "secretId": secret,
        "versionStages": stages,
        "hasSecretStringWo": False,
    }


def _let_go(call: Call, identity: str) -> bool:
    """Whether the version is deleted, though its secret keeps it as the current or the last one."""
    return records.read(call, identity) is not None


def _change_stages(call: Call, identity: str, new: Inputs, _: Inputs) -> None:
    secret, version = identity.split("|", 1)
    stages = _described(call, secret)["VersionIdsToStages"]
    for stage in set(new.get("versionStages", stages[version])) - set(stages[version]):
        holder = next((each for each, has in stages.items() if stage in has), None)
        call.api.update_secret_version_stage(
            SecretId=secret,
            VersionStage=stage,
            MoveToVersionId=version,
            **({"RemoveFromVersionId": holder} if holder else {}),
        )


def _forget_value(call: Call, identity: str) -> None:
    secret, version = identity.split("|", 1)
    found = _described(call, secret)
    has = found.get("VersionIdsToStages", {}).get(version)
    if not has or "DeletedDate" in found:
        return
    for stage in call.state.get("versionStages", ()):
        # A secret does not let go of this label; it moves on with the next version.
        if stage in has and stage != "AWSCURRENT":
            call.api.update_secret_version_stage(
                SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
            )
    records.write(call, identity, {})


VERSION = Type(
    VERSION_TYPE,
    service="secretsmanager",
    create=_put_value,
    read=_read_value,
    update=_change_stages,
    delete=_forget_value,
    updates=("versionStages",),
    replaces=("secretId", "secretString"),
    secrets=("secretString",),
)

TYPES = (SECRET, VERSION)
