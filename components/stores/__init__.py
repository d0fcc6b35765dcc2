"""Where state lives: PostgreSQL for what must last, Redis for what may be lost."""

from components.stores.database import Database, DatabaseArgs
from components.stores.endpoint import CacheServer, DatabaseServer, way_to
from components.stores.postgres import Postgres, PostgresArgs
from components.stores.redis import Redis, RedisArgs
from components.stores.remote import RemotePostgres, RemotePostgresArgs
from components.stores.settings import PostgresSettings, RedisSettings, StoreSettings
from components.stores.stores import StoreImages, Stores, StoresArgs

__all__ = [
    "CacheServer",
    "Database",
    "DatabaseArgs",
    "DatabaseServer",
    "Postgres",
    "PostgresArgs",
    "PostgresSettings",
    "Redis",
    "RedisArgs",
    "RedisSettings",
    "RemotePostgres",
    "RemotePostgresArgs",
    "StoreImages",
    "StoreSettings",
    "Stores",
    "StoresArgs",
    "way_to",
]
