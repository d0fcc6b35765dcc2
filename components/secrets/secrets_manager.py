"""Secrets are kept in AWS Secrets Manager; External Secrets brings them to the pods that mount them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import secretsmanager
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.account import Account
from components.secrets.delivery import DIRECT
from components.secrets.external import ONCE, external_secret

RECOVERY_DAYS: Final = 30
"""How long a deleted secret can be called back: the longest Secrets Manager takes. Its name is not
free until then."""


ROTATION: Final = "agents.platform/rotation-days"
"""Tag of a secret that no rotation of AWS's own renews: an update of the stack does, this often."""


@dataclass(frozen=True, kw_only=True)
class Vault:
    """A stack's place in Secrets Manager, and who gets at it."""

    account: Account
    key_arn: pulumi.Input[str]
    """The key that encrypts its secrets."""
    prefix: str
    """Beginning of their names, unique in the account: `agent-platform/prod`."""
    cluster: str
    """Name of the cluster that reads them, with which the readers' names begin."""
    controller_arn: pulumi.Input[str]
    """Role of the External Secrets controller."""
    protect: bool
    rotation_days: int
    """How often what is kept here is made anew, for whoever looks at a secret in AWS."""
    ready: Sequence[pulumi.Resource] = ()
    """What has to be there before the controller's objects can be made: its Helm release."""
    deployers: tuple[str, ...] = ()
    """ARNs of the roles that run this program. With them given, nobody but they and a secret's reader
    can read it, whatever their own policies say."""


def protection(readers: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    """A secret's policy: nobody without TLS and, where `readers` are given, no other role reads it."""
    without_tls: dict[str, Any] = {
        "Sid": "OnlyWithTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    others: dict[str, Any] = {
        "Sid": "OnlyReaders",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": list(readers)}},
    }
    statements = [without_tls, others] if readers else [without_tls]
    return {"Version": "2012-10-17", "Statement": statements}


def versioned(name: str, version: str) -> str:
    """Name of the Secret with one version of `name`; of the content it tells nothing."""
    return f"{name}-{hashlib.sha256(version.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, kw_only=True)
class SecretsManagerDelivery:
    """To the pods of one namespace, through the SecretStore it has."""

    vault: Vault
    store: pulumi.Input[str]
    """Name of the SecretStore in the pods' namespace."""
    reader_arn: pulumi.Input[str]
    """The role by which that store reads."""

    def deliver(
        self,
        name: str,
        *,
        metadata: ObjectMetaArgs,
        files: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Output[str]:
        """Name of an immutable Secret that the controller makes from one version, and from no other."""
        if not files:
            # The controller makes no Secret out of nothing, and there is nothing to keep either.
            return DIRECT.deliver(name, metadata=metadata, files=files, opts=opts)
        vault = self.vault
        secret = secretsmanager.Secret(
            name,
            name=pulumi.Output.format("{0}/{1}/{2}", vault.prefix, metadata.namespace, name),
            description=pulumi.Output.format("Mounted by pods of {0}", metadata.namespace),
            kms_key_id=vault.key_arn,
            recovery_window_in_days=RECOVERY_DAYS if vault.protect else 0,
            tags={ROTATION: str(vault.rotation_days)},
            opts=opts,
        )
        readers = [self.reader_arn, *vault.deployers] if vault.deployers else []
        policy = secretsmanager.SecretPolicy(
            f"{name}-policy",
            secret_arn=secret.arn,
            policy=pulumi.Output.json_dumps(protection(readers)),
            block_public_policy=True,
            opts=opts,
        )
        version = secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.secret(pulumi.Output.json_dumps(dict(files))),
            # What is not closed yet holds nothing.
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
        )
        # A new object for each version: the controller deletes what its target was called before,
        # and pods on their way out still mount it.
        named = ObjectMetaArgs(
            name=version.version_id.apply(lambda known: versioned(name, known)),
            namespace=metadata.namespace,
            labels=metadata.labels,
        )
        return external_secret(
            f"{name}-mirror",
            metadata=named,
            store=self.store,
            remote={
                "key": secret.arn,
                "version": pulumi.Output.concat("uuid/", version.version_id),
            },
            refresh=ONCE,
            target={"immutable": True},
            opts=opts,
        )
