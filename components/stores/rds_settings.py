"""PostgreSQL on RDS, as a stack file writes it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.network.settings import RetentionDays
from components.settings import Settings
from components.stores.windows import DailyWindow, WeeklyWindow, overlap


class RdsSettings(Settings):
    """PostgreSQL on RDS. Changes that interrupt it wait for the maintenance window."""

    version: Annotated[str, Field(pattern=r"^1[4-9](\.\d{1,2})?$")]
    """`17` has AWS keep the minor version current, in the maintenance window. `17.6` stays where it is
    until somebody raises it: AWS takes no server back, so that both at once would end in an error."""
    major_upgrade: bool = False
    """On for the one update that raises the major version, which stops the server for minutes."""
    instance_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9]+$")]
    """Such as `db.r7g.large`."""
    storage_gib: Annotated[int, Field(ge=20, le=65536)]
    """GiB to begin with."""
    max_storage_gib: Annotated[int, Field(ge=22, le=65536)]
    """GiB up to which RDS grows the storage by itself. It never shrinks."""
    multi_az: bool = True
    """A second server in another zone, in lockstep, that takes over within one to two minutes."""
    iam_authentication: bool = False
    """Lets roles of IAM log in too, as database users that were granted `rds_iam`."""
    backup_days: Annotated[int, Field(ge=1, le=35)] = 14
    """How far back any moment can be restored."""
    backup_window: DailyWindow | None = None
    """When the daily backup is taken; AWS chooses, if not given."""
    maintenance_window: WeeklyWindow = "sun:04:00-sun:05:00"
    performance_insights_days: Literal[7, 465, 731] = 7
    """What Performance Insights remembers. More than 7 days is the advanced mode of Database Insights,
    the only one that still keeps longer (AWS ended the steps between in 2026), at a price per core."""
    slow_query_ms: Annotated[int, Field(ge=1)] = 1000
    """Statements that take this many milliseconds are logged."""
    log_days: RetentionDays = 90

    @property
    def major(self) -> str:
        """Major version: `17`."""
        return self.version.partition(".")[0]

    @property
    def follows_minor_versions(self) -> bool:
        """Whether AWS raises the minor version by itself."""
        return "." not in self.version

    @property
    def insights_mode(self) -> str:
        """Mode of Database Insights that remembers for so long."""
        return "standard" if self.performance_insights_days == 7 else "advanced"

    @model_validator(mode="after")
    def _consistent(self) -> "RdsSettings":
        found = list(_faults(self))
        if found:
            raise ValueError("; ".join(found))
        return self


def _faults(settings: RdsSettings) -> Iterator[str]:
    # RDS User Guide, storage autoscaling: the maximum is 10 % above the size at least.
    least = -(-settings.storage_gib * 11 // 10)
    if settings.max_storage_gib < least:
        yield (
            f"max_storage_gib is {settings.max_storage_gib} and storage_gib is "
            f"{settings.storage_gib}: RDS wants room to grow by a tenth, so raise max_storage_gib to "
            f"{least} or more"
        )
    window = settings.backup_window
    if window is not None and overlap(settings.maintenance_window, window):
        yield (
            f"backup_window {window} and maintenance_window {settings.maintenance_window} overlap, "
            "which RDS refuses: move one of them"
        )


def version_fault(running: str, wanted: str) -> str | None:
    """What keeps a server at `running` from being given `wanted`; None if nothing.

    Versions are numbers between dots. A shorter one stands for all that begin with it.
    """
    have, want = ([int(part) for part in each.split(".")] for each in (running, wanted))
    if want >= have[: len(want)]:
        return None
    return (
        f"the server runs {running} and cannot be taken back to {wanted}: write {running} or later, "
        "or restore a backup from before the upgrade into a new one"
    )
