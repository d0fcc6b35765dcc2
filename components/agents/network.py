"""Whom an agent may talk to, and who may talk to it. Row A5 of docs/features.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicy, NetworkPolicyEgressRuleArgs

from components.agents.pod import HTTP, METRICS
from components.agents.settings import AgentSettings
from components.labels import selector
from components.network.policy import allow, dns, ingress, pods_in, public_https, tcp


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The parts of the platform an agent has to do with."""

    gateway: pulumi.Input[str]
    """Namespace of the gateway."""
    gateway_pods: Mapping[str, str]
    """Labels of the gateway's pods."""
    stores: Mapping[str, NetworkPolicyEgressRuleArgs]
    """The way to each store, by the name an entry gives it: pods in the cluster, addresses outside."""
    cloud: Sequence[NetworkPolicyEgressRuleArgs] = ()
    """The way to AWS, for an agent that is somebody there."""
    monitoring: pulumi.Input[str] = "monitoring"
    """Namespace of what scrapes metrics."""


def workload_access(
    name: str,
    *,
    settings: AgentSettings,
    metadata: ObjectMetaArgs,
    neighbours: Neighbours,
    somebody_outside: bool,
    opts: pulumi.ResourceOptions,
) -> NetworkPolicy:
    """In from the gateway and from monitoring; out to DNS, its stores and, if it calls any, public hosts.

    A NetworkPolicy knows addresses, not names: an agent with `egress` reaches port 443 of every
    public address. Private networks and metadata services stay closed.
    """
    return allow(
        name,
        metadata=metadata,
        pods=selector(settings.name, "agent"),
        ingress=[
            ingress(pods_in(neighbours.gateway, neighbours.gateway_pods), tcp(HTTP)),
            ingress(pods_in(neighbours.monitoring), tcp(METRICS)),
        ],
        egress=[
            dns(),
            *(neighbours.stores[each] for each in settings.stores),
            *([public_https()] if settings.egress else []),
            *(neighbours.cloud if somebody_outside else []),
        ],
        opts=opts,
    )


def migration_access(
    name: str,
    *,
    pods: Mapping[str, str],
    metadata: ObjectMetaArgs,
    neighbours: Neighbours,
    opts: pulumi.ResourceOptions,
) -> NetworkPolicy:
    """Out to DNS and the database, and nothing else."""
    return allow(
        name,
        metadata=metadata,
        pods=pods,
        egress=[dns(), neighbours.stores["postgres"]],
        opts=opts,
    )
