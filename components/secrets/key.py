"""A key of the stack's own in KMS, and who may use it."""

import json
import re
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import kms

from components.account import Account

DAYS_PROTECTED: Final = 30
"""How long a deleted key can be called back: the longest KMS takes."""
DAYS_UNPROTECTED: Final = 7
"""The shortest."""
USE: Final = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What encrypting and decrypting takes; nothing that changes the key or who may use it."""
_ALIAS: Final = re.compile(r"(?!aws/)[a-zA-Z0-9/_-]{1,250}")


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    """What a key is made from."""

    account: Account
    alias: str
    """Its physical name, unique in the account and region: `agents-prod-logs`."""
    description: str
    protect: bool
    services: tuple[str, ...] = ()
    """AWS services that use it by themselves, such as `logs.<region>.amazonaws.com`. Services that act
    for whoever calls them (RDS, Secrets Manager, ECR) are not named: the caller's own policies count."""
    roles: tuple[str, ...] = ()
    """ARNs of existing roles that use it though none of their own policies say so, such as the
    service-linked one of EC2 Auto Scaling, which starts nodes with encrypted volumes."""

    def __post_init__(self) -> None:
        if not _ALIAS.fullmatch(self.alias):
            raise ValueError(
                f"{self.alias!r} is no alias of a key: use letters, digits, '/', '_' and '-', 250 at "
                "most; names in aws/ are kept for AWS"
            )


def policy(
    account: Account, services: tuple[str, ...] = (), roles: tuple[str, ...] = ()
) -> dict[str, object]:
    """The key's policy. Each service and role has statements of its own, with conditions of its own."""
    administration: dict[str, object] = {
        "Sid": "AdministrationByIam",
        "Effect": "Allow",
        "Principal": {"AWS": account.root},
        "Action": "kms:*",
        "Resource": "*",
    }
    statements = [administration, *(_service(each, account) for each in services)]
    for role in roles:
        statements += [_role(role), _grants(role)]
    return {"Version": "2012-10-17", "Statement": statements}


def _service(service: str, account: Account) -> dict[str, object]:
    """A service, on behalf of this account only: no other account can make it use the key."""
    if service.startswith("logs."):
        # The log service says for which group it calls, and not for which account.
        condition = {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:*")}
        }
    else:
        condition = {"StringEquals": {"aws:SourceAccount": account.id}}
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": list(USE),
        "Resource": "*",
        "Condition": condition,
    }


def _role(role: str) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": list(USE),
        "Resource": "*",
    }


def _grants(role: str) -> dict[str, object]:
    """The role may lend the key to what an AWS service makes for it, and to nobody else."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    }


class Key(pulumi.ComponentResource):
    """A symmetric key that KMS renews every year; what older ones encrypted stays readable."""

    arn: pulumi.Output[str]
    """ARN of the key."""
    id: pulumi.Output[str]
    """Id of the key, a UUID."""

    def __init__(
        self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:secrets:Key", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = kms.Key(
            f"{name}-key",
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=DAYS_PROTECTED if args.protect else DAYS_UNPROTECTED,
            policy=json.dumps(policy(args.account, args.services, args.roles)),
            opts=child,
        )
        kms.Alias(f"{name}-alias", name=f"alias/{args.alias}", target_key_id=key.id, opts=child)
        self.arn, self.id = key.arn, key.id
        self.register_outputs({"arn": self.arn, "id": self.id})
