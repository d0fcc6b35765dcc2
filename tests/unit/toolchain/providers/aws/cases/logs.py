"""Samples of logs."""

from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.stand_in import Case

CASES = (
    Case(
        token="aws:cloudwatch/logGroup:LogGroup",
        inputs=lambda world: {"kmsKeyId": world[KEY].outputs["arn"], "retentionInDays": 30},
        changes={
            "retentionInDays": 7,
            "kmsKeyId": None,
            "deletionProtectionEnabled": True,
        },
        replaces={"name": "/other"},
    ),
)
