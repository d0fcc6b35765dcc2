"""The stores as a stack file writes them."""

from typing import Annotated

from pydantic import Field

from components.hardening import Compute
from components.settings import Bytes, Settings


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


class StoreSettings(Settings):
    """The stack's `stores`."""

    postgres: PostgresSettings
    redis: RedisSettings
