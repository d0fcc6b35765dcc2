"""Which of a stack's secrets a namespace may be given.

External Secrets reads for the whole cluster, so that its own identity may read nothing: it takes on
a role for each namespace, which sees the secrets of that namespace only. A SecretStore that names the
role is what ExternalSecrets of the namespace go through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import iam
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.account import Account
from components.identity import Statement, policy, role_name
from components.labels import labels
from components.secrets.external import secret_store
from components.secrets.secrets_manager import SecretsManagerDelivery, Vault

STORE: Final = "secrets-manager"
"""Name of the SecretStore of every namespace that has one."""


@dataclass(frozen=True, kw_only=True)
class ForeignSecret:
    """A secret that something else made, such as the master password of a database server."""

    arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    """The key that encrypts it."""


def reader_name(cluster: str, namespace: str) -> str:
    """Name of the role that reads the secrets of one namespace."""
    return role_name(cluster, f"secrets-{namespace}")


def controllers(account: Account, cluster: str, namespaces: Sequence[str]) -> tuple[Statement, ...]:
    """What the controller's identity may do: become the readers of these namespaces.

    The roles are named by their rule, since each of them in turn names the controller.
    """
    readers = tuple(
        account.arn("iam", f"role/{reader_name(cluster, each)}", regional=False)
        for each in namespaces
    )
    # Pod Identity tags its sessions, and the tags go along.
    actions = ("sts:AssumeRole", "sts:TagSession")
    return (Statement(sid="BecomeReaders", actions=actions, resources=readers),)


def readers(
    vault: Vault, namespace: str, also: Sequence[ForeignSecret] = ()
) -> tuple[Statement, ...]:
    """What the reader of `namespace` may do: read the secrets of its pods, and `also` these."""
    own = vault.account.arn("secretsmanager", f"secret:{vault.prefix}/{namespace}/*")
    secrets = (own, *(each.arn for each in also))
    service = f"secretsmanager.{vault.account.region}.amazonaws.com"
    return (
        Statement(sid="Read", actions=("secretsmanager:GetSecretValue",), resources=secrets),
        Statement(
            sid="Decrypt",
            actions=("kms:Decrypt",),
            resources=(vault.key_arn, *(each.key_arn for each in also)),
            conditions={
                "StringEquals": {"kms:ViaService": service},
                "ArnLike": {"kms:EncryptionContext:SecretARN": secrets},
            },
        ),
    )


def trust(controller_arn: pulumi.Input[str]) -> dict[str, Any]:
    """A reader is taken on by the controller and by nobody else."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": controller_arn},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }


@dataclass(frozen=True, kw_only=True)
class SecretAccessArgs:
    """What a namespace's access is made from."""

    vault: Vault
    namespace: str
    ready: pulumi.Input[str]
    """The same name, known once the namespace is there."""
    also: tuple[ForeignSecret, ...] = ()
    """What it may be given besides the secrets of its own pods."""


class SecretAccess(pulumi.ComponentResource):
    """A reader of one namespace's secrets, and the SecretStore that reads as it."""

    store: pulumi.Output[str]
    """Name of the SecretStore, known once it is there."""
    reader_arn: pulumi.Output[str]
    """ARN of the role, known once it may read."""
    delivery: SecretsManagerDelivery
    """Brings secrets to the namespace's pods."""

    def __init__(
        self, name: str, args: SecretAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:secrets:SecretAccess", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vault = args.vault
        role = iam.Role(
            f"{name}-role",
            name=reader_name(vault.cluster, args.namespace),
            assume_role_policy=pulumi.Output.json_dumps(trust(vault.controller_arn)),
            opts=child,
        )
        granted = iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=policy(readers(vault, args.namespace, args.also)),
            opts=child,
        )
        self.reader_arn = pulumi.Output.all(role.arn, granted.id).apply(lambda known: str(known[0]))
        store = secret_store(
            f"{name}-store",
            metadata=ObjectMetaArgs(
                name=STORE, namespace=args.ready, labels=labels(STORE, "secret-store")
            ),
            region=vault.account.region,
            role_arn=self.reader_arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(vault.ready)),
        )
        self.store = store.id.apply(lambda _: STORE)
        self.delivery = SecretsManagerDelivery(
            vault=vault, store=self.store, reader_arn=self.reader_arn
        )
        self.register_outputs({"store": self.store, "reader_arn": self.reader_arn})
