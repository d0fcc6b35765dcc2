"""Redis in the cluster: TLS only, a user for each tenant that sees its own keys only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.core.v1 import ContainerArgs, EnvVarArgs, Secret
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.labels import TENANT, access, labels, selector
from components.network.policy import egress, pods_anywhere, pods_in, tcp
from components.secrets import (
    Authority,
    Credential,
    CredentialArgs,
    CredentialSettings,
    Slots,
)
from components.settings import in_bytes
from components.stores.endpoint import CacheServer
from components.stores.server import Server, Volume, serve, server_certificate
from components.stores.settings import RedisSettings
from components.workload import secret_files

NAME: Final = "redis"
PORT: Final = 6379
DATA: Final = "/data"
SECRETS: Final = "/run/secrets/redis"
OPERATOR: Final = "operator"
"""File of the user that may do everything; it probes the server's health."""
# It writes what it has not written yet.
GRACE_SECONDS: Final = 30


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """What the cache is made from."""

    settings: RedisSettings
    storage_class: str | None
    image: str
    namespace: pulumi.Input[str]
    authority: Authority
    slots: Slots
    priority: pulumi.Input[str] | None
    """Name of its priority class."""
    credentials: CredentialSettings
    tenants: tuple[str, ...]


def users(tenants: Sequence[str]) -> str:
    """One line per tenant: user, the keys it sees, the file with the passwords it may use."""
    return "\n".join(f"{tenant} {tenant}:* {SECRETS}/{tenant}" for tenant in sorted(tenants))


def accepted(credential: Credential, args: RedisArgs) -> pulumi.Output[str]:
    """The passwords of one user, a line each: the active one, then the one it may still be using."""
    if args.credentials.previous == "revoke":
        return credential.active
    previous = credential.passwords[1 - args.slots.active]
    return pulumi.Output.concat(credential.active, "\n", previous)


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

    server: CacheServer
    """How it is used."""

    def __init__(
        self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Redis", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespace = pulumi.Output.from_input(args.namespace)
        unnamed = ObjectMetaArgs(namespace=namespace, labels=labels(NAME, "store"))

        credentials = {
            user: Credential(f"{name}-{user}", CredentialArgs(slots=args.slots), child)
            for user in (OPERATOR, *args.tenants)
        }
        passwords = Secret(
            f"{name}-passwords",
            metadata=unnamed,
            string_data={user: accepted(each, args) for user, each in credentials.items()},
            immutable=True,
            opts=child,
        )
        runs = Server(
            name=NAME,
            port=PORT,
            container=_container(args),
            healthy=("healthy",),
            files=(
                secret_files("passwords", passwords.metadata.name, SECRETS),
                server_certificate(name, NAME, args.authority, unnamed, child),
            ),
            volume=Volume(path=DATA, size=args.settings.storage, storage_class=args.storage_class),
            callers=(pods_anywhere(TENANT, access(NAME)),),
            grace_seconds=GRACE_SECONDS,
            priority=args.priority,
        )
        service = serve(name, runs, namespace, child)
        self.server = CacheServer(
            host=pulumi.Output.format("{0}.{1}.svc", service.metadata.name, namespace),
            port=PORT,
            passwords={tenant: credentials[tenant].active for tenant in args.tenants},
            egress=egress(pods_in(namespace, selector(NAME, "store")), tcp(PORT)),
        )
        self.register_outputs({"host": self.server.host, "port": PORT})


def _container(args: RedisArgs) -> ContainerArgs:
    return ContainerArgs(
        name=NAME,
        image=args.image,
        args=arguments(args.settings),
        env=[
            EnvVarArgs(name="REDIS_PASSWORD_FILE", value=f"{SECRETS}/{OPERATOR}"),
            EnvVarArgs(name="REDIS_USERS", value=users(args.tenants)),
        ],
        resources=args.settings.resources.requirements(),
    )
