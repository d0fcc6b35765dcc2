"""One cluster on EKS with its nodes, its add-ons, its place for secrets and the balancer before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

from components.addons import Addons, AddonsArgs, external_secrets, load_balancer_controller
from components.addons.addons import Caller
from components.addons.network import Surroundings
from components.agents import AgentSettings
from components.cluster import Cluster, ClusterArgs, NodeGroup, NodeGroupArgs, autoscaling
from components.cluster.settings import EksSettings
from components.edge import Gateway
from components.edge.balancer import (
    LAG_SECONDS,
    READINESS_GATE,
    Backend,
    BalancerSettings,
    LoadBalancer,
    LoadBalancerArgs,
)
from components.edge.balancer.naming import LIMIT
from components.edge.proxy import DRAIN_SECONDS, IDLE_SECONDS, INTERNAL, PODS, WEB, Front
from components.identity import Identity, IdentityArgs, Statement
from components.naming import fitted
from components.network.policy import identity_agent
from components.network.subnets import plan
from components.network.vpc import Network
from components.scheduling import Priorities
from components.secrets import Delivery, SecretAccess, SecretAccessArgs, Vault
from components.secrets.access import controllers
from components.stores.endpoint import way_to
from components.stores.server import NAMESPACE as STORES
from components.tenancy import TenantSettings

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class EksSiteArgs:
    """What a site is made from."""

    name: str
    """Beginning of its resources' names; empty for the platform's own."""
    settings: EksSettings
    tenants: tuple[TenantSettings, ...]
    balancer: BalancerSettings
    network: Network
    key_arn: pulumi.Input[str]
    secrets_prefix: str
    """Beginning of the names of its secrets."""
    rotation_days: int
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def front(settings: EksSettings, balancer: BalancerSettings) -> Front:
    """How the gateway fits to the balancer before it."""
    networks = balancer_networks(settings, balancer)
    return Front(
        pre_stop_seconds=LAG_SECONDS[balancer.type],
        trusted=networks,
        # A network balancer leaves the client's address as it is.
        callers=networks if balancer.type == "application" else balancer.allowed_cidrs,
        namespace_labels=READINESS_GATE,
    )


def balancer_networks(settings: EksSettings, balancer: BalancerSettings) -> tuple[str, ...]:
    """Address ranges of the subnets that the balancer stands in."""
    network = settings.network
    zones = plan(network.cidr, network.zones, network.zone_slots)
    internal = balancer.scheme == "internal"
    return tuple(str(zone.private if internal else zone.public) for zone in zones)


class EksSite:
    """The site, as everything that stands on it sees it."""

    def __init__(self, args: EksSiteArgs, opts: pulumi.ResourceOptions) -> None:
        self._args, self._aws = args, opts
        self.name, self.settings, self.tenants = args.name, args.settings, args.tenants
        self.front = front(args.settings, args.balancer)
        self._cluster = self._made()
        self.security_group = self._cluster.security_group
        nodes = [self._own_nodes(tenant) for tenant in self.tenants]
        bare = self._reached("bare", [*self._cluster.ready, *(n for group in nodes for n in group)])
        identities = self._identities()
        self._addons = self._added(identities, bare)
        # The kinds and webhooks that the rest needs are there before it is made, and go after it.
        self.options = self._reached("cluster", [self._addons])
        self.priorities = Priorities(f"{self.name}priorities", self.options)
        self.cloud = [
            # AWS's services are reached inside the network where it has endpoints of theirs.
            way_to([args.settings.network.cidr], HTTPS),
            identity_agent(),
        ]
        self.vault = Vault(
            account=args.settings.location,
            key_arn=args.key_arn,
            prefix=args.secrets_prefix,
            cluster=args.settings.name,
            controller_arn=identities["external-secrets"].role_arn,
            protect=args.settings.protect,
            rotation_days=args.rotation_days,
            ready=[self._addons.secrets],
            deployers=args.settings.deployers,
        )

    def identity(self, agent: AgentSettings) -> Identity | None:
        """A role for its service account alone."""
        if not agent.permissions:
            return None
        return self._identity(
            agent.name, agent.tenant, agent.name, tuple(p.statement for p in agent.permissions)
        )

    def delivery(self, tenant: str, namespace: pulumi.Output[str]) -> Delivery:
        """Through Secrets Manager, by a reader that sees the tenant's secrets only."""
        return SecretAccess(
            f"{tenant}-secrets",
            SecretAccessArgs(vault=self.vault, namespace=tenant, ready=namespace),
            self.options,
        ).delivery

    def expose(self, gateway: Gateway) -> pulumi.Output[str]:
        """A load balancer before the gateway; its name in DNS."""
        args, network = self._args, self._args.network
        return LoadBalancer(
            f"{self.name}balancer",
            LoadBalancerArgs(
                settings=args.balancer,
                account=args.settings.location,
                physical_name=fitted(args.settings.name, LIMIT),
                vpc_id=network.id,
                public_subnets=network.public,
                private_subnets=network.private,
                subnet_cidrs=balancer_networks(args.settings, args.balancer),
                cluster_security_group=self.security_group,
                backend=Backend(
                    namespace=gateway.namespace,
                    service=gateway.service,
                    service_port="web",
                    pods=PODS,
                    port=WEB,
                    health_port=INTERNAL,
                    health_path="/ping",
                    pre_stop_seconds=self.front.pre_stop_seconds,
                    drain_seconds=DRAIN_SECONDS,
                    idle_seconds=IDLE_SECONDS,
                ),
                protect=args.settings.protect,
                key_arn=args.key_arn,
                controller=self._addons.controller,
            ),
            self.options,
        ).dns_name

    def _reached(self, role: str, after: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        """Options for what is made in the cluster once `after` is there."""
        cluster = kubernetes.Provider(
            f"{self.name}{role}",
            kubeconfig=self._cluster.kubeconfig,
            enable_server_side_apply=True,
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            opts=pulumi.ResourceOptions(depends_on=list(after)),
        )
        return pulumi.ResourceOptions.merge(
            self._aws, pulumi.ResourceOptions(providers={"kubernetes": cluster})
        )

    def _made(self) -> Cluster:
        args = self._args
        return Cluster(
            f"{self.name}eks",
            ClusterArgs(
                settings=args.settings,
                subnets=args.network.private,
                key_arn=args.key_arn,
                tags=args.tags,
            ),
            self._aws,
        )

    def _own_nodes(self, tenant: TenantSettings) -> list[pulumi.Resource]:
        if tenant.isolation != "dedicated":
            return []
        groups = [
            NodeGroup(
                f"{tenant.name}-{group.name}-nodes",
                NodeGroupArgs(
                    settings=group,
                    home=self._cluster.node_home,
                    tenant=tenant.name,
                    tags={**self._args.tags, "tenant": tenant.name},
                ),
                self._aws,
            )
            for group in tenant.nodes
        ]
        return [group.ready for group in groups]

    def _identities(self) -> dict[Caller, Identity]:
        settings = self._args.settings
        account, cluster = settings.location, settings.name
        return {
            "aws-load-balancer-controller": self._identity(
                "balancing",
                load_balancer_controller.NAMESPACE,
                load_balancer_controller.SERVICE_ACCOUNT,
                load_balancer_controller.controller_statements(account, [fitted(cluster, LIMIT)]),
            ),
            "external-secrets": self._identity(
                "secrets",
                external_secrets.NAMESPACE,
                external_secrets.SERVICE_ACCOUNT,
                controllers(account, cluster, self._readable()),
            ),
            "cluster-autoscaler": self._identity(
                "autoscaling",
                autoscaling.NAMESPACE,
                autoscaling.SERVICE_ACCOUNT,
                autoscaling.autoscaler_statements(account, cluster),
            ),
        }

    def _readable(self) -> tuple[str, ...]:
        """Namespaces that secrets are delivered to."""
        own = tuple(tenant.name for tenant in self.tenants)
        return own if self.name else (*own, STORES)

    def _identity(
        self, role: str, namespace: str, account: str, statements: tuple[Statement, ...]
    ) -> Identity:
        return Identity(
            f"{self.name}{role}-identity",
            IdentityArgs(
                cluster=self._cluster.pods,
                namespace=namespace,
                service_account=account,
                statements=statements,
            ),
            self._aws,
        )

    def _added(
        self, identities: Mapping[Caller, Identity], options: pulumi.ResourceOptions
    ) -> Addons:
        settings = self._args.settings
        return Addons(
            f"{self.name}addons",
            AddonsArgs(
                account=settings.location,
                cluster=settings.name,
                version=settings.version,
                vpc_id=self._args.network.id,
                around=Surroundings(network=settings.network.cidr, services=settings.service_cidr),
                identities=identities,
            ),
            options,
        )
