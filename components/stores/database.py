"""A tenant's database: a database and an owner of its own, and two logins that take turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.labels import labels
from components.secrets import (
    DIRECT,
    Credential,
    CredentialArgs,
    CredentialSettings,
    Delivery,
    Slots,
)
from components.stores.endpoint import DatabaseServer
from components.stores.provisioner import Statements, run
from components.stores.scram import verifier
from components.workload import secret_files

LOGINS: Final = ("a", "b")
_MARK: Final = "login of tenant "
"""Begins the comment on every login, by which those of removed tenants are found."""
_CLOSE_OWN: Final = (
    "SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname) FROM pg_database "
    "WHERE pg_get_userbyid(datdba) = current_user \\gexec"
)
"""Where the service that runs the server owns template1, only that service can close it."""


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What a database is made from."""

    tenant: str
    server: DatabaseServer
    slots: Slots
    credentials: CredentialSettings
    delivery: Delivery = DIRECT
    """To the namespace of the server's jobs."""


def provisioning(database: str, slots: Slots, previous: str, *, superuser: bool = True) -> str:
    """psql's input that makes the database, its owner and its logins, and sets the passwords.

    It may run any number of times. Tables belong to the owner, who cannot log in, so that both
    logins see the same ones. Passwords come from files, never from this text. With `previous`
    "revoke" the login that is not active is shut out and its sessions are ended. Who runs it and is
    no `superuser` becomes a member of the owner, and closes what databases are its own.
    """
    lines = [
        _once("pg_roles", "rolname", database, f'CREATE ROLE "{database}" NOLOGIN'),
        *([] if superuser else [f'GRANT "{database}" TO CURRENT_USER;']),
        _once(
            "pg_database", "datname", database, f'CREATE DATABASE "{database}" OWNER "{database}"'
        ),
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;',
        "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;" if superuser else _CLOSE_OWN,
    ]
    for slot, suffix in enumerate(LOGINS):
        login = f"{database}_{suffix}"
        revoked = slot != slots.active and previous == "revoke"
        lines += [
            _once("pg_roles", "rolname", login, f'CREATE ROLE "{login}"'),
            *(_shut_out(login) if revoked else _let_in(login, suffix)),
            f"COMMENT ON ROLE \"{login}\" IS '{_MARK}{database}';",
            f'GRANT "{database}" TO "{login}";',
            f'ALTER ROLE "{login}" SET role = "{database}";',
        ]
    return "\n".join(lines) + "\n"


def _let_in(login: str, suffix: str) -> list[str]:
    return [
        rf"\set password `cat /run/secrets/logins/{suffix}`",
        f"ALTER ROLE \"{login}\" LOGIN PASSWORD :'password';",
    ]


def _shut_out(login: str) -> list[str]:
    return [
        f'ALTER ROLE "{login}" NOLOGIN PASSWORD NULL;',
        "SELECT count(pg_terminate_backend(pid)) AS ended_sessions "  # noqa: S608 (a checked name)
        f"FROM pg_stat_activity WHERE usename = '{login}';",
    ]


def retirement(tenants: Sequence[str]) -> str:
    """psql's input that shuts out the logins of every tenant but these, and ends their sessions.

    Their databases stay: data is deleted by a person, not by a line missing from a file.
    """
    kept = ", ".join(f"'{_MARK}{tenant}'" for tenant in sorted(tenants))
    left = (
        f"FROM pg_roles WHERE shobj_description(oid, 'pg_authid') LIKE '{_MARK}%' "
        f"AND shobj_description(oid, 'pg_authid') NOT IN ({kept})"
    )
    sessions = f"FROM pg_stat_activity WHERE usename IN (SELECT rolname {left})"
    return (
        f"SELECT format('ALTER ROLE %I NOLOGIN PASSWORD NULL', rolname) {left} \\gexec\n"
        f"SELECT count(pg_terminate_backend(pid)) AS ended_sessions {sessions};\n"
    )


def _once(catalog: str, column: str, name: str, statement: str) -> str:
    return (
        f"SELECT '{statement}' WHERE NOT EXISTS "  # noqa: S608 (names are checked DNS labels)
        f"(SELECT FROM {catalog} WHERE {column} = '{name}') \\gexec"
    )


class Database(pulumi.ComponentResource):
    """A database that only its tenant's logins may connect to. Known outputs mean it is there."""

    name: pulumi.Output[str]
    """Name of the database, which is the tenant's."""
    user: pulumi.Output[str]
    """The login to use now."""
    password: pulumi.Output[str]
    """Its password, secret."""

    def __init__(
        self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Database", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        workload = f"provision-{args.tenant}"
        credential = Credential(f"{name}-login", CredentialArgs(slots=args.slots), child)
        superuser = args.server.administrator.superuser
        logins = args.delivery.deliver(
            f"{name}-logins",
            metadata=ObjectMetaArgs(
                namespace=args.server.namespace, labels=labels(workload, "job")
            ),
            files={
                suffix: password if superuser else _verifier(password, f"{args.tenant}_{suffix}")
                for suffix, password in zip(LOGINS, credential.passwords, strict=True)
            },
            opts=child,
        )
        statements = Statements(
            workload=workload,
            sql=provisioning(
                args.tenant, args.slots, args.credentials.previous, superuser=superuser
            ),
            files=[secret_files("logins", logins, "/run/secrets/logins")],
        )
        # What depends on these outputs depends on the job having run.
        done = run(name, statements, args.server, args.slots, self).id
        self.name = done.apply(lambda _: args.tenant)
        self.user = done.apply(lambda _: f"{args.tenant}_{LOGINS[args.slots.active]}")
        self.password = pulumi.Output.all(credential.active, done).apply(lambda both: both[0])
        self.register_outputs({"name": self.name, "user": self.user})


def _verifier(password: pulumi.Output[str], login: str) -> pulumi.Output[str]:
    return password.apply(lambda known: verifier(known, login))
