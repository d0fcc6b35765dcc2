"""A tenant as a stack file writes it."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from components.cluster.settings import NodeGroupSettings
from components.settings import Bytes, Cpu, Name, Settings

RESERVED: Final = frozenset(
    {
        # Namespaces that are the cluster's or the platform's own.
        *("default", "kube-system", "kube-public", "kube-node-lease", "local-path-storage"),
        *("gateway", "stores", "monitoring"),
        # Those of add-ons, whose service accounts are somebody in AWS.
        *("external-secrets", "aws-load-balancer-controller", "argo-rollouts"),
        "prometheus-operator",
        # Roles and databases of PostgreSQL, users of Redis: a tenant's have its name.
        *("postgres", "template0", "template1", "public", "operator"),
    }
)


def _not_reserved(name: str) -> str:
    if name in RESERVED or name.startswith(("kube-", "pg-")):
        raise ValueError(
            f"{name!r} is a name of the cluster's, the platform's or a store's own: "
            "give the tenant another"
        )
    return name


class Quota(Settings):
    """What a tenant may use in all. The defaults are those of row A11 of docs/features.md."""

    agents: Annotated[int, Field(ge=1)] = 10
    cpu: Cpu = "2"
    memory: Bytes = "2048Mi"
    storage: Bytes = "10Gi"
    requests_per_minute: Annotated[int, Field(ge=1)] = 1000
    execution_seconds: Annotated[int, Field(ge=1)] = 300


class TenantSettings(Settings):
    """One entry of the stack's `tenants`."""

    name: Annotated[Name, AfterValidator(_not_reserved)]
    isolation: Literal["namespace", "dedicated", "physical"] = "namespace"
    """`namespace`: a namespace of its own, closed in both directions. `dedicated`: nodes of its own as
    well. `physical`: a cluster of its own."""
    nodes: tuple[NodeGroupSettings, ...] = ()
    """Its own nodes, with any isolation above `namespace`."""
    domains: tuple[str, ...] = ()
    """Names that clients call the gateway of its own cluster by; with `physical` isolation only."""
    quota: Quota = Quota()
    operators: tuple[str, ...] = ()
    """Groups, as the cluster's identity provider names them, that may read and restart its workloads."""

    @model_validator(mode="after")
    def _nodes_of_its_own(self) -> "TenantSettings":
        if (self.isolation == "namespace") != (not self.nodes):
            raise ValueError(
                f"isolation is {self.isolation!r} and nodes has {len(self.nodes)} entries: dedicated and "
                "physical isolation need node groups of the tenant's own, isolation by namespace has none"
            )
        if self.domains and self.isolation != "physical":
            raise ValueError(
                f"isolation is {self.isolation!r} and domains is given: only a cluster of its own has a "
                "gateway of its own; route by host in the agents' entries, or set isolation to physical"
            )
        return self
