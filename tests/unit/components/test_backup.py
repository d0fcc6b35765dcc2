"""Unit: copies of the database: which there are, how long they stay, who could delete them."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from components.stores.aws_settings import AwsStoreSettings, BackupSettings
from components.stores.backup import retention
from tests.recording import Recording, deploy
from tests.samples_aws_stores import BACKUP, DATABASE, KEY, POSTGRES, REDIS, backup


def rules(recording: Recording) -> dict[str, dict[str, Any]]:
    return {each["ruleName"]: each for each in recording.one("Plan").inputs["rules"]}


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(backup)


def test_days_months_and_every_moment_are_copied_and_kept_as_long_as_said(
    built: Recording,
) -> None:
    kept = {name: each["lifecycle"]["deleteAfter"] for name, each in rules(built).items()}
    assert kept == {"daily": 35, "monthly": 365, "continuous": POSTGRES.backup_days}
    continuous = [name for name, each in rules(built).items() if each["enableContinuousBackup"]]
    assert continuous == ["continuous"]


def test_no_two_copies_begin_within_one_window(built: Recording) -> None:
    hours = [int(each["schedule"].split()[1]) for each in rules(built).values()]
    assert hours == [0, 1, 2]
    assert all(each["startWindow"] == 60 for each in rules(built).values())


def test_without_continuous_copies_rds_keeps_its_own() -> None:
    recording = deploy(lambda: backup(BackupSettings(continuous=False)))
    assert set(rules(recording)) == {"daily", "monthly"}


def test_the_database_is_what_is_copied_by_a_role_that_may(built: Recording) -> None:
    selection = built.one("Selection")
    assert selection.inputs["resources"] == [DATABASE]
    attached = built.kind("RolePolicyAttachment")
    assert {each.inputs["policyArn"] for each in attached} == {
        "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
        "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
    }
    assert {each.urn for each in attached} <= selection.dependencies
    trusted = json.loads(built.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert [each["Principal"] for each in trusted] == [{"Service": "backup.amazonaws.com"}]


def test_the_vault_is_encrypted_by_the_stacks_key(built: Recording) -> None:
    vault = built.one("Vault").inputs
    assert vault["kmsKeyArn"] == KEY
    assert vault["name"] == "agents-prod-backup"


def test_nobody_ends_a_copy_of_a_protected_stack_before_its_time(built: Recording) -> None:
    assert built.one("Vault").inputs["forceDestroy"] is False
    statements = json.loads(built.one("VaultPolicy").inputs["policy"])["Statement"]
    assert len(statements) == 1
    assert (statements[0]["Effect"], statements[0]["Principal"]) == ("Deny", "*")
    assert "backup:DeleteRecoveryPoint" in statements[0]["Action"]


def test_the_vault_of_an_unprotected_stack_goes_with_what_is_in_it() -> None:
    recording = deploy(lambda: backup(BackupSettings(lock=True), protect=False))
    assert recording.one("Vault").inputs["forceDestroy"] is True
    assert recording.kind("VaultPolicy", "VaultLockConfiguration") == []


def test_a_lock_lets_in_exactly_what_the_plan_makes(built: Recording) -> None:
    assert built.kind("VaultLockConfiguration") == []
    recording = deploy(lambda: backup(BackupSettings(lock=True)))
    lock = recording.one("VaultLockConfiguration").inputs
    assert (lock["minRetentionDays"], lock["maxRetentionDays"]) == (14, 365)
    # Without this figure the lock can be taken away again, by who has the right to.
    assert "changeableForDays" not in lock


def test_retention_counts_what_is_copied_only() -> None:
    assert retention(BACKUP, 14) == (14, 365)
    assert retention(BackupSettings(continuous=False), 14) == (35, 365)


def test_monthly_copies_have_to_outlive_the_daily_ones() -> None:
    with pytest.raises(ValidationError, match="raise monthly_days"):
        BackupSettings(daily_days=120, monthly_days=120)


def test_one_of_rds_and_aws_backup_sets_the_backup_window() -> None:
    windowed = POSTGRES.model_copy(update={"backup_window": "01:00-02:00"})
    with pytest.raises(ValidationError, match="leave backup_window out"):
        AwsStoreSettings(kind="aws", postgres=windowed, redis=REDIS)
    kept = AwsStoreSettings(
        kind="aws", postgres=windowed, redis=REDIS, backup=BackupSettings(continuous=False)
    )
    assert kept.postgres.backup_window == "01:00-02:00"
