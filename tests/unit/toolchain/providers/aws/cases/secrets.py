"""Samples of Secrets Manager."""

import json

from tests.unit.toolchain.providers.aws.cases.databases import INSTANCE
from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.stand_in import Case

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def denial(action: str) -> str:
    """A policy that denies one action."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CASES = (
    Case(
        token=SECRET,
        inputs=lambda world: {
            "description": "a secret",
            "kmsKeyId": world[KEY].outputs["arn"],
            "recoveryWindowInDays": 0,
        },
        changes={"description": "another", "recoveryWindowInDays": 7},
        replaces={"name": "other"},
    ),
    Case(
        token=VERSION,
        inputs=lambda world: {"secretId": world[SECRET].id, "secretString": '{"a": "secret"}'},
        changes={"versionStages": ["AWSCURRENT", "tested"]},
        replaces={"secretString": '{"another": "secret"}'},
    ),
    Case(
        token="aws:secretsmanager/secretPolicy:SecretPolicy",
        inputs=lambda world: {
            "secretArn": world[SECRET].id,
            "policy": denial("secretsmanager:GetSecretValue"),
            "blockPublicPolicy": True,
        },
        changes={"policy": denial("secretsmanager:*"), "blockPublicPolicy": None},
        replaces={"secretArn": "other"},
    ),
    Case(
        token="aws:secretsmanager/secretRotation:SecretRotation",
        inputs=lambda world: {
            "secretId": world[INSTANCE].outputs["masterUserSecrets"][0]["secretArn"],
            "rotationRules": {"automaticallyAfterDays": 90},
            "rotateImmediately": False,
        },
        changes={"rotationRules": {"automaticallyAfterDays": 30}},
        replaces={"secretId": "other"},
    ),
)
