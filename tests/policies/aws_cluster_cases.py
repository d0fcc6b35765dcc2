"""Fixtures of the rules on EKS clusters."""

import json
from typing import Final

from tests.policies.aws_parts import ACCOUNT, aws
from tests.policies.aws_world import ADMIN
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
