"""The cache on ElastiCache, as a stack file writes it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.network.settings import RetentionDays
from components.settings import Settings
from components.stores.windows import DailyWindow, WeeklyWindow, overlap


class ElastiCacheSettings(Settings):
    """A primary node and its replicas, in several zones. Changes wait for the maintenance window."""

    engine: Literal["valkey", "redis"] = "valkey"
    """Both speak Redis's protocol. ElastiCache has no Redis later than 7.1; Valkey goes on from there."""
    version: Annotated[str, Field(pattern=r"^\d{1,2}\.\d{1,2}$")]
    """Such as `8.1`. Where AWS has raised the minor version in a maintenance window, write the new one
    here: an older one asks for another cache in its place, which a protected stack refuses."""
    node_type: Annotated[str, Field(pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")]
    """Such as `cache.r7g.large`."""
    replicas: Annotated[int, Field(ge=1, le=5)] = 1
    """Nodes that can take over from the primary one."""
    snapshot_days: Annotated[int, Field(ge=1, le=35)] = 7
    """How many daily snapshots are kept."""
    snapshot_window: DailyWindow = "02:00-03:00"
    maintenance_window: WeeklyWindow = "sun:04:00-sun:05:00"
    log_days: RetentionDays = 90

    @property
    def major(self) -> int:
        """Major version: 8."""
        return int(self.version.partition(".")[0])

    @property
    def family(self) -> str:
        """Family of parameter groups: `valkey8`."""
        return f"{self.engine}{self.major}"

    @model_validator(mode="after")
    def _consistent(self) -> "ElastiCacheSettings":
        found = list(_faults(self))
        if found:
            raise ValueError("; ".join(found))
        return self


def _faults(settings: ElastiCacheSettings) -> Iterator[str]:
    if settings.major < 7:
        yield f"version is {settings.version}: the rights of tenants' users need 7.0 or later"
    if settings.engine == "redis" and settings.major > 7:
        yield (
            f"there is no Redis {settings.version} on ElastiCache, which ends at 7.1: set engine to "
            "valkey, or version to 7.1"
        )
    if overlap(settings.maintenance_window, settings.snapshot_window):
        yield (
            f"snapshot_window {settings.snapshot_window} and maintenance_window "
            f"{settings.maintenance_window} overlap, which ElastiCache refuses: move one of them"
        )
