"""PostgreSQL on RDS: TLS only, in two zones, with a master password that nobody here knows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import cloudwatch, iam, rds, secretsmanager

from components.account import Account
from components.stores import trust
from components.stores.managed import Site, firewall, log_groups, managed_policy
from components.stores.rds_settings import RdsSettings

ROLE: Final = "postgres"
"""Ends the instance's name."""
PORT: Final = 5432
MASTER: Final = "postgres"
"""The role that may do what RDS lets anybody do; the master secret has its password."""
CERTIFICATE: Final = "rds-ca-rsa2048-g1"
"""Generation 1, of which `trust.rds` has the roots."""
MONITORING_SECONDS: Final = 60
AT_RESTART: Final = frozenset(
    {
        "password_encryption",
        "rds.force_ssl",
        "shared_preload_libraries",
        "ssl_min_protocol_version",
    }
)
"""Parameters that are applied at a restart: one that needs it, and those whose value is AWS's default as
well. Of these AWS keeps no other way of application, and each preview would show it as changed
(`pulumi_aws.rds.ParameterGroup`, problematic plan changes)."""


@dataclass(frozen=True, kw_only=True)
class RdsArgs:
    """What the server is made from."""

    settings: RdsSettings
    site: Site
    rotation_days: int
    """How often the master password changes."""


def parameters(settings: RdsSettings) -> dict[str, str]:
    """What the server runs with, where that is not what RDS chooses."""
    return {
        "rds.force_ssl": "1",
        "ssl_min_protocol_version": "TLSv1.2",
        "password_encryption": "scram-sha-256",
        "log_connections": "1",
        "log_disconnections": "1",
        "log_min_duration_statement": str(settings.slow_query_ms),
        "shared_preload_libraries": "pg_stat_statements",
        # It would keep the text of ALTER ROLE … PASSWORD for whoever may read its view.
        "pg_stat_statements.track_utility": "0",
    }


def exported(settings: RdsSettings) -> tuple[str, ...]:
    """The logs that go to CloudWatch."""
    logs = ("postgresql", "upgrade")
    return (*logs, "iam-db-auth-error") if settings.iam_authentication else logs


def monitored_by(account: Account, instance: str) -> dict[str, object]:
    """RDS may take the role on to write metrics of this instance, and not for another account's."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "monitoring.rds.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {
                        "aws:SourceAccount": account.id,
                        "aws:SourceArn": account.arn("rds", f"db:{instance}"),
                    }
                },
            }
        ],
    }


class Rds(pulumi.ComponentResource):
    """A server at `host`:`port` that takes TLS connections from the cluster, and no others."""

    host: pulumi.Output[str]
    """DNS name of the server, the name in its certificate. It stays when the other zone takes over."""
    port: int
    """TCP port."""
    master_secret: pulumi.Output[str]
    """ARN of the secret in Secrets Manager with the master's `username` and `password`, as JSON."""
    arn: pulumi.Output[str]
    """ARN of the instance."""
    resource_id: pulumi.Output[str]
    """Id that ARNs of `rds-db:connect` go by. A restored instance has another."""
    authority: pulumi.Output[str]
    """PEM of the authorities that sign its certificates."""

    def __init__(
        self, name: str, args: RdsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Rds", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        identifier = args.site.named(ROLE)
        paths = {log: f"/aws/rds/instance/{identifier}/{log}" for log in exported(args.settings)}
        logs = log_groups(name, args.site, paths, args.settings.log_days, child)
        instance = _instance(name, args, list(logs.values()), child)
        secret: pulumi.Output[Any] = instance.master_user_secrets[0].secret_arn
        secretsmanager.SecretRotation(
            f"{name}-rotation",
            secret_id=secret,
            # RDS made the password a moment ago, and sets the next one itself: no function is named.
            rotate_immediately=False,
            rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=args.rotation_days
            ),
            opts=child,
        )
        self.host, self.port = instance.address, PORT
        self.master_secret = secret
        self.arn, self.resource_id = instance.arn, instance.resource_id
        self.authority = pulumi.Output.from_input(trust.rds(args.site.account.region))
        self.register_outputs({"host": self.host, "port": self.port, "arn": self.arn})


def _instance(
    name: str, args: RdsArgs, logs: Sequence[cloudwatch.LogGroup], opts: pulumi.ResourceOptions
) -> rds.Instance:
    settings, site = args.settings, args.site
    role, allowed = _monitoring(name, site, opts)
    return rds.Instance(
        f"{name}-instance",
        identifier=site.named(ROLE),
        engine="postgres",
        engine_version=settings.version,
        auto_minor_version_upgrade=settings.follows_minor_versions,
        allow_major_version_upgrade=settings.major_upgrade,
        instance_class=settings.instance_class,
        multi_az=settings.multi_az,
        parameter_group_name=_parameter_group(name, settings, opts).name,
        ca_cert_identifier=CERTIFICATE,
        # The master password is RDS's own affair: never an input, never in the state.
        username=MASTER,
        manage_master_user_password=True,
        master_user_secret_kms_key_id=site.key_arn,
        iam_database_authentication_enabled=settings.iam_authentication,
        port=PORT,
        db_subnet_group_name=_subnet_group(name, site, opts).name,
        vpc_security_group_ids=[firewall(name, site, ROLE, PORT, opts).id],
        publicly_accessible=False,
        storage_type="gp3",
        allocated_storage=settings.storage_gib,
        max_allocated_storage=settings.max_storage_gib,
        storage_encrypted=True,
        kms_key_id=site.key_arn,
        backup_retention_period=settings.backup_days,
        backup_window=settings.backup_window,
        copy_tags_to_snapshot=True,
        maintenance_window=settings.maintenance_window,
        apply_immediately=False,
        enabled_cloudwatch_logs_exports=exported(settings),
        performance_insights_enabled=True,
        performance_insights_kms_key_id=site.key_arn,
        performance_insights_retention_period=settings.performance_insights_days,
        database_insights_mode=settings.insights_mode,
        monitoring_interval=MONITORING_SECONDS,
        monitoring_role_arn=role.arn,
        deletion_protection=site.protect,
        delete_automated_backups=not site.protect,
        skip_final_snapshot=not site.protect,
        final_snapshot_identifier=site.named(f"{ROLE}-final") if site.protect else None,
        # Protected by the engine too: a change that would replace it fails in the preview.
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(depends_on=[*logs, allowed], protect=site.protect)
        ),
    )


def _subnet_group(name: str, site: Site, opts: pulumi.ResourceOptions) -> rds.SubnetGroup:
    return rds.SubnetGroup(
        f"{name}-subnets",
        description=f"Where {site.named(ROLE)} stands",
        subnet_ids=site.subnet_ids,
        opts=opts,
    )


def _parameter_group(
    name: str, settings: RdsSettings, opts: pulumi.ResourceOptions
) -> rds.ParameterGroup:
    return rds.ParameterGroup(
        f"{name}-parameters",
        family=f"postgres{settings.major}",
        description="TLS only, slow statements and connections in the log",
        parameters=[
            rds.ParameterGroupParameterArgs(
                name=parameter,
                value=value,
                apply_method="pending-reboot" if parameter in AT_RESTART else "immediate",
            )
            for parameter, value in sorted(parameters(settings).items())
        ],
        opts=opts,
    )


def _monitoring(
    name: str, site: Site, opts: pulumi.ResourceOptions
) -> tuple[iam.Role, iam.RolePolicyAttachment]:
    role = iam.Role(
        f"{name}-monitoring",
        description="Lets RDS write the metrics of the server's operating system",
        assume_role_policy=json.dumps(monitored_by(site.account, site.named(ROLE))),
        opts=opts,
    )
    allowed = iam.RolePolicyAttachment(
        f"{name}-monitoring-policy",
        role=role.name,
        policy_arn=managed_policy(site.account, "AmazonRDSEnhancedMonitoringRole"),
        opts=opts,
    )
    return role, allowed
