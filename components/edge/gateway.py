"""Traefik as the platform's gateway, the same in every stack."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.apps.v1 import (
    Deployment,
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
    RollingUpdateDeploymentArgs,
)
from pulumi_kubernetes.core.v1 import (
    Namespace,
    PodTemplateSpecArgs,
    Service,
    ServiceAccount,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
)

from components.edge.access import watch
from components.edge.proxy import INTERNAL, NAME, OPEN, PODS, WEB, Front, arguments, pod
from components.edge.settings import GatewaySettings
from components.labels import TENANT, labels
from components.network.policy import (
    allow,
    default_deny,
    dns,
    egress,
    ingress,
    pods_anywhere,
    pods_in,
    tcp,
)
from components.tenancy import RESTRICTED
from components.workload import disruption_budget

NAMESPACE: Final = "gateway"
AGENT_PORT: Final = 8000
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


@dataclass(frozen=True, kw_only=True)
class GatewayArgs:
    """What the gateway is made from."""

    settings: GatewaySettings
    image: str
    namespaces: Sequence[pulumi.Input[str]]
    """Namespaces whose routes it serves. It reads nothing of any other."""
    front: Front = OPEN
    priority: pulumi.Input[str] | None = None
    """Name of its priority class."""


class Gateway(pulumi.ComponentResource):
    """Routes requests to agents by the routes their namespaces hold."""

    namespace: pulumi.Output[str]
    """Where the gateway runs."""
    service: pulumi.Output[str]
    """Name of its Service, known once it takes requests."""

    def __init__(
        self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:edge:Gateway", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        own = labels(NAME, "gateway")
        namespace = Namespace(
            f"{name}-namespace",
            metadata=ObjectMetaArgs(
                name=NAMESPACE, labels={**own, **RESTRICTED, **args.front.namespace_labels}
            ),
            opts=child,
        ).metadata.name
        named = ObjectMetaArgs(name=NAME, namespace=namespace, labels=own)
        default_deny(f"{name}-default-deny", ObjectMetaArgs(namespace=namespace, labels=own), child)
        _network(f"{name}-network", named, args.front.callers, child)
        self._proxy(name, args, named, namespace)
        disruption_budget(f"{name}-budget", metadata=named, selector=PODS, opts=child)
        service = Service(
            f"{name}-service",
            metadata=named,
            spec=ServiceSpecArgs(
                type=args.settings.expose,
                selector=PODS,
                ports=[
                    ServicePortArgs(
                        name="web",
                        port=80,
                        target_port="web",
                        node_port=args.settings.node_port,
                    )
                ],
            ),
            opts=child,
        )
        self.namespace = namespace
        self.service = service.metadata.name
        self.register_outputs({"namespace": self.namespace, "service": self.service})

    def _proxy(
        self,
        name: str,
        args: GatewayArgs,
        named: ObjectMetaArgs,
        namespace: pulumi.Output[str],
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        sources = (namespace, *args.namespaces)
        identity = ServiceAccount(
            f"{name}-account", metadata=named, automount_service_account_token=False, opts=child
        )
        grants = [
            watch(f"{name}-{index}", source, identity, labels(NAME, "gateway"), child)
            for index, source in enumerate(sources)
        ]
        template = pod(
            args.settings,
            args.front,
            image=args.image,
            arguments=pulumi.Output.all(*sources).apply(
                lambda names: arguments(args.settings, args.front, [str(name) for name in names])
            ),
            identity=identity.metadata.name,
            priority=args.priority,
        )
        Deployment(
            f"{name}-deployment",
            metadata=named,
            spec=DeploymentSpecArgs(
                replicas=args.settings.replicas,
                revision_history_limit=3,
                selector=LabelSelectorArgs(match_labels=PODS),
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(labels=named.labels), spec=template
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=grants),
        )


def _network(
    name: str, named: ObjectMetaArgs, callers: Sequence[str], opts: pulumi.ResourceOptions
) -> None:
    """In from callers on the one port; out to agents, and to the Kubernetes API for their addresses."""
    known = [NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in callers]
    # The API server of any cluster has a private address.
    private = [NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in _PRIVATE]
    agents = pods_anywhere(TENANT, {"app.kubernetes.io/component": "agent"})
    allow(
        name,
        metadata=named,
        pods=PODS,
        ingress=[
            NetworkPolicyIngressRuleArgs(from_=known or None, ports=tcp(WEB)),
            ingress(pods_in("monitoring"), tcp(INTERNAL)),
        ],
        egress=[
            dns(),
            egress(agents, tcp(AGENT_PORT)),
            NetworkPolicyEgressRuleArgs(to=private, ports=tcp(443, 6443)),
        ],
        opts=opts,
    )
