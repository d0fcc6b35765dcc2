"""Fixtures of the rules on IAM."""

from typing import Any, Final

from tests.policies.aws_parts import ACCOUNT, allow, aws, document, trust
from tests.policies.aws_world import ISSUER
from tests.policies.cases import Case, each, field_case, one
from tests.policies.world import ABSENT, UNKNOWN, Declared

_POLICY: Final = ("flow-policy", "policy")
_TRUST: Final = ("flow-role", "assumeRolePolicy")
_EVERYBODY: Final[dict[str, Any]] = {"AWS": "*"}
_PROVIDER: Final = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}


def _inline(*actions: str) -> Declared:
    return aws(
        "iam/role:Role", inlinePolicies=[{"name": "more", "policy": document(allow(actions, "*"))}]
    )


def _federated(operator: str, subject: object) -> str:
    audience = {f"{ISSUER}:aud": "sts.amazonaws.com"}
    ours: dict[str, dict[str, object]] = {"StringEquals": {**audience}}
    ours.setdefault(operator, {})[f"{ISSUER}:sub"] = subject
    return trust(_PROVIDER, **ours)


def _key_policy(**more: Any) -> str:  # noqa: ANN401 (any part of a statement)
    return document(allow("kms:Decrypt", "*", **more))


_BY_ACCOUNT: Final = {"StringEquals": {"kms:CallerAccount": ACCOUNT}}
_LOGS: Final = {"Service": "logs.eu-central-1.amazonaws.com"}
_LOG_ARN: Final = "kms:EncryptionContext:aws:logs:arn"
_FLOWS: Final = {"Service": "vpc-flow-logs.amazonaws.com"}
_ROLES: Final = f"arn:aws:iam::{ACCOUNT}:role/*"
_POD: Final = "system:serviceaccount:research:planner"
_OURS: Final = f"arn:aws:ec2:eu-central-1:{ACCOUNT}:vpc-flow-log/*"
_BOUNDED: Final = {
    "StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary"}
}
_UNBOUNDED: Final = {"StringLike": {"iam:PermissionsBoundary": "*"}}
UNBOUND: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"StringEquals": {"aws:SourceAccount": []}},
    {"StringEquals": {"aws:SourceAccount": "*"}},
    {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}},
    {"StringEquals": {"aws:SourceArn": _OURS}},
    {"StringLike": {"aws:SourceAccount": [ACCOUNT, "*"]}},
    {"StringLike": {"aws:SourceAccount": "1234????????"}},
    {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}},
    {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
    {"ForAllValues:StringEquals": {"aws:SourceAccount": ACCOUNT}},
    {"Null": {"aws:SourceAccount": "false"}},
    {"Null": {"aws:SourceAccount": "true"}, "StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
    {"Bool": {"aws:SourceAccount": ACCOUNT}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-central-1:*:vpc-flow-log/*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
    {"ArnNotLike": {"aws:SourceArn": _OURS}},
)
"""Conditions that tie a request to nobody."""
BOUND: Final[tuple[dict[str, Any], ...]] = (
    {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    {"StringEqualsIgnoreCase": {"AWS:sourceaccount": [ACCOUNT, "210987654321"]}},
    {"StringLike": {"aws:SourceArn": _OURS}},
    {"ArnEquals": {"aws:SourceArn": _OURS}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::agents-logs/*"}},
    {"ForAnyValue:StringEquals": {"aws:SourceAccount": ACCOUNT}},
    {
        "Null": {"aws:SourceAccount": "false"},
        "ForAllValues:StringEquals": {"aws:SourceAccount": ACCOUNT},
    },
    {
        "Bool": {"aws:SecureTransport": "true"},
        "StringNotEquals": {"aws:SourceVpc": "vpc-1"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    },
)
"""Conditions that tie a request to somebody who is named."""

IDENTITY_CASES: Final[dict[str, Case]] = {
    "forbid-whole-services": Case(
        each(_POLICY, document({**allow("s3:*", "*"), "Effect": "Deny"})),
        (
            one(_POLICY, document(allow("*", "arn:x"))),
            one(_POLICY, document(allow(["s3:GetObject", "kms:*"], "arn:x"))),
            one(_POLICY, document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:x"})),
            one(_POLICY, {"Statement": allow("s3:*", "arn:x")}),
            one(("other",), _inline("ec2:*")),
        ),
        each(_POLICY, UNKNOWN),
    ),
    "forbid-wildcards-on-everything": Case(
        each(
            _POLICY,
            document(allow(["ec2:Describe*", "ecr:Get*", "ecr:BatchGetImage"], "*")),
            document(allow("s3:Put*", "arn:aws:s3:::one/*")),
        ),
        (
            one(_POLICY, document(allow("ec2:Create*", "*"))),
            one(
                _POLICY,
                document({"Effect": "Allow", "Action": "s3:Put*", "NotResource": "arn:x"}),
            ),
        ),
        each(_POLICY, UNKNOWN),
    ),
    "forbid-escalating-actions": Case(
        each(
            _POLICY,
            document(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/nodes")),
            document(allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/agents-*")),
            document(allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/agents/*")),
            document({**allow("iam:PassRole", "*"), "Effect": "Deny"}),
            document(allow(["sts:GetCallerIdentity", "iam:GetRole"], "*")),
            document(allow("iam:AttachRolePolicy", _ROLES, Condition=_BOUNDED)),
        ),
        each(
            _POLICY,
            document(allow("iam:PassRole", "*")),
            document(allow("IAM:passrole", [f"arn:aws:iam::{ACCOUNT}:role/nodes", _ROLES])),
            document(allow("iam:Pass?ole", "*")),
            document(allow("iam:Attach*", _ROLES)),
            document(allow("sts:AssumeRole", "arn:aws:iam::*:role/*")),
            document(allow("iam:CreatePolicyVersion", "arn:aws:iam::*")),
            document(allow(["s3:GetObject", "lambda:UpdateFunctionCode"], "*")),
            document({"Effect": "Allow", "Action": "ssm:SendCommand", "NotResource": "arn:x"}),
            document(allow("iam:PutRolePolicy", "*", Condition=_UNBOUNDED)),
        ),
        each(_POLICY, UNKNOWN),
    ),
    "forbid-broad-managed-policies": field_case(
        ("node-role-read", "policyArn"),
        good=("arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",),
        bad=(
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser",
            "arn:aws:iam::aws:policy/AmazonS3FullAccess",
            "arn:aws:iam::aws:policy/job-function/SystemAdministrator",
        ),
    ),
    "forbid-lasting-credentials": Case(
        (),
        (
            one(("other",), aws("iam/user:User")),
            one(("other",), aws("iam/accessKey:AccessKey", user="me")),
        ),
        (),
    ),
    "forbid-open-trust": Case(
        each(_TRUST, trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/deployer"})),
        (
            one(_TRUST, trust("*")),
            one(_TRUST, trust(_EVERYBODY)),
            one(
                _TRUST,
                document(
                    {"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "sts:AssumeRole"}
                ),
            ),
        ),
        each(_TRUST, UNKNOWN),
    ),
    "require-bound-federation": Case(
        each(
            ("pod-role", "assumeRolePolicy"),
            _federated("StringEquals", [_POD, f"{_POD}-canary"]),
            _federated("StringLike", _POD),
        ),
        each(
            ("pod-role", "assumeRolePolicy"),
            trust(_PROVIDER),
            trust(_PROVIDER, StringEquals={f"{ISSUER}:aud": "sts.amazonaws.com"}),
            _federated("StringLike", "system:serviceaccount:research:*"),
            _federated("StringLike", [_POD, "*"]),
            _federated("StringEquals", "*"),
            _federated("StringEqualsIfExists", _POD),
            _federated("StringNotEquals", _POD),
        ),
        each(("pod-role", "assumeRolePolicy"), UNKNOWN),
    ),
    "require-source-of-deputies": Case(
        each(
            _TRUST,
            trust({"Service": "pods.eks.amazonaws.com"}),
            *(trust(_FLOWS, **conditions) for conditions in BOUND),
        ),
        each(_TRUST, *(trust(_FLOWS, **conditions) for conditions in UNBOUND)),
        each(_TRUST, UNKNOWN),
    ),
    "forbid-open-resource-policy": Case(
        each(
            ("key", "policy"),
            *(
                _key_policy(Principal=_EVERYBODY, Condition=conditions)
                for conditions in (*BOUND, _BY_ACCOUNT)
            ),
        ),
        (
            *each(
                ("key", "policy"),
                *(
                    _key_policy(Principal=_EVERYBODY, Condition=conditions)
                    for conditions in UNBOUND
                ),
            ),
            one(("key", "policy"), _key_policy(Principal="*")),
            one(("key", "policy"), _key_policy(Principal={"AWS": ["*"]})),
            one(("repository-policy", "policy"), document(allow("ecr:Get*", "*", Principal="*"))),
            one(
                ("repository-policy", "policy"),
                document(
                    allow(
                        "ecr:BatchGetImage",
                        "*",
                        Principal="*",
                        Condition={"Bool": {"aws:SecureTransport": "true"}},
                    )
                ),
            ),
        ),
        each(("key", "policy"), UNKNOWN),
    ),
    "require-source-of-services": Case(
        each(
            ("key", "policy"),
            ABSENT,
            *(
                _key_policy(Principal=_LOGS, Condition=conditions)
                for conditions in (*BOUND, {"ArnLike": {_LOG_ARN: f"arn:aws:logs:x:{ACCOUNT}:*"}})
            ),
        ),
        each(
            ("key", "policy"),
            *(
                _key_policy(Principal=_LOGS, Condition=conditions)
                for conditions in (*UNBOUND, {"ArnLike": {_LOG_ARN: "arn:aws:logs:*:*:*"}})
            ),
        ),
        each(("key", "policy"), UNKNOWN),
    ),
}
