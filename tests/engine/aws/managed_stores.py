"""The program of the tests of managed stores: the platform's own components in a small network."""

from typing import Any

from tests.engine.stack import Project
from tests.moto import Moto
from tests.policies.analyzer import ROOT

PREFIX = "agents-prod"
DATABASE = f"{PREFIX}-postgres"
PROGRAM = """
import json
from dataclasses import replace

from components.stores.backup import Backup, BackupArgs
from components.stores.elasticache import ElastiCache, ElastiCacheArgs
from components.stores.rds import Rds, RdsArgs
from rehearsal import aws, provider
from tests.samples import CREDENTIALS, SLOTS
from tests.samples_aws_stores import BACKUP, POSTGRES, REDIS, site

here = pulumi.ResourceOptions(provider=provider)
inside = pulumi.ResourceOptions(providers={{"aws": provider}})
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, opts=here)
subnets = [
    aws.ec2.Subnet(
        f"data-{{zone}}",
        vpc_id=vpc.id,
        cidr_block=f"10.0.{{index}}.0/24",
        availability_zone=f"eu-central-1{{zone}}",
        opts=here,
    )
    for index, zone in enumerate("abc")
]
cluster = aws.ec2.SecurityGroup("cluster", vpc_id=vpc.id, description="nodes", opts=here)
key = aws.kms.Key("key", enable_key_rotation=True, deletion_window_in_days=7, opts=here)
place = replace(
    site(protect={protect}),
    vpc_id=vpc.id,
    subnet_ids=[subnet.id for subnet in subnets],
    clients={{"platform": cluster.id}},
    key_arn=key.arn,
)
postgres = POSTGRES.model_copy(update=json.loads('''{postgres}'''))
redis = REDIS.model_copy(update=json.loads('''{redis}'''))
backup = BACKUP.model_copy(update=json.loads('''{backup}'''))
database = Rds("postgres", RdsArgs(settings=postgres, site=place, rotation_days=90), inside)
cache = ElastiCache(
    "redis",
    ElastiCacheArgs(
        settings=redis,
        site=place,
        slots=SLOTS,
        credentials=CREDENTIALS,
        tenants=("research", "sales"),
    ),
    inside,
)
copies = Backup(
    "backup",
    BackupArgs(
        settings=backup,
        site=place,
        resources=[database.arn],
        continuous_days=postgres.backup_days,
    ),
    inside,
)
pulumi.export("host", database.host)
pulumi.export("master_secret", database.master_secret)
pulumi.export("resource_id", database.resource_id)
pulumi.export("cache", cache.host)
pulumi.export("passwords", cache.passwords)
pulumi.export("vault", copies.vault)
"""


def write(
    project: Project,
    *,
    protect: bool = True,
    postgres: str = "{}",
    redis: str = "{}",
    backup: str = "{}",
) -> None:
    """Write the program; settings are those of the samples, changed by these JSON objects."""
    for folder in ("components", "tests"):
        link = project.folder / folder
        if not link.exists():
            link.symlink_to(ROOT / folder)
    values = {"protect": protect, "postgres": postgres, "redis": redis, "backup": backup}
    project.program(PROGRAM.format(**values))


def database(aws: Moto, name: str = DATABASE) -> dict[str, Any]:
    """What AWS tells of a database."""
    return aws.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def left(aws: Moto) -> dict[str, int]:
    """How much of each kind there is that a stack can leave behind."""
    rds, backup = aws.client("rds"), aws.client("backup")
    ec2, records = aws.client("ec2"), aws.client("s3", "us-gov-west-1")
    secrets = aws.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)
    groups = ec2.describe_security_groups()["SecurityGroups"]
    played = [each["Name"] for each in records.list_buckets()["Buckets"]]
    found: dict[str, list[Any]] = {
        "databases": rds.describe_db_instances()["DBInstances"],
        "snapshots": rds.describe_db_snapshots()["DBSnapshots"],
        "automated backups": rds.describe_db_instance_automated_backups()[
            "DBInstanceAutomatedBackups"
        ],
        "subnet groups": rds.describe_db_subnet_groups()["DBSubnetGroups"],
        "parameter groups": rds.describe_db_parameter_groups()["DBParameterGroups"],
        "secrets": secrets["SecretList"],
        "vaults": backup.list_backup_vaults()["BackupVaultList"],
        "plans": backup.list_backup_plans()["BackupPlansList"],
        "roles": aws.client("iam").list_roles()["Roles"],
        "log groups": aws.client("logs").describe_log_groups()["logGroups"],
        "security groups": [each for each in groups if each["GroupName"] != "default"],
        "VPCs": [each for each in ec2.describe_vpcs()["Vpcs"] if not each["IsDefault"]],
        "played": [
            each["Key"]
            for bucket in played
            for each in records.list_objects_v2(Bucket=bucket).get("Contents", ())
        ],
    }
    return {kind: len(each) for kind, each in found.items() if each}
