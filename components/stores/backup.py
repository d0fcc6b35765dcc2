"""Copies of the database in a vault of AWS Backup, which outlive the database."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import backup, iam

from components.identity import by_service
from components.stores.aws_settings import BackupSettings
from components.stores.managed import Site, managed_policy

START_WINDOW_MINUTES: Final = 60
"""A job that could not start by then is given up; an hour later the next kind's begins."""
COMPLETION_WINDOW_MINUTES: Final = 8 * 60
POLICIES: Final = (
    "AWSBackupServiceRolePolicyForBackup",
    "AWSBackupServiceRolePolicyForRestores",
)
"""AWS's own, for its own service: what they hold follows what AWS Backup needs."""
DENIED: Final = (
    "backup:DeleteBackupVault",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
)
"""Ways to end a copy before its time. Those that reach it end of themselves all the same."""


@dataclass(frozen=True, kw_only=True)
class BackupArgs:
    """What a vault and its plan are made from."""

    settings: BackupSettings
    site: Site
    resources: Sequence[pulumi.Input[str]]
    """ARNs of what is copied."""
    continuous_days: int
    """For how many days a continuous copy is kept: as many as RDS keeps its own, `backup_days`, which
    AWS Backup overwrites with this figure."""


def rules(
    settings: BackupSettings, vault: pulumi.Input[str], continuous_days: int
) -> list[backup.PlanRuleArgs]:
    """What the plan does when. Copies that start within one window are taken once only, so each has
    a window of its own."""
    hour = settings.start_hour
    planned = [
        ("daily", f"cron(0 {hour} * * ? *)", settings.daily_days),
        ("monthly", f"cron(0 {hour + 1} 1 * ? *)", settings.monthly_days),
    ]
    if settings.continuous:
        planned.append(("continuous", f"cron(0 {hour + 2} * * ? *)", continuous_days))
    return [
        backup.PlanRuleArgs(
            rule_name=rule,
            target_vault_name=vault,
            schedule=schedule,
            start_window=START_WINDOW_MINUTES,
            completion_window=COMPLETION_WINDOW_MINUTES,
            enable_continuous_backup=rule == "continuous",
            lifecycle=backup.PlanRuleLifecycleArgs(delete_after=days),
        )
        for rule, schedule, days in planned
    ]


def retention(settings: BackupSettings, continuous_days: int) -> tuple[int, int]:
    """The shortest and the longest time, in days, that the plan keeps a copy."""
    days = [settings.daily_days, settings.monthly_days]
    days += [continuous_days] if settings.continuous else []
    return min(days), max(days)


def keeping() -> dict[str, object]:
    """Policy of the vault: nobody ends a copy before its time, whatever else they may do."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "NothingIsDeletedByHand",
                "Effect": "Deny",
                "Principal": "*",
                "Action": list(DENIED),
                "Resource": "*",
            }
        ],
    }


class Backup(pulumi.ComponentResource):
    """A vault, and a plan that fills it."""

    vault: pulumi.Output[str]
    """Name of the vault."""
    role_arn: pulumi.Output[str]
    """ARN of the role that copies, and that restores are to be started with."""

    def __init__(
        self, name: str, args: BackupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Backup", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        vault = _vault(name, args, child)
        role = iam.Role(
            f"{name}-role",
            name=args.site.named("backup"),
            description="Lets AWS Backup copy and restore the database",
            assume_role_policy=json.dumps(by_service("backup.amazonaws.com")),
            opts=child,
        )
        allowed = [
            iam.RolePolicyAttachment(
                f"{name}-{policy}",
                role=role.name,
                policy_arn=managed_policy(args.site.account, policy),
                opts=child,
            )
            for policy in POLICIES
        ]
        plan = backup.Plan(
            f"{name}-plan",
            name=args.site.named("backup"),
            rules=rules(args.settings, vault.name, args.continuous_days),
            opts=child,
        )
        backup.Selection(
            f"{name}-selection",
            name=args.site.named("backup"),
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=args.resources,
            opts=pulumi.ResourceOptions(parent=self, depends_on=allowed),
        )
        self.vault, self.role_arn = vault.name, role.arn
        self.register_outputs({"vault": self.vault, "role_arn": self.role_arn})


def _vault(name: str, args: BackupArgs, opts: pulumi.ResourceOptions) -> backup.Vault:
    vault = backup.Vault(
        f"{name}-vault",
        name=args.site.named("backup"),
        kms_key_arn=args.site.key_arn,
        force_destroy=not args.site.protect,
        opts=opts,
    )
    if args.site.protect:
        backup.VaultPolicy(
            f"{name}-policy",
            backup_vault_name=vault.name,
            policy=json.dumps(keeping()),
            opts=opts,
        )
        if args.settings.lock:
            shortest, longest = retention(args.settings, args.continuous_days)
            backup.VaultLockConfiguration(
                f"{name}-lock",
                backup_vault_name=vault.name,
                min_retention_days=shortest,
                max_retention_days=longest,
                opts=opts,
            )
    return vault
