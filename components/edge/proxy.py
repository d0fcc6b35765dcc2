"""Traefik's pod: its configuration, and how it starts, is probed and ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    PodSpecArgs,
    SleepActionArgs,
)

from components.edge.settings import GatewaySettings
from components.hardening import container_security, pod_security, scratch
from components.labels import selector
from components.workload import api_token, http_probe, spread

NAME: Final = "traefik"
WEB: Final = 8000
INTERNAL: Final = 9090
PODS: Final = selector(NAME, "gateway")
"""Labels of the gateway's pods, for the policies that let them in."""
# Endpoints take a moment to reach every node; only then may the listener close.
PRE_STOP_SECONDS: Final = 5
DRAIN_SECONDS: Final = 20
IDLE_SECONDS: Final = 180
"""After how long without a request a connection is closed."""
# Within a cluster a connection takes a millisecond, or does not come about at all.
DIAL_SECONDS: Final = 1


@dataclass(frozen=True, kw_only=True)
class Front:
    """What stands before the gateway, and how the gateway has to fit to it."""

    pre_stop_seconds: int = PRE_STOP_SECONDS
    """How long requests may still come to a pod that has to end."""
    trusted: tuple[str, ...] = ()
    """Networks whose word on a client's address and protocol is believed."""
    callers: tuple[str, ...] = ()
    """Networks that connections come from; any, if empty."""
    namespace_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of the gateway's namespace."""


OPEN: Final = Front()
"""Nothing stands before it: clients connect to it themselves."""


def arguments(settings: GatewaySettings, front: Front, namespaces: Sequence[str]) -> list[str]:
    """Traefik's static configuration."""
    web = "--entrypoints.web"
    crd = "--providers.kubernetescrd"
    return [
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
        f"{web}.address=:{WEB}",
        f"{web}.transport.lifecycle.gracetimeout={DRAIN_SECONDS}s",
        f"{web}.transport.respondingtimeouts.readtimeout={settings.read_timeout_seconds}s",
        f"{web}.transport.respondingtimeouts.idletimeout={IDLE_SECONDS}s",
        *(
            [f"{web}.forwardedheaders.trustedips={','.join(front.trusted)}"]
            if front.trusted
            else []
        ),
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


def pod(
    settings: GatewaySettings,
    front: Front,
    *,
    image: str,
    arguments: pulumi.Input[list[str]],
    identity: pulumi.Input[str],
    priority: pulumi.Input[str] | None,
) -> PodSpecArgs:
    """A pod that takes requests on the port named `web`, and ends without losing one."""
    tmp, tmp_mount = scratch()
    # It watches routes and endpoints, for which it needs the Kubernetes API.
    token, token_mount = api_token()
    return PodSpecArgs(
        service_account_name=identity,
        automount_service_account_token=False,
        enable_service_links=False,
        priority_class_name=priority,
        security_context=pod_security(),
        termination_grace_period_seconds=front.pre_stop_seconds + DRAIN_SECONDS + 5,
        topology_spread_constraints=spread(PODS),
        containers=[
            ContainerArgs(
                name=NAME,
                image=image,
                args=arguments,
                ports=[
                    ContainerPortArgs(name="web", container_port=WEB),
                    ContainerPortArgs(name="internal", container_port=INTERNAL),
                ],
                lifecycle=LifecycleArgs(
                    pre_stop=LifecycleHandlerArgs(
                        sleep=SleepActionArgs(seconds=front.pre_stop_seconds)
                    )
                ),
                resources=settings.resources.requirements(),
                startup_probe=http_probe("/ping", "internal", period=1, failures=60),
                readiness_probe=http_probe("/ping", "internal", period=5, failures=2),
                liveness_probe=http_probe("/ping", "internal", period=10, failures=3),
                security_context=container_security(),
                volume_mounts=[tmp_mount, token_mount],
            )
        ],
        volumes=[tmp, token],
    )
