"""Fixtures of the rules on EKS clusters and on IAM."""

import json
from typing import Any, Final

from tests.policies.aws_parts import ACCOUNT, allow, aws, document, trust
from tests.policies.aws_world import ADMIN, ISSUER
from tests.policies.cases import Case, each, field_case, one
from tests.policies.world import ABSENT, UNKNOWN, Declared

_VPC: Final = ("cluster", "vpcConfig")
_ACCESS: Final = ("cluster", "accessConfig")
_PUBLIC: Final = {"endpointPrivateAccess": True, "endpointPublicAccess": True}
_OTHER_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/other"


def _oidc() -> Declared:
    return aws("iam/openIdConnectProvider:OpenIdConnectProvider", {"url": ("cluster",)})


CLUSTER_CASES: Final[dict[str, Case]] = {
    "require-private-endpoint": field_case(
        (*_VPC, "endpointPrivateAccess"), good=(True,), bad=(False, ABSENT)
    ),
    "forbid-open-endpoint": Case(
        each((*_VPC, "publicAccessCidrs"), ["0.0.0.0/0"]),
        (
            one(_VPC, {**_PUBLIC, "publicAccessCidrs": ["203.0.113.7/32", "0.0.0.0/0"]}),
            one(_VPC, {**_PUBLIC, "publicAccessCidrs": ["203.0.0.0/8"]}),
            one(_VPC, _PUBLIC),
            one(_VPC, {"endpointPrivateAccess": True}),
        ),
        each((*_VPC, "endpointPublicAccess"), UNKNOWN),
        also=frozenset({"forbid-public-endpoint"}),
    ),
    "forbid-public-endpoint": Case(
        (),
        each(_VPC, {**_PUBLIC, "publicAccessCidrs": ["203.0.113.7/32"]}),
        each((*_VPC, "endpointPublicAccess"), UNKNOWN),
    ),
    "require-secrets-encryption": field_case(
        ("cluster", "encryptionConfig"),
        good=({"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:x"}},),
        bad=(
            ABSENT,
            {"resources": [], "provider": {"keyArn": "arn:aws:kms:x"}},
            {"resources": ["secrets"], "provider": {}},
        ),
    ),
    "require-control-plane-logs": field_case(
        ("cluster", "enabledClusterLogTypes"),
        good=(["scheduler", "controllerManager", "authenticator", "audit", "api"],),
        bad=(["api", "audit"], [], ABSENT),
    ),
    "require-access-entries": field_case(
        (*_ACCESS, "authenticationMode"),
        good=("API",),
        bad=("API_AND_CONFIG_MAP", "CONFIG_MAP", ABSENT),
    ),
    "forbid-creator-admin": field_case(
        (*_ACCESS, "bootstrapClusterCreatorAdminPermissions"), good=(False,), bad=(True, ABSENT)
    ),
    "require-cluster-protection": field_case(
        ("cluster", "deletionProtection"), good=(True,), bad=(False, ABSENT)
    ),
    "require-supported-version": field_case(
        ("cluster", "version"), good=("1.35",), bad=("1.29", ABSENT)
    ),
    "forbid-masters-entry": field_case(
        ("entry", "kubernetesGroups"), good=([], ABSENT), bad=(["system:masters"],)
    ),
    "require-named-admins": Case(
        (
            one(("admin", "principalArn"), ADMIN),
            (
                (("admin", "principalArn"), _OTHER_ROLE),
                (
                    ("admin", "policyArn"),
                    "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
                ),
            ),
        ),
        each(("admin", "principalArn"), _OTHER_ROLE, f"arn:aws:iam::{ACCOUNT}:user/me"),
        each(("admin", "principalArn"), UNKNOWN),
    ),
    "require-policy-engine": Case(
        each(("cni", "configurationValues"), json.dumps({"enableNetworkPolicy": True})),
        (
            one(("cni",), ABSENT),
            one(("cni", "configurationValues"), ABSENT),
            one(("cni", "configurationValues"), "{}"),
            one(("cni", "configurationValues"), json.dumps({"enableNetworkPolicy": "false"})),
        ),
        each(("cni", "configurationValues"), UNKNOWN),
    ),
    "require-workload-identity": Case(
        (((("identity-agent",), ABSENT), (("other",), _oidc())),),
        (one(("identity-agent",), ABSENT), one(("identity-agent", "addonName"), "coredns")),
        each(("identity-agent", "addonName"), UNKNOWN),
    ),
}

_POLICY: Final = ("flow-policy", "policy")
_TRUST: Final = ("flow-role", "assumeRolePolicy")
_SOURCE: Final[dict[str, Any]] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
_EVERYBODY: Final[dict[str, Any]] = {"AWS": "*"}
_PROVIDER: Final = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}


def _inline(*actions: str) -> Declared:
    return aws(
        "iam/role:Role", inlinePolicies=[{"name": "more", "policy": document(allow(actions, "*"))}]
    )


def _key_policy(**more: Any) -> str:  # noqa: ANN401 (any part of a statement)
    return document(allow("kms:Decrypt", "*", **more))


_BY_ACCOUNT: Final = {"StringEquals": {"kms:CallerAccount": ACCOUNT}}
_LOGS: Final = {"Service": "logs.eu-central-1.amazonaws.com"}

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
        (),
        each(
            ("pod-role", "assumeRolePolicy"),
            trust(_PROVIDER),
            trust(_PROVIDER, StringEquals={f"{ISSUER}:aud": "sts.amazonaws.com"}),
        ),
        each(("pod-role", "assumeRolePolicy"), UNKNOWN),
    ),
    "require-source-of-deputies": Case(
        each(
            _TRUST,
            trust({"Service": "pods.eks.amazonaws.com"}),
            trust(
                {"Service": "monitoring.rds.amazonaws.com"}, ArnLike={"aws:SourceArn": "arn:aws:x"}
            ),
        ),
        each(_TRUST, trust({"Service": "vpc-flow-logs.amazonaws.com"})),
        each(_TRUST, UNKNOWN),
    ),
    "forbid-open-resource-policy": Case(
        each(("key", "policy"), _key_policy(Principal=_EVERYBODY, Condition=_BY_ACCOUNT)),
        (
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
        each(("key", "policy"), _key_policy(Principal=_LOGS, Condition=_SOURCE), ABSENT),
        each(("key", "policy"), _key_policy(Principal=_LOGS)),
        each(("key", "policy"), UNKNOWN),
    ),
}
