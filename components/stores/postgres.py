"""PostgreSQL in the cluster: one server, TLS and a password for everybody, data on a volume."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.core.v1 import ContainerArgs, EnvVarArgs, Secret
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.labels import TENANT, access, labels, selector
from components.network.policy import egress, pods_anywhere, pods_in, tcp
from components.secrets import Authority, Credential, CredentialArgs, Slots
from components.stores.endpoint import Administrator, DatabaseServer
from components.stores.server import Server, Volume, serve, server_certificate
from components.stores.settings import PostgresSettings
from components.workload import secret_files

NAME: Final = "postgres"
PORT: Final = 5432
SUPERUSER: Final = "postgres"
DATA: Final = "/var/lib/postgresql/data"
SECRETS: Final = "/run/secrets/postgres"
PASSWORD_KEY: Final = "password"  # noqa: S105 (the name of a file)
PROVISIONER: Final = "provisioner"
"""The role that makes databases and logins. The image has it, and lets it in by certificate alone, so
that no rotation of passwords can shut it out."""
SUPERUSERS_PASSWORD: Final = rf"""\set password `cat /run/secrets/superuser/{PASSWORD_KEY}`
ALTER ROLE "{SUPERUSER}" PASSWORD :'password';
"""
"""The server only reads it when it starts; a rotation is not to wait for that."""
# A fast shutdown ends sessions and writes a checkpoint; a large cache takes its time.
GRACE_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """What the server is made from."""

    settings: PostgresSettings
    storage_class: str | None
    image: str
    namespace: pulumi.Input[str]
    authority: Authority
    slots: Slots
    priority: pulumi.Input[str] | None
    """Name of its priority class."""


class Postgres(pulumi.ComponentResource):
    """A server at `host`:`port` that takes TLS connections with a SCRAM password, and no others."""

    server: DatabaseServer
    """How it is used. The provisioner's jobs run beside it."""

    def __init__(
        self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Postgres", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        own = labels(NAME, "store")
        namespace = pulumi.Output.from_input(args.namespace)

        credential = Credential(f"{name}-superuser", CredentialArgs(slots=args.slots), child)
        # Named and mutable: a rotation must not restart the server. The provisioner's next job sets
        # the new password, and a restarted server finds it in the same file.
        password = Secret(
            f"{name}-superuser",
            metadata=ObjectMetaArgs(name=f"{NAME}-superuser", namespace=namespace, labels=own),
            string_data={PASSWORD_KEY: credential.active},
            opts=child,
        )
        client = args.authority.issue_client(f"{name}-provisioner", PROVISIONER)
        provisioner = Secret(
            f"{name}-provisioner",
            metadata=ObjectMetaArgs(namespace=namespace, labels=own),
            string_data={"tls.crt": client.certificate, "tls.key": client.key},
            immutable=True,
            opts=child,
        )
        unnamed = ObjectMetaArgs(namespace=namespace, labels=own)
        runs = Server(
            name=NAME,
            port=PORT,
            container=_container(args),
            healthy=("pg_isready", "--host=/tmp", f"--port={PORT}"),
            files=(
                secret_files("superuser", password.metadata.name, SECRETS),
                server_certificate(name, NAME, args.authority, unnamed, child),
            ),
            volume=Volume(path=DATA, size=args.settings.storage, storage_class=args.storage_class),
            callers=(pods_anywhere(TENANT, access(NAME)), pods_in(namespace, access(NAME))),
            grace_seconds=GRACE_SECONDS,
            priority=args.priority,
        )
        service = serve(name, runs, namespace, child)
        self.server = DatabaseServer(
            host=pulumi.Output.format("{0}.{1}.svc", service.metadata.name, namespace),
            port=PORT,
            authority=args.authority.certificate,
            egress=egress(pods_in(namespace, selector(NAME, "store")), tcp(PORT)),
            namespace=namespace,
            image=args.image,
            administrator=_administrator(password.metadata.name, provisioner.metadata.name),
            ready=[self],
        )
        self.register_outputs({"host": self.server.host, "port": PORT})


def _administrator(password: pulumi.Output[str], certificate: pulumi.Output[str]) -> Administrator:
    return Administrator(
        user=PROVISIONER,
        superuser=True,
        environment={
            "PGSSLCERT": "/run/secrets/provisioner/tls.crt",
            "PGSSLKEY": "/run/secrets/provisioner/tls.key",
        },
        files=[
            secret_files("superuser", password, "/run/secrets/superuser"),
            secret_files("provisioner", certificate, "/run/secrets/provisioner"),
        ],
        preamble=SUPERUSERS_PASSWORD,
    )


def _container(args: PostgresArgs) -> ContainerArgs:
    return ContainerArgs(
        name=NAME,
        image=args.image,
        args=["-c", f"max_connections={args.settings.max_connections}"],
        env=[
            EnvVarArgs(name="PGDATA", value=f"{DATA}/pgdata"),
            EnvVarArgs(name="POSTGRES_PASSWORD_FILE", value=f"{SECRETS}/{PASSWORD_KEY}"),
        ],
        resources=args.settings.resources.requirements(),
    )
