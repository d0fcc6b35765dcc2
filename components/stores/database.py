"""A tenant's database: a database and an owner of its own, and two logins that take turns."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobSpecArgs
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ContainerArgs,
    EnvVarArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    Secret,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.hardening import Compute, container_security, pod_security, scratch
from components.labels import access, labels, selector
from components.network.policy import allow, dns, pods_in, tcp
from components.network.policy import egress as towards
from components.secrets import Credential, CredentialArgs, CredentialSettings, Slots
from components.stores.postgres import ACTIVE_KEY, PREVIOUS_KEY, SUPERUSER, Postgres
from components.stores.postgres import NAME as SERVER
from components.workload import account, config_files, secret_files

LOGINS: Final = ("a", "b")
_RESOURCES: Final = Compute(cpu="50m", memory="64Mi", cpu_limit="500m", memory_limit="128Mi")

# A statement that fails is logged with its text, which holds a password; and two tenants' jobs that
# run at once would meet in the same catalogues.
_QUIET: Final = "SET log_min_error_statement = panic;\nSELECT pg_advisory_lock(7177) \\g /dev/null"

# The superuser's password may have rotated since the server started: the previous one then still
# opens the door, and sets the active one.
SCRIPT: Final = rf"""set -eu
superuser=/run/secrets/superuser
connects() {{ PGPASSWORD="$(cat "$superuser/$1")" psql --quiet --command 'SELECT' >/dev/null 2>&1; }}
if ! connects {ACTIVE_KEY}; then
  connects {PREVIOUS_KEY} || {{
    echo "neither password of {SUPERUSER} opens the server: more than one rotation has passed since" \
      "it started, or it cannot be reached. A restart of its pod takes up the active one" >&2
    exit 1
  }}
  PGPASSWORD="$(cat $superuser/{PREVIOUS_KEY})" psql --quiet --set ON_ERROR_STOP=1 <<'SQL'
{_QUIET}
\set password `cat /run/secrets/superuser/{ACTIVE_KEY}`
ALTER ROLE "{SUPERUSER}" PASSWORD :'password';
SQL
fi
export PGPASSWORD="$(cat $superuser/{ACTIVE_KEY})"
exec psql --quiet --file /etc/provision/provision.sql
"""


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What a database is made from."""

    tenant: str
    server: Postgres
    authority: pulumi.Input[str]
    """PEM of the authority that signed the server's certificate."""
    slots: Slots
    credentials: CredentialSettings


def provisioning(database: str, slots: Slots, previous: str) -> str:
    """psql's input that makes the database, its owner and its logins, and sets the passwords.

    It may run any number of times. Tables belong to the owner, who cannot log in, so that both
    logins see the same ones. Passwords come from files, never from this text. With `previous`
    "revoke" the login that is not active is shut out and its sessions are ended.
    """
    lines = [
        r"\set ON_ERROR_STOP on",
        _QUIET,
        _once("pg_roles", "rolname", database, f'CREATE ROLE "{database}" NOLOGIN'),
        _once(
            "pg_database", "datname", database, f'CREATE DATABASE "{database}" OWNER "{database}"'
        ),
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;',
        "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;",
    ]
    for slot, suffix in enumerate(LOGINS):
        login = f"{database}_{suffix}"
        lines += [
            _once("pg_roles", "rolname", login, f'CREATE ROLE "{login}"'),
            rf"\set password `cat /run/secrets/logins/{suffix}`",
            f"ALTER ROLE \"{login}\" LOGIN PASSWORD :'password';",
            f'GRANT "{database}" TO "{login}";',
            f'ALTER ROLE "{login}" SET role = "{database}";',
        ]
        if slot != slots.active and previous == "revoke":
            lines += [
                f'ALTER ROLE "{login}" NOLOGIN;',
                "SELECT count(pg_terminate_backend(pid)) AS ended_sessions "  # noqa: S608 (a checked name)
                f"FROM pg_stat_activity WHERE usename = '{login}';",
            ]
    return "\n".join(lines) + "\n"


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
        own, pods = labels(workload, "job"), selector(workload, "job")
        metadata = ObjectMetaArgs(namespace=args.server.namespace, labels=own)

        credential = Credential(f"{name}-login", CredentialArgs(slots=args.slots), child)
        logins = Secret(
            f"{name}-logins",
            metadata=metadata,
            string_data=dict(zip(LOGINS, credential.passwords, strict=True)),
            immutable=True,
            opts=child,
        )
        script = ConfigMap(
            f"{name}-script",
            metadata=metadata,
            data={
                "provision.sh": SCRIPT,
                "provision.sql": provisioning(args.tenant, args.slots, args.credentials.previous),
                "ca.crt": args.authority,
            },
            immutable=True,
            opts=child,
        )
        network = allow(
            f"{name}-network",
            metadata=metadata,
            pods=pods,
            egress=[
                dns(),
                towards(
                    pods_in(args.server.namespace, selector(SERVER, "store")), tcp(args.server.port)
                ),
            ],
            opts=child,
        )
        job = Job(
            f"{name}-provision",
            metadata=metadata,
            spec=JobSpecArgs(
                # The server may be restarting; each try starts with a new connection.
                backoff_limit=6,
                active_deadline_seconds=300,
                template=PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(
                        labels={**own, **access(SERVER)},
                        # A new superuser's password comes in the same files: run again for it.
                        annotations={"agents.platform/credentials": str(args.slots.period)},
                    ),
                    spec=self._pod(
                        args,
                        logins=logins.metadata.name,
                        script=script.metadata.name,
                        identity=account(f"{name}-account", metadata, child).metadata.name,
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.server, network]),
        )

        # What depends on these outputs depends on the job having run.
        done = job.id
        self.name = done.apply(lambda _: args.tenant)
        self.user = done.apply(lambda _: f"{args.tenant}_{LOGINS[args.slots.active]}")
        self.password = pulumi.Output.all(credential.active, done).apply(lambda both: both[0])
        self.register_outputs({"name": self.name, "user": self.user})

    def _pod(
        self,
        args: DatabaseArgs,
        *,
        logins: pulumi.Input[str],
        script: pulumi.Input[str],
        identity: pulumi.Input[str],
    ) -> PodSpecArgs:
        tmp, tmp_mount = scratch()
        files, files_mount = config_files("provision", script, "/etc/provision")
        passwords, passwords_mount = secret_files("logins", logins, "/run/secrets/logins")
        superuser, superuser_mount = secret_files(
            "superuser", args.server.password_secret, "/run/secrets/superuser"
        )
        return PodSpecArgs(
            restart_policy="Never",
            service_account_name=identity,
            automount_service_account_token=False,
            enable_service_links=False,
            security_context=pod_security(),
            containers=[
                ContainerArgs(
                    name="provision",
                    image=args.server.image,
                    command=["sh", "/etc/provision/provision.sh"],
                    env=[
                        EnvVarArgs(name="PGHOST", value=args.server.host),
                        EnvVarArgs(name="PGPORT", value=str(args.server.port)),
                        EnvVarArgs(name="PGUSER", value=SUPERUSER),
                        EnvVarArgs(name="PGDATABASE", value="postgres"),
                        EnvVarArgs(name="PGSSLMODE", value="verify-full"),
                        EnvVarArgs(name="PGSSLROOTCERT", value="/etc/provision/ca.crt"),
                        EnvVarArgs(name="PGCONNECT_TIMEOUT", value="10"),
                    ],
                    resources=_RESOURCES.requirements(),
                    security_context=container_security(),
                    volume_mounts=[tmp_mount, files_mount, passwords_mount, superuser_mount],
                )
            ],
            volumes=[tmp, files, passwords, superuser],
        )
