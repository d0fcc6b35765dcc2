"""Samples of keys."""

from tests.unit.toolchain.providers.aws.stand_in import Case

KEY = "aws:kms/key:Key"

CASES = (
    Case(
        token=KEY,
        inputs=lambda _: {"description": "a key", "enableKeyRotation": True},
        changes={
            "description": "another",
            "rotationPeriodInDays": 90,
            "deletionWindowInDays": 7,
            "isEnabled": True,
        },
        replaces={"multiRegion": True},
    ),
    Case(
        token="aws:kms/alias:Alias",
        inputs=lambda world: {"name": "alias/a", "targetKeyId": world[KEY].outputs["arn"]},
        replaces={"name": "alias/b"},
        respelled=("targetKeyId",),
    ),
)
