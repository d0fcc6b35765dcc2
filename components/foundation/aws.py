"""Everything in an AWS account: network, keys, registry, clusters on EKS, stores that AWS runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.account import Account
from components.cluster.nodes import autoscaling_role
from components.cluster.settings import EksSettings
from components.edge.balancer.settings import BalancerSettings
from components.foundation import history
from components.foundation.eks_site import EksSite, EksSiteArgs
from components.foundation.site import Foundation, Ground
from components.naming import fitted
from components.network.subnets import plan
from components.network.vpc import Network, NetworkArgs
from components.registry import Registry, RegistryArgs
from components.secrets import ForeignSecret
from components.secrets.key import Key, KeyArgs
from components.stores import rds
from components.stores.aws_settings import AwsStoreSettings
from components.stores.backup import Backup, BackupArgs
from components.stores.elasticache import ElastiCache, ElastiCacheArgs
from components.stores.endpoint import CacheServer, way_to
from components.stores.managed import PREFIX_LIMIT
from components.stores.managed import Site as StoreSite
from components.stores.remote import RemotePostgres, RemotePostgresArgs
from components.tenancy import TenantSettings

PREFIX = "agent-platform"
"""First part of names in ECR and Secrets Manager."""


def physical(tenants: Sequence[TenantSettings]) -> tuple[TenantSettings, ...]:
    """The tenants with clusters of their own."""
    return tuple(each for each in tenants if each.isolation == "physical")


def clusters(settings: EksSettings, tenants: Sequence[TenantSettings]) -> dict[str, EksSettings]:
    """Every cluster by the prefix of its resources' names: the platform's, then those of tenants."""
    own = {
        f"{each.name}-": settings.model_copy(
            update={"name": f"{settings.name}-{each.name}", "nodes": each.nodes}
        )
        for each in physical(tenants)
    }
    return {"": settings, **own}


def provider(settings: EksSettings, tags: Mapping[str, str]) -> aws.Provider:
    """The provider of everything in the account: one region, one account, tags on all that takes tags."""
    endpoint = settings.endpoint
    everywhere = (
        [aws.ProviderEndpointArgs(**dict.fromkeys(SERVICES, endpoint))] if endpoint else None
    )
    return aws.Provider(
        "aws",
        region=settings.region,
        # What would be made in another account is refused before it is.
        allowed_account_ids=[settings.account],
        default_tags=aws.ProviderDefaultTagsArgs(tags=dict(tags)),
        endpoints=everywhere,
        s3_use_path_style=True if endpoint else None,
    )


SERVICES = (
    "acm",
    "backup",
    "ec2",
    "ecr",
    "eks",
    "elasticache",
    "elbv2",
    "iam",
    "kms",
    "logs",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "sts",
    "wafv2",
)
"""What the platform calls, as the provider names its endpoints."""


@dataclass(frozen=True, kw_only=True)
class AwsFoundationArgs:
    """What a foundation on AWS is laid from."""

    ground: Ground
    cluster: EksSettings
    stores: AwsStoreSettings
    balancer: BalancerSettings


def lay(args: AwsFoundationArgs) -> Foundation:
    """The foundation in the account."""
    return _Layer(args).lay()


class _Layer:
    def __init__(self, args: AwsFoundationArgs) -> None:
        self._args = args
        self._settings = args.cluster
        self._account: Account = args.cluster.location
        self._tags = tags(args.ground.stack, args.cluster.name)
        self._options = pulumi.ResourceOptions(
            providers={"aws": provider(args.cluster, self._tags)}
        )
        self._clusters = clusters(args.cluster, args.ground.tenants)

    def lay(self) -> Foundation:
        args, settings = self._args, self._settings
        key = self._key()
        network = self._network(key)
        Registry(
            "registry",
            RegistryArgs(
                settings=settings.registry,
                account=self._account,
                prefix=registry_prefix(args.ground.stack),
                # An image with a digest of its own has a registry of its own.
                images=tuple(sorted(name for name in args.ground.images if "@" not in name)),
                protect=settings.protect,
                key_arn=key.arn,
            ),
            self._options,
        )
        sites = self._sites(key, network)
        place = StoreSite(
            account=self._account,
            prefix=fitted(settings.name, PREFIX_LIMIT),
            vpc_id=network.id,
            subnet_ids=network.data,
            clients={site.settings.name: site.security_group for site in sites},
            key_arn=key.arn,
            protect=settings.protect,
        )
        remote = self._database(place, key, sites[0])
        return Foundation(
            sites=sites,
            database=remote.server,
            database_delivery=remote.delivery,
            cache=self._cache(place),
            versions=history.admitted(
                {
                    "kubernetes": settings.version,
                    "postgres": args.stores.postgres.version,
                    "redis": args.stores.redis.version,
                }
            ),
        )

    def _key(self) -> Key:
        settings = self._settings
        return Key(
            "key",
            KeyArgs(
                account=self._account,
                alias=settings.name,
                description=f"Everything that the platform {settings.name} keeps",
                protect=settings.protect,
                services=(f"logs.{settings.region}.amazonaws.com",),
                roles=(autoscaling_role(self._account),),
            ),
            self._options,
        )

    def _network(self, key: Key) -> Network:
        return Network(
            "network",
            NetworkArgs(
                settings=self._settings.network,
                account=self._account,
                clusters=tuple(each.name for each in self._clusters.values()),
                key_arn=key.arn,
            ),
            self._options,
        )

    def _sites(self, key: Key, network: Network) -> tuple[EksSite, ...]:
        ground = self._args.ground
        own = {f"{each.name}-": (each,) for each in physical(ground.tenants)}
        rest = tuple(each for each in ground.tenants if each.isolation != "physical")
        return tuple(
            EksSite(
                EksSiteArgs(
                    name=name,
                    settings=settings,
                    tenants=own.get(name, rest),
                    balancer=_balancer(self._args.balancer, own.get(name, ())),
                    network=network,
                    key_arn=key.arn,
                    rotation_days=ground.credentials.rotation_days,
                    secrets_prefix=f"{PREFIX}/{ground.stack}/{settings.name}",
                    tags=self._tags,
                ),
                self._options,
            )
            for name, settings in self._clusters.items()
        )

    @property
    def _data(self) -> tuple[str, ...]:
        """Address ranges of the data subnets."""
        network = self._settings.network
        return tuple(
            str(zone.data) for zone in plan(network.cidr, network.zones, network.zone_slots)
        )

    def _database(self, place: StoreSite, key: Key, site: EksSite) -> RemotePostgres:
        args = self._args
        made = rds.Rds(
            "postgres",
            rds.RdsArgs(
                settings=args.stores.postgres,
                site=place,
                rotation_days=args.ground.credentials.rotation_days,
            ),
            self._options,
        )
        Backup(
            "backup",
            BackupArgs(
                settings=args.stores.backup,
                site=place,
                resources=[made.arn],
                continuous_days=args.stores.postgres.backup_days,
            ),
            self._options,
        )
        return RemotePostgres(
            "stores",
            RemotePostgresArgs(
                host=made.host,
                port=made.port,
                authority=made.authority,
                addresses=self._data,
                administrator=rds.MASTER,
                credentials=ForeignSecret(arn=made.master_secret, key_arn=key.arn),
                vault=site.vault,
                image=args.ground.images["postgres"],
                slots=args.ground.slots,
                tenants=args.ground.names,
            ),
            site.options,
        )

    def _cache(self, place: StoreSite) -> CacheServer:
        args = self._args
        made = ElastiCache(
            "redis",
            ElastiCacheArgs(
                settings=args.stores.redis,
                site=place,
                slots=args.ground.slots,
                credentials=args.ground.credentials,
                tenants=args.ground.names,
            ),
            self._options,
        )
        return CacheServer(
            host=made.host,
            port=made.port,
            passwords=made.passwords,
            egress=way_to(self._data, made.port),
            authority=made.authority,
        )


def _balancer(settings: BalancerSettings, owners: Sequence[TenantSettings]) -> BalancerSettings:
    """The settings for the platform's own balancer, or for that of the one tenant of a cluster."""
    return settings.called(owners[0].domains) if owners else settings


def tags(stack: str, platform: str) -> dict[str, str]:
    """Tags on everything: what it belongs to, so that the bill can be read."""
    return {"project": PREFIX, "environment": stack, "platform": platform, "managed-by": "pulumi"}


def registry_prefix(stack: str) -> str:
    """First part of the names of a stack's repositories."""
    return f"{PREFIX}-{stack}"


def image(reference: str, settings: EksSettings, stack: str) -> str:
    """Where the project's own image is in the account's registry; its digest stays the same.

    An image with a registry of its own is taken from there.
    """
    path, _, digest = reference.partition("@")
    host, _, name = path.rpartition("/")
    if host != "localhost":
        return reference
    account = settings.location
    suffix = "amazonaws.com.cn" if account.partition == "aws-cn" else "amazonaws.com"
    return (
        f"{account.id}.dkr.ecr.{account.region}.{suffix}/{registry_prefix(stack)}/{name}@{digest}"
    )
