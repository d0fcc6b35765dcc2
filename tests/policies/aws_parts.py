"""Parts that fixtures on AWS are made from."""

import json
from typing import Any, Final

from tests.policies.world import Declared

ACCOUNT: Final = "123456789012"
KEY: Final = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/0a1b2c3d"


def document(*statements: dict[str, Any]) -> str:
    """A policy document as IAM takes it."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: object, resources: object, **more: object) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def trust(principal: object, **conditions: object) -> str:
    """Who may take a role on."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return document({**statement, "Condition": conditions} if conditions else statement)


def aws(
    type_token: str, links: dict[str, tuple[str, ...]] | None = None, **props: object
) -> Declared:
    """A resource of AWS. `links` says which properties come from which resources."""
    return Declared(f"aws:{type_token}", dict(props), links or {})
