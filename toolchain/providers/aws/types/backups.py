"""AWS Backup: vaults, who may take copies out of them, and what is copied when."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.records import played
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, wire
from toolchain.providers.aws.types import references
from toolchain.providers.aws.values import Inputs, Outputs

PLAN_TYPE: Final = "aws:backup/plan:Plan"
SERVICE: Final = "backup.amazonaws.com"
CONTINUOUS_DAYS: Final = 35
"""How long a continuous copy is kept at most (AWS Backup, continuous backups)."""
COLD_DAYS: Final = 90
"""How long a copy stays in cold storage at least (API reference, Lifecycle)."""
NAME: Final = re.compile(r"[a-zA-Z0-9\-_]{2,50}")


def _create_vault(call: Call, inputs: Inputs) -> str:
    name = str(inputs["name"])
    if not NAME.fullmatch(name):
        reason = f"Invalid backup vault name {name!r}: 2 to 50 letters, digits, '-' and '_'."
        raise refused("InvalidParameterValueException", reason, "CreateBackupVault")
    references.key(
        call, inputs.get("kmsKeyArn"), "InvalidParameterValueException", "CreateBackupVault"
    )
    call.api.create_backup_vault(
        BackupVaultName=name,
        **api(inputs, kmsKeyArn="EncryptionKeyArn"),
        BackupVaultTags=dict(call.tags),
    )
    return name


def _read_vault(call: Call, name: str) -> Outputs | None:
    vault = call.api.describe_backup_vault(BackupVaultName=name)
    arn = vault["BackupVaultArn"]
    return {
        **wire(vault, name="BackupVaultName", arn="BackupVaultArn", kmsKeyArn="EncryptionKeyArn"),
        "recoveryPoints": vault.get("NumberOfRecoveryPoints", 0),
        "tags": call.api.list_tags(ResourceArn=arn)["Tags"],
    }


def _delete_vault(call: Call, name: str) -> None:
    arn = call.arn(f"backup-vault:{name}")
    left = call.api.list_tags(ResourceArn=arn)["Tags"]
    # Moto makes no copies, so that a vault never has to be emptied, but it keeps the tags.
    call.api.untag_resource(ResourceArn=arn, TagKeyList=list(left))
    call.api.delete_backup_vault(BackupVaultName=name)


def _tag_vault(call: Call, name: str, changed: dict[str, str], removed: list[str]) -> None:
    arn = call.arn(f"backup-vault:{name}")
    if changed:
        call.api.tag_resource(ResourceArn=arn, Tags=changed)
    if removed:
        call.api.untag_resource(ResourceArn=arn, TagKeyList=removed)


VAULT = Type(
    "aws:backup/vault:Vault",
    service="backup",
    create=_create_vault,
    read=_read_vault,
    delete=_delete_vault,
    tag=_tag_vault,
    # Counts when the vault is deleted.
    updates=("forceDestroy",),
    replaces=("name", "kmsKeyArn"),
    autoname="name",
    autoname_limit=50,
)


def _check_policy(call: Call, inputs: Inputs) -> None:
    call.api.describe_backup_vault(BackupVaultName=inputs["backupVaultName"])
    try:
        statements = json.loads(inputs["policy"]).get("Statement")
    except (ValueError, AttributeError):
        statements = None
    if not statements:
        reason = "The specified policy cannot be added to the vault: it is not well formed"
        raise refused("InvalidParameterValueException", reason, "PutBackupVaultAccessPolicy")


VAULT_POLICY = played(
    "aws:backup/vaultPolicy:VaultPolicy",
    service="backup",
    identity=lambda _, inputs: str(inputs["backupVaultName"]),
    outputs=lambda call, name, _: {"backupVaultArn": call.arn(f"backup-vault:{name}")},
    check=_check_policy,
    tagged=False,
    updates=("policy",),
    replaces=("backupVaultName",),
)


def _lock(call: Call, inputs: Inputs) -> str:
    days = ("minRetentionDays", "maxRetentionDays", "changeableForDays")
    call.api.put_backup_vault_lock_configuration(**api(inputs, "backupVaultName", *days))
    return str(inputs["backupVaultName"])


def _read_lock(call: Call, name: str) -> Outputs | None:
    vault = call.api.describe_backup_vault(BackupVaultName=name)
    if not vault.get("Locked"):
        return None
    return wire(
        vault,
        "backupVaultArn",
        "backupVaultName",
        "minRetentionDays",
        "maxRetentionDays",
    )


VAULT_LOCK = Type(
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    service="backup",
    create=_lock,
    read=_read_lock,
    delete=lambda call, name: call.api.delete_backup_vault_lock_configuration(BackupVaultName=name),
    replaces=("backupVaultName", "minRetentionDays", "maxRetentionDays", "changeableForDays"),
)


def _check_plan(call: Call, inputs: Inputs) -> None:
    for rule in inputs["rules"]:
        call.api.describe_backup_vault(BackupVaultName=rule["targetVaultName"])
        for fault in rule_faults(rule):
            reason = f"Rule {rule['ruleName']}: {fault}"
            raise refused("InvalidParameterValueException", reason, "CreateBackupPlan")


def rule_faults(rule: Mapping[str, Any]) -> Iterator[str]:
    """What AWS refuses of a plan's rule."""
    start, completion = rule.get("startWindow", 60), rule.get("completionWindow", 180)
    if start < 60 or completion < start + 60:
        yield (
            f"startWindow is {start} and completionWindow {completion} minutes; the first is 60 at "
            "least, and the second an hour longer"
        )
    lifecycle = rule.get("lifecycle", {})
    days, cold = lifecycle.get("deleteAfter"), lifecycle.get("coldStorageAfter")
    if rule.get("enableContinuousBackup") and (days is None or not 1 <= days <= CONTINUOUS_DAYS):
        yield f"a continuous backup is kept for 1 to {CONTINUOUS_DAYS} days, not {days}"
    if days and cold and days < cold + COLD_DAYS:
        yield f"deleteAfter is {days} days, less than {COLD_DAYS} after coldStorageAfter ({cold})"
    fields = re.fullmatch(r"cron\((.*)\)", rule.get("schedule", "cron(0 5 ? * * *)"))
    parts = fields[1].split() if fields else []
    if len(parts) != 6 or (parts[2] == "?") == (parts[4] == "?"):
        yield (
            f"{rule.get('schedule')} is no schedule: cron() has six fields, and one of day of month "
            "and day of week is '?'"
        )


def _plan_outputs(call: Call, identity: str, inputs: Inputs) -> Outputs:
    document = json.dumps({name: inputs[name] for name in ("name", "rules")}, sort_keys=True)
    return {
        "arn": call.arn(f"backup-plan:{identity}"),
        "version": hashlib.sha256(document.encode()).hexdigest()[:48],
    }


PLAN = played(
    PLAN_TYPE,
    service="backup",
    identity=lambda _, __: str(uuid4()),
    outputs=_plan_outputs,
    check=_check_plan,
    updates=("rules",),
    replaces=("name",),
    autoname="name",
    autoname_limit=50,
    volatile=("version",),
)


def _check_selection(call: Call, inputs: Inputs) -> None:
    plan, role = str(inputs["planId"]), str(inputs["iamRoleArn"])
    if references.played(call, PLAN_TYPE, plan) is None:
        reason = f"Backup plan {plan} does not exist."
        raise refused("ResourceNotFoundException", reason, "CreateBackupSelection")
    if not references.assumable(call, role, SERVICE):
        reason = f"IAM Role {role} cannot be assumed by AWS Backup"
        raise refused("InvalidParameterValueException", reason, "CreateBackupSelection")


SELECTION = played(
    "aws:backup/selection:Selection",
    service="backup",
    identity=lambda _, __: str(uuid4()),
    outputs=lambda _, __, ___: {"conditions": [], "notResources": []},
    check=_check_selection,
    tagged=False,
    replaces=("name", "planId", "iamRoleArn", "resources"),
    autoname="name",
    autoname_limit=50,
)

TYPES = (VAULT, VAULT_POLICY, VAULT_LOCK, PLAN, SELECTION)
