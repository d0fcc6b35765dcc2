"""The stores of a stack on AWS, as its stack file writes them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.settings import Settings
from components.stores.elasticache_settings import ElastiCacheSettings
from components.stores.rds_settings import RdsSettings


class BackupSettings(Settings):
    """Copies of the database in a vault of their own, which outlive the database.

    There is no cold storage: AWS Backup has none for RDS and ignores the setting.
    """

    daily_days: Annotated[int, Field(ge=7, le=365)] = 35
    """How long the daily copies are kept."""
    monthly_days: Annotated[int, Field(ge=90, le=36500)] = 365
    """How long those of each month's first day are kept."""
    start_hour: Annotated[int, Field(ge=0, le=20)] = 0
    """Hour of the day, UTC, at which the daily copy is begun; the others follow an hour apart."""
    continuous: bool = True
    """Puts the log too under the vault's protection, from which any moment of `postgres.backup_days` can
    be restored. AWS Backup then sets the instance's backup window itself."""
    lock: bool = False
    """Shuts retention within these figures for everybody without the right to take the lock away (vault
    lock in governance mode). Of no effect without the cluster's `protect`."""

    @model_validator(mode="after")
    def _months_outlive_days(self) -> "BackupSettings":
        if self.monthly_days <= self.daily_days:
            raise ValueError(
                f"monthly_days is {self.monthly_days} and daily_days {self.daily_days}: monthly copies "
                "that end sooner than daily ones add nothing; raise monthly_days"
            )
        return self


class AwsStoreSettings(Settings):
    """The stack's `stores`, run by AWS."""

    kind: Literal["aws"]
    postgres: RdsSettings
    redis: ElastiCacheSettings
    backup: BackupSettings = BackupSettings()

    @model_validator(mode="after")
    def _consistent(self) -> "AwsStoreSettings":
        found = list(_faults(self))
        if found:
            raise ValueError("; ".join(found))
        return self


def _faults(settings: AwsStoreSettings) -> Iterator[str]:
    window = settings.postgres.backup_window
    if settings.backup.continuous and window is not None:
        yield (
            f"postgres.backup_window is {window} and backup.continuous is on, with which AWS Backup "
            "sets the window itself: leave backup_window out, or set continuous to false"
        )
