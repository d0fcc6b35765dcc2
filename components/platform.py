"""What stands on a foundation, the same on each: tenants, their databases, the gateway, the agents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.agents import Agent, AgentArgs, AgentSettings
from components.agents.connections import Connections
from components.agents.network import Neighbours
from components.agents.placement import ANYWHERE, Placement, dedicated
from components.edge import Gateway, GatewayArgs, GatewaySettings
from components.edge.proxy import PODS
from components.foundation.site import Foundation, Ground, Site
from components.secrets import Delivery
from components.stores import Database, DatabaseArgs
from components.tenancy import Tenant, TenantArgs, TenantSettings


@dataclass(frozen=True, kw_only=True)
class PlatformArgs:
    """What the platform is made from."""

    ground: Ground
    foundation: Foundation
    gateway: GatewaySettings
    agents: tuple[AgentSettings, ...]
    model_keys: Mapping[str, pulumi.Output[str]]
    """API keys by name, secret."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """One agent as its users see it."""

    settings: AgentSettings
    agent: Agent
    namespace: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a tenant's agents run, and what they have there."""

    site: Site
    namespace: pulumi.Output[str]
    neighbours: Neighbours
    delivery: Delivery
    connections: Connections
    placement: Placement


class Platform:
    """Everything a stack's users have. Its resources belong to the stack itself."""

    gateway: Gateway
    """Of the platform's own cluster."""
    address: pulumi.Input[str] | None
    """The name by which clients find that gateway; none where its Service is the way in."""
    agents: Mapping[str, Deployed]
    """By name."""

    def __init__(self, args: PlatformArgs) -> None:
        self._args = args
        agents: dict[str, Deployed] = {}
        for site in args.foundation.sites:
            tenants = {
                tenant.name: (
                    tenant,
                    Tenant(tenant.name, TenantArgs(settings=tenant), site.options),
                )
                for tenant in site.tenants
            }
            gateway = self._gateway(site, [made.namespace for _, made in tenants.values()])
            address = site.expose(gateway)
            if site is args.foundation.sites[0]:
                self.gateway, self.address = gateway, address
            for settings, tenant in tenants.values():
                place = self._place(site, settings, tenant, gateway)
                for entry in args.agents:
                    if entry.tenant == settings.name:
                        agents[entry.name] = self._deployed(entry, place)
        self.agents = {settings.name: agents[settings.name] for settings in args.agents}

    def _gateway(self, site: Site, namespaces: Sequence[pulumi.Input[str]]) -> Gateway:
        return Gateway(
            f"{site.name}gateway",
            GatewayArgs(
                settings=self._args.gateway,
                image=self._args.ground.images["traefik"],
                namespaces=namespaces,
                front=site.front,
                priority=site.priorities.shared,
            ),
            site.options,
        )

    def _place(
        self, site: Site, settings: TenantSettings, tenant: Tenant, gateway: Gateway
    ) -> "_Place":
        """The tenant's database, and how its agents come to it."""
        args = self._args
        delivery = site.delivery(settings.name, tenant.namespace)
        database = Database(
            f"{settings.name}-database",
            DatabaseArgs(
                tenant=settings.name,
                server=args.foundation.database,
                slots=args.ground.slots,
                credentials=args.ground.credentials,
                delivery=args.foundation.database_delivery,
            ),
            args.foundation.database_options,
        )
        return _Place(
            namespace=tenant.namespace,
            site=site,
            neighbours=self._neighbours(site, gateway),
            delivery=delivery,
            connections=self._connections(settings.name, database),
            placement=dedicated(settings.name) if settings.isolation == "dedicated" else ANYWHERE,
        )

    def _neighbours(self, site: Site, gateway: Gateway) -> Neighbours:
        foundation = self._args.foundation
        ways = {"postgres": foundation.database.egress, "redis": foundation.cache.egress}
        return Neighbours(
            gateway=gateway.namespace, gateway_pods=PODS, stores=ways, cloud=site.cloud
        )

    def _connections(self, tenant: str, database: Database) -> Connections:
        server, cache = self._args.foundation.database, self._args.foundation.cache
        return Connections(
            database_host=server.host,
            database_port=server.port,
            database=database.name,
            database_user=database.user,
            database_password=database.password,
            redis_host=cache.host,
            redis_port=cache.port,
            redis_user=tenant,
            redis_password=cache.passwords[tenant],
            authority=server.authority,
            redis_authority=cache.authority,
        )

    def _deployed(self, entry: AgentSettings, place: "_Place") -> Deployed:
        args = self._args
        agent = Agent(
            entry.name,
            AgentArgs(
                settings=entry,
                image=args.ground.images[entry.image],
                environment=args.ground.stack,
                namespace=place.namespace,
                connections=place.connections,
                model_keys=args.model_keys,
                neighbours=place.neighbours,
                delivery=place.delivery,
                placement=place.placement,
                identity=place.site.identity(entry),
                priority=place.site.priorities.agents,
            ),
            place.site.options,
        )
        return Deployed(settings=entry, agent=agent, namespace=place.namespace)
