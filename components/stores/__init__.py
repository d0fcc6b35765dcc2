"""Where state lives: PostgreSQL for what must last, Redis for what may be lost."""

from components.stores.database import Database, DatabaseArgs
from components.stores.postgres import Postgres, PostgresArgs
from components.stores.redis import Redis, RedisArgs
from components.stores.settings import PostgresSettings, RedisSettings, StoreSettings
from components.stores.stores import StoreImages, Stores, StoresArgs

__all__ = [
    "Database",
    "DatabaseArgs",
    "Postgres",
    "PostgresArgs",
    "PostgresSettings",
    "Redis",
    "RedisArgs",
    "RedisSettings",
    "StoreImages",
    "StoreSettings",
    "Stores",
    "StoresArgs",
]
