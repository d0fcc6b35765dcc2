"""Network policies: nothing goes in or out but what is named here.

Policies add up: one broad policy voids every strict one in its namespace. Each builder therefore
selects exactly the pods it is about.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_kubernetes.meta.v1 import (
    LabelSelectorArgs,
    LabelSelectorRequirementArgs,
    ObjectMetaArgs,
)
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from components.labels import NAMESPACE

NOT_PUBLIC: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
"""IPv4 ranges that are not the public internet (RFC 6890); 169.254.169.254 serves cloud credentials."""

IDENTITY_AGENT: Final = "169.254.170.23/32"
IDENTITY_PORT: Final = 80
"""Where the EKS Pod Identity Agent of each node answers its pods."""


def tcp(*ports: int) -> list[NetworkPolicyPortArgs]:
    """These TCP ports."""
    return [NetworkPolicyPortArgs(protocol="TCP", port=port) for port in ports]


def pods_in(
    namespace: pulumi.Input[str], pods: Mapping[str, str] | None = None
) -> NetworkPolicyPeerArgs:
    """Pods with the labels `pods` (all pods, if not given) of one namespace."""
    return NetworkPolicyPeerArgs(
        namespace_selector=LabelSelectorArgs(match_labels={NAMESPACE: namespace}),
        pod_selector=None if pods is None else LabelSelectorArgs(match_labels=dict(pods)),
    )


def pods_anywhere(
    namespaces: Mapping[str, str] | str, pods: Mapping[str, str]
) -> NetworkPolicyPeerArgs:
    """Pods with the labels `pods` of every namespace that carries the label, or labels, `namespaces`."""
    selector = (
        LabelSelectorArgs(
            match_expressions=[LabelSelectorRequirementArgs(key=namespaces, operator="Exists")]
        )
        if isinstance(namespaces, str)
        else LabelSelectorArgs(match_labels=dict(namespaces))
    )
    return NetworkPolicyPeerArgs(
        namespace_selector=selector, pod_selector=LabelSelectorArgs(match_labels=dict(pods))
    )


def ingress(
    peers: NetworkPolicyPeerArgs, ports: list[NetworkPolicyPortArgs]
) -> NetworkPolicyIngressRuleArgs:
    """In from `peers`, on `ports`."""
    return NetworkPolicyIngressRuleArgs(from_=[peers], ports=ports)


def egress(
    peers: NetworkPolicyPeerArgs, ports: list[NetworkPolicyPortArgs]
) -> NetworkPolicyEgressRuleArgs:
    """Out to `peers`, on `ports`."""
    return NetworkPolicyEgressRuleArgs(to=[peers], ports=ports)


def dns() -> NetworkPolicyEgressRuleArgs:
    """Name resolution by the cluster's own servers, and by no other."""
    return NetworkPolicyEgressRuleArgs(
        to=[pods_in("kube-system", {"k8s-app": "kube-dns"})],
        ports=[
            NetworkPolicyPortArgs(protocol="UDP", port=53),
            NetworkPolicyPortArgs(protocol="TCP", port=53),
        ],
    )


def public_https() -> NetworkPolicyEgressRuleArgs:
    """Port 443 of public addresses: never a private network, the cluster or a metadata service."""
    return NetworkPolicyEgressRuleArgs(
        to=[
            NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr="0.0.0.0/0", except_=list(NOT_PUBLIC)))
        ],
        ports=tcp(443),
    )


def identity_agent() -> NetworkPolicyEgressRuleArgs:
    """To the agent of each EKS node that gives a pod the AWS credentials of its service account.

    Not the node's own: those are at an address that stays closed. Source: EKS user guide, Pod Identity.
    """
    return egress(
        NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=IDENTITY_AGENT)), tcp(IDENTITY_PORT)
    )


def default_deny(
    name: str, metadata: ObjectMetaArgs, opts: pulumi.ResourceOptions
) -> NetworkPolicy:
    """Every pod of the namespace is closed in both directions until another policy opens something."""
    return NetworkPolicy(
        name,
        metadata=metadata,
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
        ),
        opts=opts,
    )


def allow(
    name: str,
    *,
    metadata: ObjectMetaArgs,
    pods: Mapping[str, str],
    ingress: Sequence[NetworkPolicyIngressRuleArgs] = (),
    egress: Sequence[NetworkPolicyEgressRuleArgs] = (),
    opts: pulumi.ResourceOptions,
) -> NetworkPolicy:
    """What the pods with the labels `pods` may take in and send out, and nothing else."""
    return NetworkPolicy(
        name,
        metadata=metadata,
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels=dict(pods)),
            policy_types=["Ingress", "Egress"],
            ingress=list(ingress),
            egress=list(egress),
        ),
        opts=opts,
    )
