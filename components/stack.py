"""Everything that a stack may set, and what has to fit together between its parts."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, model_validator

from components.agents import AgentSettings
from components.cluster import ClusterSettings, EksSettings
from components.edge import GatewaySettings
from components.edge.balancer import BalancerSettings
from components.edge.balancer.load_balancer import misfits
from components.edge.proxy import IDLE_SECONDS
from components.secrets import CredentialSettings
from components.settings import Settings, in_bytes, millicores
from components.stores import StoreSettings
from components.stores.aws_settings import AwsStoreSettings
from components.tenancy import TenantSettings


def _unique(entries: tuple[TenantSettings | AgentSettings, ...]) -> None:
    repeated = [name for name, times in Counter(e.name for e in entries).items() if times > 1]
    if repeated:
        raise ValueError(
            f"{', '.join(repr(r) for r in repeated)} is there more than once: names are unique"
        )


def _unique_tenants(entries: tuple[TenantSettings, ...]) -> tuple[TenantSettings, ...]:
    _unique(entries)
    return entries


def _unique_agents(entries: tuple[AgentSettings, ...]) -> tuple[AgentSettings, ...]:
    _unique(entries)
    return entries


class StackConfig(Settings):
    """Everything a stack may set. Both stacks of the project set the same keys."""

    cluster: ClusterSettings
    credentials: CredentialSettings
    gateway: GatewaySettings
    stores: Annotated[StoreSettings | AwsStoreSettings, Field(discriminator="kind")]
    tenants: Annotated[
        tuple[TenantSettings, ...], Field(min_length=1), AfterValidator(_unique_tenants)
    ]
    agents: Annotated[tuple[AgentSettings, ...], AfterValidator(_unique_agents)]

    @model_validator(mode="after")
    def _consistent(self) -> "StackConfig":
        faults = [
            *_homeless(self),
            *_contested_routes(self),
            *_overdrawn(self),
            *_out_of_place(self),
            *_namesakes(self),
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def model_keys(self) -> frozenset[str]:
        """Names of the secrets that agents refer to as their model's key."""
        return frozenset(a.model.api_key for a in self.agents if a.model.api_key is not None)


def _homeless(config: StackConfig) -> Iterator[str]:
    tenants = {tenant.name for tenant in config.tenants}
    for agent in config.agents:
        if agent.tenant not in tenants:
            yield (
                f"agent {agent.name!r} belongs to tenant {agent.tenant!r}, which is not among "
                f"the tenants ({', '.join(sorted(tenants))}): add the tenant or correct the name"
            )


def _contested_routes(config: StackConfig) -> Iterator[str]:
    owners: dict[tuple[str | None, str], str] = {}
    for agent in config.agents:
        for entry in agent.routes:
            key = (entry.host, entry.path.rstrip("/"))
            if key in owners:
                yield (
                    f"agents {owners[key]!r} and {agent.name!r} both want {entry.host or 'any host'}"
                    f"{entry.path}: give one of them another path or host"
                )
            owners[key] = agent.name


def _out_of_place(config: StackConfig) -> Iterator[str]:
    """What the stack's cluster cannot have: each kind of cluster brings stores and an edge of its own."""
    kind = config.cluster.kind
    on_aws = kind == "eks"
    if on_aws != (config.stores.kind == "aws"):
        yield (
            f"stores.kind is {config.stores.kind!r} and cluster.kind is {kind!r}: on EKS the stores are "
            "run by AWS (kind: aws), on any other cluster they are in it (kind: cluster)"
        )
    if on_aws != (config.gateway.balancer is not None):
        yield (
            f"cluster.kind is {kind!r} and gateway.balancer is "
            f"{'missing' if on_aws else 'set'}: a load balancer belongs to EKS, and to EKS alone"
        )
    if isinstance(config.cluster, EksSettings) and config.gateway.balancer is not None:
        account, balancer = config.cluster.location, config.gateway.balancer
        for fault in misfits(balancer, account, idle_seconds=IDLE_SECONDS, canary=False):
            yield f"gateway.balancer: {fault}"
        if balancer.dualstack:
            yield (
                "gateway.balancer.dualstack is set and the network that the stack makes has no IPv6: "
                "leave it out"
            )
        yield from _unnamed(config.tenants, balancer)
    yield from _unreachable(config)
    for agent in config.agents:
        if agent.permissions and not on_aws:
            yield (
                f"agent {agent.name!r} has permissions in AWS and cluster.kind is {kind!r}: they need a "
                "cluster on EKS; leave them out, or give the agent a key as a secret"
            )
    for tenant in config.tenants:
        if tenant.isolation != "namespace" and not on_aws:
            yield (
                f"tenant {tenant.name!r} wants {tenant.isolation} isolation and cluster.kind is "
                f"{kind!r}: nodes and clusters are made on EKS only; set isolation to namespace, or "
                "cluster.kind to eks"
            )


def _unreachable(config: StackConfig) -> Iterator[str]:
    """Agents with permissions on services that the network has no way to but by public addresses."""
    if not isinstance(config.cluster, EksSettings):
        return
    inside = {name.partition(".")[0] for name in config.cluster.network.interface_endpoints}
    for agent in config.agents:
        called = {action.partition(":")[0] for p in agent.permissions for action in p.actions}
        outside = sorted(called - inside)
        if outside and not agent.egress:
            yield (
                f"agent {agent.name!r} has permissions on {', '.join(outside)}, which the network reaches "
                "by public addresses, and egress is empty: name the service's host in egress, such as "
                f"{outside[0]}.{config.cluster.region}.amazonaws.com"
            )


def _unnamed(tenants: tuple[TenantSettings, ...], balancer: BalancerSettings) -> Iterator[str]:
    """Tenants whose own balancer would have the names of another, or none that fits."""
    owners = dict.fromkeys(balancer.domains, "gateway.balancer")
    for tenant in tenants:
        if tenant.isolation != "physical":
            continue
        if balancer.domains and not tenant.domains:
            yield (
                f"tenant {tenant.name!r} has a cluster of its own and no domains: list in its domains "
                "what clients call its gateway by"
            )
        for domain in tenant.domains:
            if domain in owners:
                yield (
                    f"tenant {tenant.name!r}: the domain {domain} belongs to {owners[domain]} already: "
                    "one name leads to one balancer"
                )
            owners[domain] = f"tenant {tenant.name!r}"
        try:
            balancer.called(tenant.domains)
        except ValidationError as error:
            faults = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors())
            yield f"tenant {tenant.name!r}: domains do not fit to gateway.balancer: {faults}"


def _namesakes(config: StackConfig) -> Iterator[str]:
    """Node groups of tenants stand beside the cluster's own."""
    if not isinstance(config.cluster, EksSettings):
        return
    taken = {group.name: "the cluster" for group in config.cluster.nodes}
    for tenant in config.tenants:
        for group in tenant.nodes if tenant.isolation == "dedicated" else ():
            if group.name in taken:
                yield (
                    f"node group {group.name!r} of tenant {tenant.name!r} has the name of one of "
                    f"{taken[group.name]}: names are unique in a cluster"
                )
            taken[group.name] = f"tenant {tenant.name!r}"


def _overdrawn(config: StackConfig) -> Iterator[str]:
    """Tenants whose agents, scaled out and with one pod more for an update, would not fit the quota."""
    for tenant in config.tenants:
        agents = [agent for agent in config.agents if agent.tenant == tenant.name]
        pods = [(agent.scale.max + 1, agent.resources) for agent in agents]
        needs = (
            ("agents", len(agents), tenant.quota.agents),
            ("cpu", sum(n * millicores(r.cpu) for n, r in pods), millicores(tenant.quota.cpu)),
            ("memory", sum(n * in_bytes(r.memory) for n, r in pods), in_bytes(tenant.quota.memory)),
        )
        units = {"agents": "{}", "cpu": "{}m", "memory": "{} bytes"}
        for what, need, quota in needs:
            if need > quota:
                yield (
                    f"the agents of tenant {tenant.name!r}, at their maximum and with one pod more "
                    f"each during an update, ask for {units[what].format(need)} of {what} and its "
                    f"quota is {units[what].format(quota)}: raise quota.{what}, or lower scale.max"
                )
