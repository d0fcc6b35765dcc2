"""Samples of policies that stand by themselves."""

from tests.unit.toolchain.providers.aws.cases.identity import POLICY, allow
from tests.unit.toolchain.providers.aws.stand_in import Case

CASES = (
    Case(
        token=POLICY,
        inputs=lambda _: {
            "policy": allow("s3:GetObject"),
            "description": "a policy",
            "path": "/platform/",
        },
        changes={"policy": allow("s3:PutObject")},
        replaces={"description": "another", "path": "/other/", "name": "other"},
    ),
    Case(
        token="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        inputs=lambda _: {"policyName": "waf", "policyDocument": allow("logs:PutLogEvents")},
        changes={"policyDocument": allow("logs:CreateLogStream")},
        replaces={"policyName": "other"},
    ),
)
