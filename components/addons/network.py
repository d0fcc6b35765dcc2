"""Network policies of add-ons: controllers talk to the Kubernetes API, to AWS, and to little else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
)

from components.addons.workload import Workload
from components.network.policy import (
    allow,
    dns,
    identity_agent,
    ingress,
    pods_in,
    public_https,
    tcp,
)

MONITORING: Final = "monitoring"
"""Namespace whose Prometheus reads metrics."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Address ranges around the pods."""

    network: str
    """Of the VPC: nodes, the control plane's side of the API server, and AWS's endpoints in it."""
    services: str
    """Of Services, among them the API server's."""


def outward(workload: Workload, around: Surroundings) -> list[NetworkPolicyEgressRuleArgs]:
    """Where the pods may call: names, the API server, AWS if they are to, and what they name."""
    # A policy sees a Service's address on some nodes and the one behind it on others.
    near = [
        NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr))
        for cidr in (around.network, around.services)
    ]
    own = [dns(), NetworkPolicyEgressRuleArgs(to=near, ports=tcp(443)), *workload.also]
    return [*own, public_https(), identity_agent()] if workload.calls_aws else own


def inward(workload: Workload, around: Surroundings) -> list[NetworkPolicyIngressRuleArgs]:
    """Who may call the pods: Prometheus, and the API server where they answer its questions."""
    own = [ingress(pods_in(MONITORING), tcp(workload.metrics))]
    if workload.webhook is None:
        return own
    # The control plane has no pods to select: it calls from its interfaces in the network.
    plane = NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=around.network))
    return [*own, ingress(plane, tcp(workload.webhook))]


def govern(
    name: str,
    workloads: Sequence[Workload],
    around: Surroundings,
    *,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> list[NetworkPolicy]:
    """A policy for each of the workloads, both directions."""
    return [
        allow(
            f"{name}-{each.name}-network",
            metadata=ObjectMetaArgs(name=each.name, namespace=namespace, labels=dict(labels)),
            pods=each.labels,
            ingress=inward(each, around),
            egress=outward(each, around),
            opts=opts,
        )
        for each in workloads
    ]
