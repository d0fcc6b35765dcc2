"""A server on one volume: what PostgreSQL and Redis have in common in the cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetSpecArgs
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    Namespace,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpecArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    Secret,
    Service,
    ServicePortArgs,
    ServiceSpecArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicyIngressRuleArgs, NetworkPolicyPeerArgs

from components.hardening import container_security, pod_security, scratch
from components.labels import labels, selector
from components.network.policy import allow, default_deny, tcp
from components.secrets import Authority
from components.secrets.authority import service_names
from components.settings import Bytes
from components.tenancy import RESTRICTED
from components.workload import account, exec_probe, secret_files

NAMESPACE = "stores"
Files = tuple[VolumeArgs, VolumeMountArgs]


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Where a server keeps its data."""

    path: str
    size: Bytes
    storage_class: str | None
    """The cluster's default one, if not given."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """What one server has of its own."""

    name: str
    """Of its Service, which is its host name, and of everything else it consists of."""
    port: int
    container: ContainerArgs
    """Image, arguments, environment and resources; the rest is the same for all."""
    healthy: Sequence[str]
    """Command that exits 0 while the server answers."""
    files: Sequence[Files]
    """Secrets that it reads."""
    volume: Volume
    callers: Sequence[NetworkPolicyPeerArgs]
    """The pods that may connect."""
    grace_seconds: int
    """How long it may take to end."""
    priority: pulumi.Input[str] | None
    """Name of its priority class."""


def closed_namespace(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The namespace of the stores and their jobs, closed but for what each of them opens itself."""
    own = labels(NAMESPACE, "stores")
    namespace = Namespace(
        f"{name}-namespace",
        metadata=ObjectMetaArgs(name=NAMESPACE, labels={**own, **RESTRICTED}),
        opts=opts,
    ).metadata.name
    default_deny(f"{name}-default-deny", ObjectMetaArgs(namespace=namespace, labels=own), opts)
    return namespace


def serve(
    name: str, server: Server, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> Service:
    """Run `server`: claim, account, network policy, Service and StatefulSet. The Service is its address."""
    pods = selector(server.name, "store")
    named = ObjectMetaArgs(
        name=server.name, namespace=namespace, labels=labels(server.name, "store")
    )
    service = Service(
        f"{name}-service",
        metadata=named,
        spec=ServiceSpecArgs(
            selector=pods, ports=[ServicePortArgs(name=server.name, port=server.port)]
        ),
        opts=opts,
    )
    allow(
        f"{name}-network",
        metadata=named,
        pods=pods,
        ingress=[NetworkPolicyIngressRuleArgs(from_=list(server.callers), ports=tcp(server.port))],
        opts=opts,
    )
    claim = PersistentVolumeClaim(
        f"{name}-data",
        metadata=ObjectMetaArgs(
            name=f"{server.name}-data", namespace=namespace, labels=named.labels
        ),
        # By itself and not the StatefulSet's template, which can never be changed: a larger size
        # grows the volume, where its storage class can.
        spec=PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            storage_class_name=server.volume.storage_class,
            resources=VolumeResourceRequirementsArgs(requests={"storage": server.volume.size}),
        ),
        # What cannot be changed in place (the storage class) would replace it, and the data with it.
        # So it goes with its namespace only.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
    )
    StatefulSet(
        f"{name}-server",
        metadata=named,
        spec=StatefulSetSpecArgs(
            # By its plain name: the service is not ready before the pods it selects are.
            service_name=server.name,
            replicas=1,
            selector=LabelSelectorArgs(match_labels=pods),
            template=PodTemplateSpecArgs(
                metadata=ObjectMetaArgs(labels=named.labels),
                spec=_pod(
                    server,
                    claim.metadata.name,
                    account(f"{name}-account", named, opts).metadata.name,
                ),
            ),
        ),
        opts=opts,
    )
    return service


def _pod(server: Server, claim: pulumi.Input[str], identity: pulumi.Input[str]) -> PodSpecArgs:
    container, files = server.container, [scratch(), *server.files]
    container.name = server.name
    container.ports = [ContainerPortArgs(name=server.name, container_port=server.port)]
    container.startup_probe = exec_probe(*server.healthy, period=2, failures=60)
    container.readiness_probe = exec_probe(*server.healthy, period=5, failures=3)
    container.liveness_probe = exec_probe(*server.healthy, period=10, failures=6)
    container.security_context = container_security()
    container.volume_mounts = [
        VolumeMountArgs(name="data", mount_path=server.volume.path),
        *(mount for _, mount in files),
    ]
    data = PersistentVolumeClaimVolumeSourceArgs(claim_name=claim)
    return PodSpecArgs(
        service_account_name=identity,
        automount_service_account_token=False,
        enable_service_links=False,
        priority_class_name=server.priority,
        security_context=pod_security(),
        termination_grace_period_seconds=server.grace_seconds,
        containers=[container],
        volumes=[
            VolumeArgs(name="data", persistent_volume_claim=data),
            *(volume for volume, _ in files),
        ],
    )


def server_certificate(
    name: str,
    service: str,
    authority: Authority,
    metadata: ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> Files:
    """A certificate for the host names of `service`, under the file names of TLS secrets, at /run/tls."""
    issued = authority.issue(name, service_names(service, NAMESPACE))
    secret = Secret(
        f"{name}-tls",
        metadata=metadata,
        string_data={
            "tls.crt": issued.certificate,
            "tls.key": issued.key,
            "ca.crt": issued.authority,
        },
        immutable=True,
        opts=opts,
    )
    return secret_files("tls", secret.metadata.name, "/run/tls")
