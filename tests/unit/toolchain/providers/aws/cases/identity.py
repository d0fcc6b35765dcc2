"""Samples of IAM."""

import json

from tests.unit.toolchain.providers.aws.stand_in import Case

POLICY = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"


def trust(service: str) -> str:
    """A policy that lets a service of AWS take a role."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": f"{service}.amazonaws.com"},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allow(action: str) -> str:
    """A policy that allows one action."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::sample/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CASES = (
    Case(
        token=ROLE,
        inputs=lambda _: {"assumeRolePolicy": trust("eks"), "description": "a role"},
        changes={
            "assumeRolePolicy": trust("ec2"),
            "maxSessionDuration": 7200,
            "forceDetachPolicies": True,
        },
        replaces={"path": "/other/", "name": "other"},
    ),
    Case(
        token="aws:iam/rolePolicy:RolePolicy",
        inputs=lambda world: {"role": world[ROLE].id, "policy": allow("s3:GetObject")},
        changes={"policy": allow("s3:PutObject")},
        replaces={"name": "other"},
    ),
    Case(
        token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        inputs=lambda world: {
            "role": world[ROLE].id,
            "policyArn": world[POLICY].id,
        },
        replaces={"policyArn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"},
    ),
)
