"""Samples of AWS Backup."""

import json

from tests.unit.toolchain.providers.aws.cases.databases import assumable
from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.stand_in import Case, Inputs

VAULT = "aws:backup/vault:Vault"
PLAN = "aws:backup/plan:Plan"


def keeping(action: str) -> str:
    """A policy of a vault."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def rule(vault: str, *, days: int = 35) -> Inputs:
    """Copies that are taken every day."""
    return {
        "ruleName": "daily",
        "targetVaultName": vault,
        "schedule": "cron(0 1 * * ? *)",
        "startWindow": 60,
        "completionWindow": 480,
        "enableContinuousBackup": True,
        "lifecycle": {"deleteAfter": days},
    }


CASES = (
    Case(
        token=VAULT,
        inputs=lambda world: {"kmsKeyArn": world[KEY].outputs["arn"]},
        changes={"forceDestroy": True},
        replaces={"name": "other", "kmsKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/0"},
    ),
    Case(
        token="aws:backup/vaultPolicy:VaultPolicy",
        inputs=lambda world: {
            "backupVaultName": world[VAULT].id,
            "policy": keeping("backup:DeleteRecoveryPoint"),
        },
        changes={"policy": keeping("backup:DeleteBackupVault")},
        replaces={"backupVaultName": "other"},
    ),
    Case(
        token="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        inputs=lambda world: {
            "backupVaultName": world[VAULT].id,
            "minRetentionDays": 7,
            "maxRetentionDays": 365,
        },
        replaces={"minRetentionDays": 14, "maxRetentionDays": 400, "changeableForDays": 3},
    ),
    Case(
        token=PLAN,
        inputs=lambda world: {"name": "daily", "rules": [rule(world[VAULT].id)]},
        changes={"rules": [rule("other-0123456", days=14)]},
        replaces={"name": "other"},
    ),
    Case(
        token="aws:backup/selection:Selection",
        inputs=lambda world: {
            "name": "databases",
            "planId": world[PLAN].id,
            "iamRoleArn": assumable(world, "backup"),
            "resources": ["arn:aws:rds:eu-central-1:123456789012:db:sample"],
        },
        replaces={"name": "other", "resources": ["arn:aws:rds:eu-central-1:123456789012:db:b"]},
    ),
)
