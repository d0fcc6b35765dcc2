"""Secrets Manager: who reads a secret, and how often it changes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import wire
from toolchain.providers.aws.values import Inputs, Outputs, is_list

DAYS: Final = "automaticallyAfterDays"


def _put_policy(call: Call, inputs: Inputs) -> str:
    for statement in _statements(inputs["policy"]):
        if inputs.get("blockPublicPolicy") and _public(statement):
            reason = "You can't grant public access to a secret with BlockPublicPolicy."
            raise refused("PublicPolicyException", reason, "PutResourcePolicy")
    arn = str(inputs["secretArn"])
    call.api.put_resource_policy(
        SecretId=arn,
        ResourcePolicy=inputs["policy"],
        BlockPublicPolicy=inputs.get("blockPublicPolicy", False),
    )
    return arn


def _statements(document: str) -> list[dict[str, Any]]:
    try:
        found: Any = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        reason = "This resource policy contains a syntax error."
        raise refused("MalformedPolicyDocumentException", reason, "PutResourcePolicy") from error
    return list(found) if is_list(found) else [found]


def _public(statement: Mapping[str, Any]) -> bool:
    whom = statement.get("Principal")
    anybody = whom == "*" or (isinstance(whom, dict) and "*" in json.dumps(whom))
    return statement.get("Effect") == "Allow" and anybody and not statement.get("Condition")


def _read_policy(call: Call, arn: str) -> Outputs | None:
    if "DeletedDate" in call.api.describe_secret(SecretId=arn):
        return None
    policy = call.api.get_resource_policy(SecretId=arn).get("ResourcePolicy")
    return {"secretArn": arn, "policy": policy} if policy else None


POLICY = Type(
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    service="secretsmanager",
    create=_put_policy,
    read=_read_policy,
    update=lambda call, _, new, __: _put_policy(call, new),
    delete=lambda call, arn: call.api.delete_resource_policy(SecretId=arn),
    updates=("policy", "blockPublicPolicy"),
    replaces=("secretArn",),
)


def _rotate(call: Call, inputs: Inputs) -> str:
    arn, rules = str(inputs["secretId"]), inputs.get("rotationRules", {})
    if call.api.describe_secret(SecretId=arn).get("OwningService") is None:
        # With a function there is nothing to rehearse: moto would run it in a container.
        reason = (
            "You tried to enable rotation on a secret that doesn't already have a Lambda function "
            "ARN configured and you didn't include such an ARN as a parameter in this call."
        )
        raise refused("InvalidRequestException", reason, "RotateSecret")
    call.api.rotate_secret(
        SecretId=arn,
        RotationRules={DAYS[:1].upper() + DAYS[1:]: rules[DAYS]} if DAYS in rules else {},
        # Whatever was asked for: moto would leave the secret empty. Its service sets the next value,
        # which nobody here knows anyway.
        RotateImmediately=False,
    )
    records.write(call, arn, {"rotationRules": rules})
    return arn


def _read_rotation(call: Call, arn: str) -> Outputs | None:
    record = records.read(call, arn)
    secret = call.api.describe_secret(SecretId=arn)
    if record is None or "DeletedDate" in secret:
        return None
    days = wire(secret.get("RotationRules", {}), DAYS) if DAYS in record["rotationRules"] else {}
    return {
        "secretId": arn,
        "rotationEnabled": secret["RotationEnabled"],
        "rotationRules": {**record["rotationRules"], **days},
    }


ROTATION = Type(
    "aws:secretsmanager/secretRotation:SecretRotation",
    service="secretsmanager",
    create=_rotate,
    read=_read_rotation,
    update=lambda call, _, new, __: _rotate(call, new),
    # Moto cannot end the rotation of a secret that a service manages, as AWS does.
    delete=records.remove,
    updates=("rotationRules", "rotateImmediately"),
    replaces=("secretId",),
)

TYPES = (POLICY, ROTATION)
