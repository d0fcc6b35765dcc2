"""What tenants' databases on a server outside the cluster take inside it.

Jobs that run SQL as the server's administrator, in a namespace closed to everything but the server.
"""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.labels import labels
from components.secrets import (
    Delivery,
    ForeignSecret,
    SecretAccess,
    SecretAccessArgs,
    Slots,
    Vault,
)
from components.secrets.external import EVERY_MINUTE, external_secret
from components.stores.database import retirement
from components.stores.endpoint import Administrator, DatabaseServer, way_to
from components.stores.provisioner import Statements, run
from components.stores.server import NAMESPACE, closed_namespace
from components.workload import secret_files

ADMINISTRATOR: Final = "database-administrator"
"""Name of the Secret with the administrator's credentials."""
SERVICE: Final = "administrator"
FILE: Final = "pg_service.conf"
FOLDER: Final = f"/run/secrets/{SERVICE}"
CREDENTIALS: Final = f"[{SERVICE}]\nuser={{{{ .username }}}}\npassword={{{{ .password }}}}\n"
"""libpq's service file. A password file would have to belong to the user who reads it, which files of a
Secret never do, and would need some characters of the password quoted."""


@dataclass(frozen=True, kw_only=True)
class RemotePostgresArgs:
    """Where the server is and who may administer it."""

    host: pulumi.Input[str]
    port: int
    authority: pulumi.Input[str]
    """PEM of the authorities that sign its certificates."""
    addresses: tuple[pulumi.Input[str], ...]
    """IPv4 ranges in which it answers: its subnets'."""
    administrator: str
    """Name of its role with CREATEDB and CREATEROLE that is a member of pg_signal_backend."""
    credentials: ForeignSecret
    """The secret with that role's `username` and `password`, which may change at any time."""
    vault: Vault
    image: str
    """Image with psql."""
    slots: Slots
    tenants: tuple[str, ...]
    """Names of the tenants. The logins of others are shut out."""


class RemotePostgres(pulumi.ComponentResource):
    """The way to make databases on a server that is not a pod of this cluster."""

    server: DatabaseServer
    """How the server is used."""
    delivery: Delivery
    """To the namespace of its jobs."""

    def __init__(
        self, name: str, args: RemotePostgresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:RemotePostgres", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespace = closed_namespace(name, child)
        access = SecretAccess(
            f"{name}-access",
            SecretAccessArgs(
                vault=args.vault, namespace=NAMESPACE, ready=namespace, also=(args.credentials,)
            ),
            child,
        )
        secret = external_secret(
            f"{name}-administrator",
            metadata=ObjectMetaArgs(
                name=ADMINISTRATOR, namespace=namespace, labels=labels(ADMINISTRATOR, "store")
            ),
            store=access.store,
            remote={"key": args.credentials.arn},
            refresh=EVERY_MINUTE,
            target={"template": {"data": {FILE: CREDENTIALS}}},
            opts=child,
        )
        self.delivery = access.delivery
        self.server = DatabaseServer(
            host=args.host,
            port=args.port,
            authority=args.authority,
            egress=way_to(args.addresses, args.port),
            namespace=namespace,
            image=args.image,
            administrator=Administrator(
                user=args.administrator,
                superuser=False,
                environment={"PGSERVICE": SERVICE, "PGSERVICEFILE": f"{FOLDER}/{FILE}"},
                files=[secret_files(SERVICE, secret, FOLDER)],
            ),
        )
        removed = Statements(workload="retire-tenants", sql=retirement(args.tenants))
        run(f"{name}-retirement", removed, self.server, args.slots, self)
        self.register_outputs({"namespace": namespace})
