"""Who has all rights in a cluster: the roles its settings name, and nobody for having made it."""

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_aws import eks

from components.account import Account

ADMINISTRATION: Final = "AmazonEKSClusterAdminPolicy"
"""All rights in all namespaces, as `cluster-admin` has them."""


def policy_arn(account: Account, policy: str) -> str:
    """ARN of one of the access policies that EKS brings along."""
    return f"arn:{account.partition}:eks::aws:cluster-access-policy/{policy}"


def administrators(
    name: str,
    cluster: pulumi.Input[str],
    account: Account,
    roles: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> list["eks.AccessPolicyAssociation"]:
    """Lets each of `roles` in. The API server takes requests of theirs once these are there."""
    associations: list[eks.AccessPolicyAssociation] = []
    for arn in roles:
        # IAM keeps the last part unique in the account, whatever the path before it.
        role = arn.rsplit("/", 1)[-1]
        entry = eks.AccessEntry(
            f"{name}-access-{role}",
            cluster_name=cluster,
            principal_arn=arn,
            type="STANDARD",
            opts=opts,
        )
        associations.append(
            eks.AccessPolicyAssociation(
                f"{name}-administration-{role}",
                cluster_name=cluster,
                principal_arn=entry.principal_arn,
                policy_arn=policy_arn(account, ADMINISTRATION),
                access_scope=eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                opts=opts,
            )
        )
    return associations
