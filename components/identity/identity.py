"""A workload's identity in AWS: a role that one service account may take on, and nobody else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import eks, iam

from components.account import Account
from components.identity.statements import Statement, policy
from components.identity.trust import Mode, by_pod_identity, by_web_identity
from components.naming import fitted

ROLE_NAME_LIMIT: Final = 64
"""Characters IAM allows in the name of a role."""


@dataclass(frozen=True, kw_only=True)
class Federation:
    """How one cluster vouches to AWS for its pods."""

    account: Account
    cluster: str
    """Name of the cluster."""
    ready: pulumi.Input[str]
    """The same name, known once the cluster takes associations."""
    mode: Mode = "pod_identity"
    provider_arn: pulumi.Input[str] | None = None
    """OpenID Connect provider, in the mode `irsa`."""
    issuer: pulumi.Input[str] | None = None
    """Its URL, in the mode `irsa`."""

    @property
    def cluster_arn(self) -> str:
        """ARN of the cluster, known before the cluster is there."""
        return self.account.arn("eks", f"cluster/{self.cluster}")


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """What an identity is made from."""

    cluster: Federation
    namespace: pulumi.Input[str]
    service_account: pulumi.Input[str]
    statements: Sequence[Statement] = ()
    """What it may do."""
    managed: tuple[str, ...] = ()
    """Names of AWS's own policies it has besides, for what AWS writes the policy of: EKS add-ons."""
    associate: bool = True
    """Off where something else makes the association: an EKS add-on makes its own."""


def role_name(cluster: str, name: str) -> str:
    """Name of a role of the cluster; what IAM has no room for is cut, and told apart by a hash."""
    return fitted(f"{cluster}-{name}", ROLE_NAME_LIMIT)


class Identity(pulumi.ComponentResource):
    """A role of the pods of one service account. The account's name has to be `service_account`."""

    role_arn: pulumi.Output[str]
    """ARN of the role, known once it may do all it is meant to."""
    annotations: Mapping[str, pulumi.Output[str]]
    """Annotations the service account needs; none by Pod Identity."""

    def __init__(
        self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:identity:Identity", name, None, opts)
        if not args.statements and not args.managed:
            raise ValueError(
                f"identity {name!r} may do nothing: give it statements, or leave it out"
            )
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-role",
            name=role_name(args.cluster.cluster, name),
            assume_role_policy=_trust(name, args),
            opts=child,
        )
        granted = _grants(name, role, args, child)
        if args.associate and args.cluster.mode == "pod_identity":
            eks.PodIdentityAssociation(
                f"{name}-association",
                cluster_name=args.cluster.ready,
                namespace=args.namespace,
                service_account=args.service_account,
                role_arn=role.arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=granted),
            )
        self.role_arn = pulumi.Output.all(role.arn, *(each.id for each in granted)).apply(
            lambda known: str(known[0])
        )
        self.annotations = (
            {"eks.amazonaws.com/role-arn": self.role_arn} if args.cluster.mode == "irsa" else {}
        )
        self.register_outputs({"role_arn": self.role_arn})


def _trust(name: str, args: IdentityArgs) -> pulumi.Output[str]:
    cluster = args.cluster
    if cluster.mode == "pod_identity":
        return pulumi.Output.json_dumps(
            by_pod_identity(
                cluster.account.id, cluster.cluster_arn, args.namespace, args.service_account
            )
        )
    if cluster.provider_arn is None or cluster.issuer is None:
        raise ValueError(
            f"identity {name!r} is to go by the cluster's OpenID Connect provider, and cluster "
            f"{cluster.cluster!r} has none: set cluster.identity to irsa, or use pod_identity"
        )
    # The issuer is part of a key of the document, so that the document waits for it as a whole.
    return pulumi.Output.all(
        cluster.provider_arn, cluster.issuer, args.namespace, args.service_account
    ).apply(_web_identity)


def _web_identity(known: Sequence[Any]) -> str:
    return json.dumps(by_web_identity(*(str(each) for each in known)))


def _grants(
    name: str, role: "iam.Role", args: IdentityArgs, opts: pulumi.ResourceOptions
) -> list[pulumi.CustomResource]:
    partition = args.cluster.account.partition
    granted: list[pulumi.CustomResource] = [
        iam.RolePolicyAttachment(
            f"{name}-{managed.rsplit('/', 1)[-1]}",
            role=role.name,
            policy_arn=f"arn:{partition}:iam::aws:policy/{managed}",
            opts=opts,
        )
        for managed in args.managed
    ]
    if args.statements:
        granted.append(
            iam.RolePolicy(
                f"{name}-policy", role=role.name, policy=policy(args.statements), opts=opts
            )
        )
    return granted
