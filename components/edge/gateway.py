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
    ContainerArgs,
    ContainerPortArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    Namespace,
    PodSpecArgs,
    PodTemplateSpecArgs,
    Service,
    ServiceAccount,
    ServicePortArgs,
    ServiceSpecArgs,
    SleepActionArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
)

from components.edge.access import watch
from components.edge.settings import GatewaySettings
from components.hardening import container_security, pod_security, scratch
from components.labels import TENANT, labels, selector
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
from components.workload import disruption_budget, http_probe, spread

NAMESPACE: Final = "gateway"
NAME: Final = "traefik"
WEB: Final = 8000
INTERNAL: Final = 9090
AGENT_PORT: Final = 8000
# Endpoints take a moment to reach every node; only then may the listener close.
PRE_STOP_SECONDS: Final = 5
DRAIN_SECONDS: Final = 20
# Within a cluster a connection takes a millisecond, or does not come about at all.
DIAL_SECONDS: Final = 1
PODS: Final = selector(NAME, "gateway")
"""Labels of the gateway's pods, for the policies that let them in."""
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


@dataclass(frozen=True, kw_only=True)
class GatewayArgs:
    """What the gateway is made from."""

    settings: GatewaySettings
    image: str
    namespaces: Sequence[pulumi.Input[str]]
    """Namespaces whose routes it serves. It reads nothing of any other."""


def arguments(settings: GatewaySettings, namespaces: Sequence[str]) -> list[str]:
    """Traefik's static configuration."""
    web = "--entrypoints.web"
    crd = "--providers.kubernetescrd"
    return [
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
        f"{web}.address=:{WEB}",
        f"{web}.transport.lifecycle.gracetimeout={DRAIN_SECONDS}s",
        f"{web}.transport.respondingtimeouts.readtimeout={settings.read_timeout_seconds}s",
        # A new connection for each request: one kept to a pod that vanished swallows what is sent on
        # it, where a connection that never comes about is tried again at another pod.
        "--serverstransport.maxidleconnsperhost=-1",
        f"--serverstransport.forwardingtimeouts.dialtimeout={DIAL_SECONDS}s",
        f"--entrypoints.internal.address=:{INTERNAL}",
        "--ping=true",
        "--ping.entrypoint=internal",
        "--metrics.prometheus=true",
        "--metrics.prometheus.entrypoint=internal",
        f"{crd}=true",
        f"{crd}.namespaces={','.join(sorted(namespaces))}",
        f"{crd}.disableclusterscoperesources=true",
        "--log.format=json",
        "--accesslog=true",
        "--accesslog.format=json",
    ]


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
            metadata=ObjectMetaArgs(name=NAMESPACE, labels={**own, **RESTRICTED}),
            opts=child,
        ).metadata.name
        named = ObjectMetaArgs(name=NAME, namespace=namespace, labels=own)
        default_deny(f"{name}-default-deny", ObjectMetaArgs(namespace=namespace, labels=own), child)
        allow(
            f"{name}-network",
            metadata=named,
            pods=PODS,
            ingress=[
                NetworkPolicyIngressRuleArgs(ports=tcp(WEB)),
                ingress(pods_in("monitoring"), tcp(INTERNAL)),
            ],
            egress=[
                dns(),
                egress(
                    pods_anywhere(TENANT, {"app.kubernetes.io/component": "agent"}),
                    tcp(AGENT_PORT),
                ),
                # The API server of any cluster has a private address.
                NetworkPolicyEgressRuleArgs(
                    to=[
                        NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in _PRIVATE
                    ],
                    ports=tcp(443, 6443),
                ),
            ],
            opts=child,
        )
        identity = ServiceAccount(
            f"{name}-account", metadata=named, automount_service_account_token=False, opts=child
        )
        grants = [
            watch(f"{name}-{index}", source, identity, own, child)
            for index, source in enumerate((namespace, *args.namespaces))
        ]
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
                    metadata=ObjectMetaArgs(labels=own),
                    spec=_pod(
                        args,
                        pulumi.Output.all(namespace, *args.namespaces).apply(
                            lambda names: arguments(args.settings, [str(n) for n in names])
                        ),
                        identity.metadata.name,
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=grants),
        )
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


def _pod(
    args: GatewayArgs, arguments: pulumi.Input[list[str]], identity: pulumi.Input[str]
) -> PodSpecArgs:
    tmp, tmp_mount = scratch()
    return PodSpecArgs(
        service_account_name=identity,
        # It watches routes and endpoints, for which it needs the Kubernetes API.
        automount_service_account_token=True,
        enable_service_links=False,
        security_context=pod_security(),
        termination_grace_period_seconds=PRE_STOP_SECONDS + DRAIN_SECONDS + 5,
        topology_spread_constraints=spread(PODS),
        containers=[
            ContainerArgs(
                name=NAME,
                image=args.image,
                args=arguments,
                ports=[
                    ContainerPortArgs(name="web", container_port=WEB),
                    ContainerPortArgs(name="internal", container_port=INTERNAL),
                ],
                lifecycle=LifecycleArgs(
                    pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=PRE_STOP_SECONDS))
                ),
                resources=args.settings.resources.requirements(),
                startup_probe=http_probe("/ping", "internal", period=1, failures=60),
                readiness_probe=http_probe("/ping", "internal", period=5, failures=2),
                liveness_probe=http_probe("/ping", "internal", period=10, failures=3),
                security_context=container_security(),
                volume_mounts=[tmp_mount],
            )
        ],
        volumes=[tmp],
    )
