"""Samples of policies that stand by themselves."""

from tests.unit.toolchain.providers.aws.cases.identity import allow
from tests.unit.toolchain.providers.aws.stand_in import Case

POLICY = "aws:iam/policy:Policy"

CASES = (
    Case(
        token=POLICY,
        inputs=lambda _: {"policy": allow("s3:GetObject"), "path": "/platform/"},
        changes={"policy": allow("s3:PutObject")},
        replaces={"name": "other", "description": "another"},
    ),
    Case(
        token="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        inputs=lambda _: {"policyName": "waf", "policyDocument": allow("logs:PutLogEvents")},
        changes={"policyDocument": allow("logs:CreateLogStream")},
        replaces={"policyName": "other"},
    ),
)
