"""Redis in the cluster: TLS only, a user for each tenant that sees its own keys only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetSpecArgs
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    EnvVarArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    Secret,
    Service,
    ServicePortArgs,
    ServiceSpecArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicyIngressRuleArgs

from components.hardening import container_security, pod_security, scratch
from components.labels import TENANT, access, labels, selector
from components.network.policy import allow, pods_anywhere, tcp
from components.secrets import Authority, Credential, CredentialArgs, Slots
from components.secrets.authority import service_names
from components.settings import in_bytes
from components.stores.postgres import server_files, volume_claim
from components.stores.settings import RedisSettings
from components.workload import account, exec_probe, secret_files

NAME: Final = "redis"
PORT: Final = 6379
SECRETS: Final = "/run/secrets/redis"
OPERATOR: Final = "operator"
"""File of the user that may do everything; it probes the server's health."""


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """What the cache is made from."""

    settings: RedisSettings
    image: str
    namespace: pulumi.Input[str]
    authority: Authority
    slots: Slots
    tenants: tuple[str, ...]


def users(tenants: Sequence[str]) -> str:
    """One line per tenant: user, the keys it sees, the file with the passwords it may use."""
    return "\n".join(f"{tenant} {tenant}:* {SECRETS}/{tenant}" for tenant in sorted(tenants))


def arguments(settings: RedisSettings) -> list[str]:
    """Arguments of redis-server, on top of what its image fixes: TLS only, passwords, AOF."""
    return [
        "--maxmemory",
        str(in_bytes(settings.max_memory)),
        "--maxmemory-policy",
        "allkeys-lru",
    ]


class Redis(pulumi.ComponentResource):
    """A cache at `host`:`port` that takes TLS connections of its tenants' users, and no others."""

    host: pulumi.Output[str]
    """DNS name of the server, the name in its certificate."""
    port: int
    """TCP port."""
    passwords: Mapping[str, pulumi.Output[str]]
    """Per tenant, the password of its user, secret. The user has the tenant's name."""

    def __init__(
        self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Redis", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        own, pods = labels(NAME, "store"), selector(NAME, "store")
        namespace = pulumi.Output.from_input(args.namespace)
        unnamed = ObjectMetaArgs(namespace=namespace, labels=own)
        named = ObjectMetaArgs(name=NAME, namespace=namespace, labels=own)

        credentials = {
            user: Credential(f"{name}-{user}", CredentialArgs(slots=args.slots), child)
            for user in (OPERATOR, *args.tenants)
        }
        passwords = Secret(
            f"{name}-passwords",
            metadata=unnamed,
            # The active one first; the other stays good until the next rotation.
            string_data={
                user: pulumi.Output.concat(
                    credential.active, "\n", credential.passwords[1 - args.slots.active]
                )
                for user, credential in credentials.items()
            },
            immutable=True,
            opts=child,
        )
        certificate = Secret(
            f"{name}-tls",
            metadata=unnamed,
            string_data=server_files(args.authority.issue(name, service_names(NAME, "stores"))),
            immutable=True,
            opts=child,
        )
        service = Service(
            f"{name}-service",
            metadata=named,
            spec=ServiceSpecArgs(selector=pods, ports=[ServicePortArgs(name="redis", port=PORT)]),
            opts=child,
        )
        allow(
            f"{name}-network",
            metadata=named,
            pods=pods,
            ingress=[
                NetworkPolicyIngressRuleArgs(
                    from_=[pods_anywhere(TENANT, access(NAME))], ports=tcp(PORT)
                )
            ],
            opts=child,
        )
        StatefulSet(
            f"{name}-server",
            metadata=named,
            spec=self._spec(
                args,
                passwords=passwords.metadata.name,
                certificate=certificate.metadata.name,
                identity=account(f"{name}-account", named, child).metadata.name,
            ),
            opts=child,
        )
        self.host = pulumi.Output.format("{0}.{1}.svc", service.metadata.name, namespace)
        self.port = PORT
        self.passwords = {tenant: credentials[tenant].active for tenant in args.tenants}
        self.register_outputs({"host": self.host, "port": self.port})

    def _spec(
        self,
        args: RedisArgs,
        *,
        passwords: pulumi.Input[str],
        certificate: pulumi.Input[str],
        identity: pulumi.Input[str],
    ) -> StatefulSetSpecArgs:
        tmp, tmp_mount = scratch()
        secret, secret_mount = secret_files("passwords", passwords, SECRETS)
        tls, tls_mount = secret_files("tls", certificate, "/run/tls")

        return StatefulSetSpecArgs(
            # By its plain name: the service is not ready before the pods it selects are.
            service_name=NAME,
            replicas=1,
            selector=LabelSelectorArgs(match_labels=selector(NAME, "store")),
            template=PodTemplateSpecArgs(
                metadata=ObjectMetaArgs(labels=labels(NAME, "store")),
                spec=PodSpecArgs(
                    service_account_name=identity,
                    automount_service_account_token=False,
                    enable_service_links=False,
                    security_context=pod_security(),
                    termination_grace_period_seconds=30,
                    containers=[
                        ContainerArgs(
                            name=NAME,
                            image=args.image,
                            args=arguments(args.settings),
                            env=[
                                EnvVarArgs(
                                    name="REDIS_PASSWORD_FILE", value=f"{SECRETS}/{OPERATOR}"
                                ),
                                EnvVarArgs(name="REDIS_USERS", value=users(args.tenants)),
                            ],
                            ports=[ContainerPortArgs(name="redis", container_port=PORT)],
                            resources=args.settings.resources.requirements(),
                            startup_probe=exec_probe("healthy", period=2, failures=60),
                            readiness_probe=exec_probe("healthy", period=5, failures=3),
                            liveness_probe=exec_probe("healthy", period=10, failures=6),
                            security_context=container_security(),
                            volume_mounts=[
                                VolumeMountArgs(name="data", mount_path="/data"),
                                tmp_mount,
                                secret_mount,
                                tls_mount,
                            ],
                        )
                    ],
                    volumes=[tmp, secret, tls],
                ),
            ),
            volume_claim_templates=[volume_claim(args.settings.storage)],
        )
