"""The cache on ElastiCache: TLS only, a user for each tenant that sees its own keys only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_random as random
from pulumi_aws import elasticache

from components.secrets import Credential, CredentialArgs, CredentialSettings, Slots
from components.stores import trust
from components.stores.elasticache_settings import ElastiCacheSettings
from components.stores.managed import Site, firewall, log_groups

ROLE: Final = "redis"
"""Ends the cache's name."""
PORT: Final = 6379
LOGS: Final = ("slow-log", "engine-log")
ID_LIMIT: Final = 40
"""Characters in the id of a user."""
RIGHTS: Final = "+@all -@admin -@dangerous -scan -randomkey -dbsize -function -script +info"
"""What a tenant's user may call, as in the cluster's Redis: nothing that looks past a key pattern."""
NO_RIGHTS: Final = "off -@all"


@dataclass(frozen=True, kw_only=True)
class ElastiCacheArgs:
    """What the cache is made from."""

    settings: ElastiCacheSettings
    site: Site
    slots: Slots
    credentials: CredentialSettings
    tenants: tuple[str, ...]


def access(tenant: str) -> str:
    """What a tenant's user sees and may do: its own keys and channels.

    In the order and wording of the server's own ACL LIST, so that it reads the same from AWS.
    """
    return f"on ~{tenant}:* resetchannels &{tenant}:* {RIGHTS}"


def user_id(prefix: str, user: str) -> str:
    """Id of a user in the account; what ElastiCache has no room for is cut, and told apart by a hash."""
    full = f"{prefix}-{user}"
    if len(full) <= ID_LIMIT:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:8]
    return f"{full[: ID_LIMIT - 9].rstrip('-')}-{digest}"


def accepted(credential: Credential, args: ElastiCacheArgs) -> list[pulumi.Input[str]]:
    """The passwords that open, the active one first: the other as well, unless it is revoked."""
    if args.credentials.previous == "revoke":
        return [credential.active]
    return [credential.active, credential.passwords[1 - args.slots.active]]


class ElastiCache(pulumi.ComponentResource):
    """A cache at `host`:`port` that takes TLS connections of its tenants' users, and no others."""

    host: pulumi.Output[str]
    """DNS name of the primary node, the name in its certificate. It stays when a replica takes over."""
    port: int
    """TCP port."""
    passwords: Mapping[str, pulumi.Output[str]]
    """Per tenant, the password of its user, secret. The user has the tenant's name. Known once it opens."""
    authority: pulumi.Output[str]
    """PEM of the authorities that sign its certificates."""

    def __init__(
        self, name: str, args: ElastiCacheArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:ElastiCache", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        credentials = {
            tenant: Credential(f"{name}-{tenant}", CredentialArgs(slots=args.slots), child)
            for tenant in args.tenants
        }
        users = [_nobody(name, args, child)]
        users += [_user(name, tenant, each, args, child) for tenant, each in credentials.items()]
        group = elasticache.UserGroup(
            f"{name}-users",
            engine=args.settings.engine,
            user_group_id=args.site.named(ROLE),
            user_ids=[user.user_id for user in users],
            opts=child,
        )
        cache = _cache(name, args, group, child)
        self.host, self.port = cache.primary_endpoint_address, PORT
        # Who is handed a password waits until the group has taken it.
        self.passwords = {
            tenant: pulumi.Output.all(each.active, group.arn).apply(lambda both: both[0])
            for tenant, each in credentials.items()
        }
        self.authority = pulumi.Output.from_input(trust.elasticache())
        self.register_outputs({"host": self.host, "port": self.port})


def _user(
    name: str,
    tenant: str,
    credential: Credential,
    args: ElastiCacheArgs,
    opts: pulumi.ResourceOptions,
) -> elasticache.User:
    return elasticache.User(
        f"{name}-{tenant}-user",
        engine=args.settings.engine,
        user_id=user_id(args.site.named(ROLE), tenant),
        user_name=tenant,
        access_string=access(tenant),
        passwords=accepted(credential, args),
        opts=opts,
    )


def _nobody(name: str, args: ElastiCacheArgs, opts: pulumi.ResourceOptions) -> elasticache.User:
    """Who a connection without a name is taken for. ElastiCache wants the user there; it may do nothing."""
    password = random.RandomPassword(f"{name}-default", length=40, special=False, opts=opts)
    return elasticache.User(
        f"{name}-default-user",
        engine=args.settings.engine,
        user_id=user_id(args.site.named(ROLE), "default"),
        user_name="default",
        access_string=NO_RIGHTS,
        # Groups of Valkey take no user without one.
        passwords=[password.result],
        opts=opts,
    )


def _cache(
    name: str,
    args: ElastiCacheArgs,
    users: elasticache.UserGroup,
    opts: pulumi.ResourceOptions,
) -> elasticache.ReplicationGroup:
    settings, site = args.settings, args.site
    identifier = site.named(ROLE)
    paths = {log: f"/aws/vendedlogs/elasticache/{identifier}/{log}" for log in LOGS}
    logs = log_groups(name, site, paths, settings.log_days, opts)
    subnets = elasticache.SubnetGroup(f"{name}-subnets", subnet_ids=site.subnet_ids, opts=opts)
    parameters = elasticache.ParameterGroup(
        f"{name}-parameters",
        family=settings.family,
        parameters=[
            elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="allkeys-lru")
        ],
        opts=opts,
    )
    return elasticache.ReplicationGroup(
        f"{name}-cache",
        replication_group_id=identifier,
        description="Cache of the agents",
        engine=settings.engine,
        engine_version=settings.version,
        auto_minor_version_upgrade=True,
        node_type=settings.node_type,
        num_cache_clusters=1 + settings.replicas,
        automatic_failover_enabled=True,
        multi_az_enabled=True,
        parameter_group_name=parameters.name,
        port=PORT,
        subnet_group_name=subnets.name,
        security_group_ids=[firewall(name, site, ROLE, PORT, opts).id],
        user_group_ids=[users.user_group_id],
        transit_encryption_enabled=True,
        transit_encryption_mode="required",
        at_rest_encryption_enabled=True,
        kms_key_id=site.key_arn,
        snapshot_retention_limit=settings.snapshot_days,
        snapshot_window=settings.snapshot_window,
        final_snapshot_identifier=site.named(f"{ROLE}-final") if site.protect else None,
        maintenance_window=settings.maintenance_window,
        apply_immediately=False,
        log_delivery_configurations=[
            elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                log_type=log,
                log_format="json",
                destination_type="cloudwatch-logs",
                destination=group.name,
            )
            for log, group in logs.items()
        ],
        # ElastiCache knows no protection from deletion; the engine's is the only one.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=site.protect)),
    )
