"""The pods of an agent: the ones that answer, and the one that migrates its database."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMapEnvSourceArgs,
    ContainerArgs,
    ContainerPortArgs,
    EnvFromSourceArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    ObjectFieldSelectorArgs,
    PodSpecArgs,
    SleepActionArgs,
)

from components.agents.connections import AUTHORITIES
from components.agents.placement import Placement
from components.agents.settings import AgentSettings
from components.hardening import container_security, pod_security, scratch
from components.labels import selector
from components.workload import config_files, http_probe, secret_files, spread

HTTP: Final = 8000
METRICS: Final = 9090
SECRETS: Final = "/run/secrets/agent"
# Endpoints take a moment to leave every gateway; only then may the listener close.
PRE_STOP_SECONDS: Final = 5
# What the kubelet needs to see the container's end before it would kill it.
MARGIN_SECONDS: Final = 5


@dataclass(frozen=True, kw_only=True)
class PodArgs:
    """The agent, and the names of what its pods read."""

    settings: AgentSettings
    image: str
    environment: pulumi.Input[str]
    """Name of the ConfigMap with its environment."""
    secrets: pulumi.Input[str]
    """Name of the Secret with its secrets, one file each."""
    authority: pulumi.Input[str]
    """Name of the ConfigMap with the certificate authorities of the stores."""
    identity: pulumi.Input[str]
    """Name of its service account."""
    placement: Placement
    priority: pulumi.Input[str] | None
    """Name of its priority class."""


def grace_seconds(settings: AgentSettings) -> int:
    """Time from a pod's first notice to its being killed."""
    return PRE_STOP_SECONDS + settings.drain_seconds + MARGIN_SECONDS


def serving(args: PodArgs) -> PodSpecArgs:
    """A pod that answers requests, and ends without losing one."""
    pod = _pod(args)
    container = _container(args)
    container.ports = [
        ContainerPortArgs(name="http", container_port=HTTP),
        ContainerPortArgs(name="metrics", container_port=METRICS),
    ]
    container.lifecycle = LifecycleArgs(
        pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=PRE_STOP_SECONDS))
    )
    container.startup_probe = http_probe("/health", "http", period=1, failures=60)
    container.readiness_probe = http_probe("/ready", "http", period=3, failures=2)
    container.liveness_probe = http_probe("/health", "http", period=10, failures=3, timeout=5)
    pod.containers = [container]
    pod.termination_grace_period_seconds = grace_seconds(args.settings)
    pod.topology_spread_constraints = spread(selector(args.settings.name, "agent"))
    return pod


def migrating(args: PodArgs) -> PodSpecArgs:
    """A pod that brings the database's schema up to the image, once."""
    pod = _pod(args)
    container = _container(args)
    container.command = list(args.settings.migrate)
    pod.containers = [container]
    pod.restart_policy = "Never"
    return pod


def _pod(args: PodArgs) -> PodSpecArgs:
    pod = PodSpecArgs(
        service_account_name=args.identity,
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=pod_security(),
        priority_class_name=args.priority,
        containers=[],
        volumes=[
            scratch()[0],
            secret_files("secrets", args.secrets, SECRETS)[0],
            config_files("authority", args.authority, AUTHORITIES)[0],
        ],
    )
    args.placement.place(pod)
    return pod


def _container(args: PodArgs) -> ContainerArgs:
    return ContainerArgs(
        name="agent",
        image=args.image,
        env_from=[EnvFromSourceArgs(config_map_ref=ConfigMapEnvSourceArgs(name=args.environment))],
        env=[_own("POD_NAME", "metadata.name"), _own("NAMESPACE", "metadata.namespace")],
        resources=args.settings.resources.requirements(),
        security_context=container_security(),
        volume_mounts=[
            scratch()[1],
            secret_files("secrets", args.secrets, SECRETS)[1],
            config_files("authority", args.authority, AUTHORITIES)[1],
        ],
    )


def _own(variable: str, field: str) -> EnvVarArgs:
    return EnvVarArgs(
        name=variable,
        value_from=EnvVarSourceArgs(field_ref=ObjectFieldSelectorArgs(field_path=field)),
    )
