"""Joins a target group to the gateway's pods, inside the cluster.

A TargetGroupBinding belongs to AWS Load Balancer Controller, which registers the pods of a Service
and takes them out again. Its finalizer needs the controller: the binding goes first, then
everything it names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicy,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
)

from components.edge.balancer.backend import Backend
from components.labels import labels
from components.network.policy import allow, tcp

API_VERSION: Final = "elbv2.k8s.aws/v1beta1"
READINESS_GATE: Final[Mapping[str, str]] = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}
"""Labels of a namespace in which a pod is ready only once the balancer finds it healthy.

Without them a rollout ends old pods while the balancer still looks at the new ones.
"""
_OWN: Final = labels("load-balancer", "gateway")


@dataclass(frozen=True, kw_only=True)
class BindingArgs:
    """What a binding is made from."""

    backend: Backend
    service: pulumi.Input[str]
    target_group: pulumi.Input[str]
    """ARN."""
    vpc_id: pulumi.Input[str]


def binding(
    name: str, args: BindingArgs, object_name: str, opts: pulumi.ResourceOptions
) -> CustomResource:
    """Keeps the target group filled with the pods behind `args.service`.

    Without `networking`: the security group rules are the stack's own, and the controller, told of
    them, would want to change them, which its identity may not.
    """
    backend = args.backend
    return CustomResource(
        name,
        api_version=API_VERSION,
        kind="TargetGroupBinding",
        metadata=ObjectMetaArgs(name=object_name, namespace=backend.namespace, labels=_OWN),
        spec={
            "targetGroupARN": args.target_group,
            # Said here, so that the controller does not have to ask AWS.
            "targetType": "ip",
            "ipAddressType": "ipv4",
            "vpcID": args.vpc_id,
            "serviceRef": {"name": args.service, "port": backend.service_port},
        },
        # The controller does not let go of a target group: another group is another binding.
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(replace_on_changes=["spec.targetGroupARN"])
        ),
    )


def health_checks(
    name: str, backend: Backend, cidrs: Sequence[pulumi.Input[str]], opts: pulumi.ResourceOptions
) -> NetworkPolicy:
    """Lets the balancer's own addresses, in `cidrs`, ask the gateway's pods whether they are well."""
    balancers = [NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in cidrs]
    return allow(
        name,
        metadata=ObjectMetaArgs(name="load-balancer", namespace=backend.namespace, labels=_OWN),
        pods=backend.pods,
        ingress=[NetworkPolicyIngressRuleArgs(from_=balancers, ports=tcp(backend.health_port))],
        opts=opts,
    )
