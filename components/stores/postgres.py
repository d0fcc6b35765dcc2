"""PostgreSQL in the cluster: one server, TLS and a password for everybody, data on a volume."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.core.v1 import ContainerArgs, EnvVarArgs, Secret
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.labels import TENANT, access, labels
from components.network.policy import pods_anywhere, pods_in
from components.secrets import Authority, Credential, CredentialArgs, Slots
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


class Postgres(pulumi.ComponentResource):
    """A server at `host`:`port` that takes TLS connections with a SCRAM password, and no others."""

    host: pulumi.Output[str]
    """DNS name of the server, the name in its certificate."""
    port: int
    """TCP port."""
    namespace: pulumi.Output[str]
    """Where it runs, and where the provisioner's jobs have to."""
    password_secret: pulumi.Output[str]
    """Name of the Secret with the superuser's password, which is to be set wherever it changes."""
    provisioner_secret: pulumi.Output[str]
    """Name of the Secret with the provisioner's certificate, `tls.crt` and `tls.key`."""
    image: str
    """The server's image; it carries the client too."""
    authority: pulumi.Output[str]
    """PEM of the authority that signed its certificate."""

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
        server = Server(
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
        )
        service = serve(name, server, namespace, child)
        self.host = pulumi.Output.format("{0}.{1}.svc", service.metadata.name, namespace)
        self.port = PORT
        self.namespace = namespace
        self.password_secret = password.metadata.name
        self.provisioner_secret = provisioner.metadata.name
        self.image = args.image
        self.authority = args.authority.certificate
        self.register_outputs({"host": self.host, "port": self.port})


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
