"""Stores that AWS runs, small and valid, that tests build from."""

from components.account import Account
from components.secrets import CredentialSettings
from components.stores.aws_settings import BackupSettings
from components.stores.backup import Backup, BackupArgs
from components.stores.elasticache import ElastiCache, ElastiCacheArgs
from components.stores.elasticache_settings import ElastiCacheSettings
from components.stores.managed import Site
from components.stores.rds import Rds, RdsArgs
from components.stores.rds_settings import RdsSettings
from tests.samples import CREDENTIALS, SLOTS

POSTGRES = RdsSettings(
    version="17", instance_class="db.r7g.large", storage_gib=100, max_storage_gib=500
)
REDIS = ElastiCacheSettings(version="8.1", node_type="cache.r7g.large")
BACKUP = BackupSettings()
KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
DATABASE = "arn:aws:rds:eu-central-1:123456789012:db:agents-prod-postgres"


def site(*, protect: bool = True, region: str = "eu-central-1") -> Site:
    """Three subnets of a network, and a cluster whose nodes may connect."""
    return Site(
        account=Account(id="123456789012", region=region),
        prefix="agents-prod",
        vpc_id="vpc-0",
        subnet_ids=("subnet-a", "subnet-b", "subnet-c"),
        clients={"agents": "sg-of-the-cluster"},
        key_arn=KEY,
        protect=protect,
    )


def rds(settings: RdsSettings = POSTGRES, *, protect: bool = True) -> Rds:
    """A database server."""
    return Rds("postgres", RdsArgs(settings=settings, site=site(protect=protect), rotation_days=90))


def elasticache(
    settings: ElastiCacheSettings = REDIS,
    *,
    credentials: CredentialSettings = CREDENTIALS,
    tenants: tuple[str, ...] = ("research", "sales"),
    protect: bool = True,
) -> ElastiCache:
    """A cache with two tenants' users."""
    return ElastiCache(
        "redis",
        ElastiCacheArgs(
            settings=settings,
            site=site(protect=protect),
            slots=SLOTS,
            credentials=credentials,
            tenants=tenants,
        ),
    )


def backup(settings: BackupSettings = BACKUP, *, protect: bool = True) -> Backup:
    """A vault that copies one database."""
    return Backup(
        "backup",
        BackupArgs(
            settings=settings,
            site=site(protect=protect),
            resources=[DATABASE],
            continuous_days=POSTGRES.backup_days,
        ),
    )
