"""Unit: secrets in a rehearsal: names that are not free yet, versions, and what AWS refuses."""

import json
from typing import Any

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.backups import PLAN, rule
from tests.unit.toolchain.providers.aws.cases.identity import ROLE
from tests.unit.toolchain.providers.aws.cases.secrets import SECRET, VERSION
from tests.unit.toolchain.providers.aws.stand_in import Engine, Made, Refused, World
from toolchain.providers.aws.types.backups import rule_faults

POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
SELECTION = "aws:backup/selection:Selection"
VAULT_POLICY = "aws:backup/vaultPolicy:VaultPolicy"


@pytest.fixture
def secret(engine: Engine) -> Made:
    return engine.make(SECRET, {"name": "a/b", "recoveryWindowInDays": 0})


def test_a_name_is_free_at_once_only_if_nothing_can_be_called_back(
    engine: Engine, secret: Made
) -> None:
    engine.remove(secret)
    again = engine.make(SECRET, {"name": "a/b", "recoveryWindowInDays": 30})
    engine.remove(again)
    assert engine.read(again) is None
    with pytest.raises(Refused, match="already scheduled for deletion"):
        engine.make(SECRET, {"name": "a/b"})


def test_a_new_version_is_the_current_one_and_the_last_stays_readable(
    engine: Engine, secret: Made, aws: Moto
) -> None:
    manager = aws.client("secretsmanager")
    first = engine.make(VERSION, {"secretId": secret.id, "secretString": "one"})
    second = engine.make(VERSION, {"secretId": secret.id, "secretString": "two"}, name="second")
    assert first.outputs["versionId"] != second.outputs["versionId"]
    engine.remove(first)
    assert manager.get_secret_value(SecretId=secret.id)["SecretString"] == "two"
    previous = manager.get_secret_value(SecretId=secret.id, VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "one"
    engine.remove(second)
    assert engine.read(second) is None
    assert manager.get_secret_value(SecretId=secret.id)["SecretString"] == "two"


def test_a_removed_secret_takes_its_versions_with_it(
    engine: Engine, secret: Made, aws: Moto
) -> None:
    version = engine.make(VERSION, {"secretId": secret.id, "secretString": "one"})
    engine.remove(version)
    engine.remove(secret)
    records = aws.client("s3", "us-gov-west-1")
    assert records.list_objects_v2(Bucket="played").get("Contents", []) == []


def test_a_policy_that_opens_a_secret_to_everybody_is_blocked(engine: Engine, secret: Made) -> None:
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    inputs = {"secretArn": secret.id, "policy": json.dumps({"Statement": [allowed]})}
    with pytest.raises(Refused, match="PublicPolicyException"):
        engine.make(POLICY, {**inputs, "blockPublicPolicy": True})
    with pytest.raises(Refused, match="MalformedPolicyDocumentException"):
        engine.make(POLICY, {**inputs, "policy": "{"})


def test_a_secret_that_no_service_manages_does_not_rotate_by_itself(
    engine: Engine, secret: Made
) -> None:
    inputs = {"secretId": secret.id, "rotationRules": {"automaticallyAfterDays": 90}}
    with pytest.raises(Refused, match="doesn't already have a Lambda function"):
        engine.make(ROTATION, inputs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"startWindow": 30}, "startWindow is 30"),
        ({"completionWindow": 90}, "completionWindow 90"),
        ({"lifecycle": {"deleteAfter": 36}}, "1 to 35 days, not 36"),
        ({"lifecycle": {"deleteAfter": 30, "coldStorageAfter": 1}}, "less than 90"),
        ({"schedule": "cron(0 1 * * * *)"}, "no schedule"),
        ({"schedule": "daily"}, "no schedule"),
    ],
)
def test_a_rule_of_a_plan_is_refused(changes: dict[str, Any], message: str) -> None:
    (fault,) = rule_faults({**rule("vault"), **changes})
    assert message in fault


def test_a_sound_rule_is_taken() -> None:
    assert list(rule_faults(rule("vault"))) == []


def test_what_copies_refer_to_is_there(engine: Engine) -> None:
    world = World(engine, CASES)
    chosen = {"name": "databases", "iamRoleArn": world[ROLE].outputs["arn"], "resources": ["arn"]}
    with pytest.raises(Refused, match="Backup plan none does not exist"):
        engine.make(SELECTION, {**chosen, "planId": "none"})
    with pytest.raises(Refused, match="cannot be assumed by AWS Backup"):
        engine.make(SELECTION, {**chosen, "planId": world[PLAN].id})
    with pytest.raises(Refused, match="ResourceNotFoundException"):
        engine.make(PLAN, {"name": "daily", "rules": [rule("none")]})
    with pytest.raises(Refused, match="not well formed"):
        vault = world["aws:backup/vault:Vault"].id
        engine.make(VAULT_POLICY, {"backupVaultName": vault, "policy": "{"})
