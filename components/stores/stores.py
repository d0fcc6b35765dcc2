"""The namespace of the stores, closed but for what each store opens itself."""

from dataclasses import dataclass

import pulumi

from components.secrets import Authority, CredentialSettings, Slots
from components.stores.database import retirement
from components.stores.endpoint import CacheServer, DatabaseServer
from components.stores.postgres import Postgres, PostgresArgs
from components.stores.provisioner import Statements, run
from components.stores.redis import Redis, RedisArgs
from components.stores.server import closed_namespace
from components.stores.settings import StoreSettings


@dataclass(frozen=True, kw_only=True)
class StoreImages:
    """Image references, by digest."""

    postgres: str
    redis: str


@dataclass(frozen=True, kw_only=True)
class StoresArgs:
    """What the stores are made from."""

    settings: StoreSettings
    images: StoreImages
    authority: Authority
    slots: Slots
    credentials: CredentialSettings
    tenants: tuple[str, ...]
    """Names of the tenants. They get users of their own; those of others are shut out."""
    priority: pulumi.Input[str] | None = None
    """Name of the servers' priority class."""


class Stores(pulumi.ComponentResource):
    """PostgreSQL and Redis with TLS, passwords and persistent volumes, in a namespace of their own."""

    database: DatabaseServer
    """The database server."""
    cache: CacheServer
    """The cache."""

    def __init__(
        self, name: str, args: StoresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Stores", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespace = closed_namespace(name, child)
        postgres = Postgres(
            f"{name}-postgres",
            PostgresArgs(
                settings=args.settings.postgres,
                storage_class=args.settings.storage_class,
                image=args.images.postgres,
                namespace=namespace,
                authority=args.authority,
                slots=args.slots,
                priority=args.priority,
            ),
            child,
        )
        removed = Statements(workload="retire-tenants", sql=retirement(args.tenants))
        run(f"{name}-retirement", removed, postgres.server, args.slots, self)
        redis = Redis(
            f"{name}-redis",
            RedisArgs(
                settings=args.settings.redis,
                storage_class=args.settings.storage_class,
                image=args.images.redis,
                namespace=namespace,
                authority=args.authority,
                slots=args.slots,
                priority=args.priority,
                credentials=args.credentials,
                tenants=args.tenants,
            ),
            child,
        )
        self.database, self.cache = postgres.server, redis.server
        self.register_outputs({"namespace": namespace})
