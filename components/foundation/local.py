"""A cluster that is there already, with the stores in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.networking.v1 import NetworkPolicyEgressRuleArgs

from components.agents import AgentSettings
from components.cluster.settings import ContextSettings
from components.edge import Gateway
from components.edge.proxy import OPEN, Front
from components.foundation.site import Foundation, Ground
from components.scheduling import Priorities
from components.secrets import DIRECT, Authority, Delivery
from components.stores import StoreImages, Stores, StoresArgs, StoreSettings
from components.tenancy import TenantSettings


@dataclass(frozen=True, kw_only=True)
class LocalSite:
    """The one cluster. Its gateway's Service is the way in."""

    tenants: tuple[TenantSettings, ...]
    options: pulumi.ResourceOptions
    priorities: Priorities
    cloud: Sequence[NetworkPolicyEgressRuleArgs] = ()
    name: str = ""
    front: Front = OPEN

    def identity(self, agent: AgentSettings) -> None:
        """Nobody: permissions are for stacks on AWS."""

    def delivery(self, tenant: str, namespace: pulumi.Output[str]) -> Delivery:  # noqa: ARG002 (the protocol's)
        """Straight into the cluster."""
        return DIRECT

    def expose(self, gateway: Gateway) -> None:
        """Nothing is to be made: its Service is reached from outside, or forwarded to."""


def lay(ground: Ground, cluster: ContextSettings, stores: StoreSettings) -> Foundation:
    """The foundation in the cluster of a context."""
    provider = kubernetes.Provider(
        "cluster",
        context=cluster.context,
        enable_server_side_apply=True,
        # A named ConfigMap or Secret is changed in place; what must roll pods is unnamed and immutable.
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
    )
    options = pulumi.ResourceOptions(providers={"kubernetes": provider})
    priorities = Priorities("priorities", options)
    made = Stores(
        "stores",
        StoresArgs(
            settings=stores,
            images=StoreImages(postgres=ground.images["postgres"], redis=ground.images["redis"]),
            authority=Authority("platform"),
            slots=ground.slots,
            credentials=ground.credentials,
            tenants=ground.names,
            priority=priorities.shared,
        ),
        options,
    )
    return Foundation(
        sites=(LocalSite(tenants=ground.tenants, options=options, priorities=priorities),),
        database=made.database,
        database_delivery=DIRECT,
        cache=made.cache,
        versions={},
    )
