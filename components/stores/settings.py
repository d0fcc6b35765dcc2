"""The stores as a stack file writes them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.hardening import Compute
from components.settings import Bytes, Settings, in_bytes


class PostgresSettings(Settings):
    """PostgreSQL in the cluster."""

    storage: Bytes
    max_connections: Annotated[int, Field(ge=10)] = 200
    resources: Compute


class RedisSettings(Settings):
    """Redis in the cluster."""

    storage: Bytes
    max_memory: Bytes
    """Where eviction of the least recently used keys begins; below the container's memory limit."""
    resources: Compute

    @model_validator(mode="after")
    def _evicts_before_it_is_killed(self) -> "RedisSettings":
        limit = self.resources.memory_limit
        if in_bytes(self.max_memory) >= in_bytes(limit):
            raise ValueError(
                f"max_memory is {self.max_memory} and resources.memory_limit is {limit}: lower "
                "max_memory, or the kernel ends Redis before it evicts a key"
            )
        return self


class StoreSettings(Settings):
    """The stack's `stores`, in the cluster."""

    kind: Literal["cluster"] = "cluster"
    postgres: PostgresSettings
    redis: RedisSettings
    storage_class: Annotated[str, Field(min_length=1)] | None = None
    """Of the volumes of both; the cluster's default class, if not given."""
