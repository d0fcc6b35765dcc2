"""Small valid wires of the components that get secrets through Secrets Manager."""

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.account import Account
from components.labels import labels
from components.secrets import Delivery, ForeignSecret, SecretAccess, SecretAccessArgs, Vault
from components.stores import Database, DatabaseArgs, RemotePostgres, RemotePostgresArgs
from tests import samples

ACCOUNT = Account(id="123456789012", region="eu-central-1")
KEY = ACCOUNT.arn("kms", "key/0a1b2c3d")
MASTER = ForeignSecret(
    arn=ACCOUNT.arn("secretsmanager", "secret:rds!db-0a1b-XyZ123"),
    key_arn=ACCOUNT.arn("kms", "key/4e5f6a7b"),
)
CONTROLLER = ACCOUNT.arn("iam", "role/agents-external-secrets", regional=False)


def files() -> dict[str, pulumi.Output[str]]:
    """Secret files with names that a path would take apart."""
    return {
        "tls.crt": pulumi.Output.secret("certificate"),
        "database__password": pulumi.Output.secret("password-of-the-database"),
    }


def vault(
    *,
    protect: bool = True,
    deployers: tuple[str, ...] = (),
    ready: tuple[pulumi.Resource, ...] = (),
) -> Vault:
    """A stack's place in Secrets Manager."""
    return Vault(
        account=ACCOUNT,
        key_arn=KEY,
        prefix="agent-platform/test",
        cluster="agents",
        controller_arn=CONTROLLER,
        protect=protect,
        rotation_days=90,
        ready=ready,
        deployers=deployers,
    )


def access_args(kept_in: Vault) -> SecretAccessArgs:
    """The access of one tenant's namespace."""
    return SecretAccessArgs(vault=kept_in, namespace="research", ready="research")


def secret_access() -> SecretAccess:
    """The reader of one tenant's secrets."""
    return SecretAccess("research-secrets", access_args(vault()))


def remote_args() -> RemotePostgresArgs:
    """A server on RDS, with one tenant."""
    return RemotePostgresArgs(
        host="agents-postgres.rds.example.com",
        port=5432,
        authority="PEM",
        addresses=("10.0.48.0/24", "10.0.49.0/24"),
        administrator="postgres",
        credentials=MASTER,
        vault=vault(),
        image=f"localhost/postgres{samples.DIGEST}",
        slots=samples.SLOTS,
        tenants=("research",),
    )


def remote_postgres() -> RemotePostgres:
    """What it takes inside the cluster."""
    return RemotePostgres("databases", remote_args())


def remote_database() -> Database:
    """A tenant's database on it."""
    remote = remote_postgres()
    return Database(
        "database",
        DatabaseArgs(
            tenant="research",
            server=remote.server,
            slots=samples.SLOTS,
            credentials=samples.CREDENTIALS,
            delivery=remote.delivery,
        ),
    )


class Delivered(pulumi.ComponentResource):
    """A component that has files delivered, as an agent has."""

    def __init__(self, name: str, delivery: Delivery, files: dict[str, pulumi.Output[str]]) -> None:
        super().__init__("agents:samples:Delivered", name)
        self.secret = delivery.deliver(
            f"{name}-secrets",
            metadata=ObjectMetaArgs(namespace="research", labels=labels(name, "agent")),
            files=files,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"secret": self.secret})


def delivered() -> Delivered:
    """Files on their way to one tenant's pods."""
    return Delivered("extractor", secret_access().delivery, files())
