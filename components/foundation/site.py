"""What the platform needs to know of whatever it stands on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi
from pulumi_kubernetes.networking.v1 import NetworkPolicyEgressRuleArgs

from components.agents import AgentSettings
from components.edge import Gateway
from components.edge.proxy import Front
from components.identity import Identity
from components.scheduling import Priorities
from components.secrets import CredentialSettings, Delivery, Slots
from components.stores.endpoint import CacheServer, DatabaseServer
from components.tenancy import TenantSettings


class Site(Protocol):
    """One cluster, and how what is in it reaches the outside."""

    @property
    def name(self) -> str:
        """Beginning of the names of what is made once per site: empty for the platform's own."""
        ...

    @property
    def tenants(self) -> tuple[TenantSettings, ...]:
        """Whose agents run here."""
        ...

    @property
    def options(self) -> pulumi.ResourceOptions:
        """For everything in the cluster: it is there, and can run pods, before they are made."""
        ...

    @property
    def priorities(self) -> Priorities:
        """Which of its pods go first."""
        ...

    @property
    def cloud(self) -> Sequence[NetworkPolicyEgressRuleArgs]:
        """The way to AWS, for a pod that is somebody there."""
        ...

    def identity(self, agent: AgentSettings) -> Identity | None:
        """Who an agent is outside the cluster: nobody, if its entry gives it no permission."""
        ...

    @property
    def front(self) -> Front:
        """What stands before its gateway."""
        ...

    def delivery(self, tenant: str, namespace: pulumi.Output[str]) -> Delivery:
        """How secrets get to the pods of a tenant's namespace."""
        ...

    def expose(self, gateway: Gateway) -> pulumi.Input[str] | None:
        """Lead clients to the gateway; the name they find it by, none where its own Service is the way."""
        ...


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Everything that stands before the first agent does."""

    sites: tuple[Site, ...]
    """The platform's own cluster first."""
    database: DatabaseServer
    database_delivery: Delivery
    """Of secrets to the jobs that make databases."""
    cache: CacheServer
    versions: pulumi.Input[Mapping[str, str]]
    """Of what AWS runs, for the next update to compare with."""

    @property
    def database_options(self) -> pulumi.ResourceOptions:
        """For the jobs that make databases: they run in the platform's own cluster."""
        return self.sites[0].options


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every foundation is laid from, whatever it is made of."""

    stack: str
    images: Mapping[str, str]
    """Reference by digest of every image that runs: the platform's by name, the agents' as their entries
    name them."""
    slots: Slots
    credentials: CredentialSettings
    tenants: tuple[TenantSettings, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The tenants' names."""
        return tuple(tenant.name for tenant in self.tenants)
