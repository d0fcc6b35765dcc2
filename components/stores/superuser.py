"""SQL that the database's superuser runs, once for each text, as a Job beside the server."""

from collections.abc import Sequence
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
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.hardening import Compute, container_security, pod_security, scratch
from components.labels import access, labels, selector
from components.network.policy import allow, dns, egress, pods_in, tcp
from components.secrets import Slots
from components.stores.postgres import ACTIVE_KEY, PREVIOUS_KEY, SUPERUSER, Postgres
from components.stores.postgres import NAME as SERVER
from components.stores.server import Files
from components.workload import account, config_files, secret_files

_RESOURCES: Final = Compute(cpu="50m", memory="64Mi", cpu_limit="500m", memory_limit="128Mi")

QUIET: Final = "SET log_min_error_statement = panic;\nSELECT pg_advisory_lock(7177) \\g /dev/null"
"""First statements of every text. One that fails would be logged whole, with a password in it; and
two jobs that run at once would meet in the same catalogues."""

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
{QUIET}
\set password `cat /run/secrets/superuser/{ACTIVE_KEY}`
ALTER ROLE "{SUPERUSER}" PASSWORD :'password';
SQL
fi
export PGPASSWORD="$(cat $superuser/{ACTIVE_KEY})"
exec psql --quiet --set ON_ERROR_STOP=1 --file /etc/psql/run.sql
"""


@dataclass(frozen=True, kw_only=True)
class Statements:
    """What is run, and by which name the job goes."""

    workload: str
    sql: str
    files: Sequence[Files] = ()
    """Secrets that the text reads, so that it holds none itself."""


def run(
    name: str, statements: Statements, server: Postgres, slots: Slots, parent: pulumi.Resource
) -> Job:
    """A Job that has succeeded once its outputs are known. Another text, or a rotation, is run anew."""
    child = pulumi.ResourceOptions(parent=parent)
    own, pods = labels(statements.workload, "job"), selector(statements.workload, "job")
    metadata = ObjectMetaArgs(namespace=server.namespace, labels=own)
    script = ConfigMap(
        f"{name}-script",
        metadata=metadata,
        data={
            "run.sh": SCRIPT,
            "run.sql": f"{QUIET}\n{statements.sql}",
            "ca.crt": server.authority,
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
            egress(pods_in(server.namespace, selector(SERVER, "store")), tcp(server.port)),
        ],
        opts=child,
    )
    files = [
        scratch(),
        config_files("psql", script.metadata.name, "/etc/psql"),
        secret_files("superuser", server.password_secret, "/run/secrets/superuser"),
        *statements.files,
    ]
    identity = account(f"{name}-account", metadata, child).metadata.name
    return Job(
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
                    annotations={"agents.platform/credentials": str(slots.period)},
                ),
                spec=_pod(server, identity, files),
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[server, network]),
    )


def _pod(server: Postgres, identity: pulumi.Input[str], files: Sequence[Files]) -> PodSpecArgs:
    connection = {
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": SUPERUSER,
        "PGDATABASE": "postgres",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/psql/ca.crt",
        "PGCONNECT_TIMEOUT": "10",
    }
    return PodSpecArgs(
        restart_policy="Never",
        service_account_name=identity,
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=pod_security(),
        containers=[
            ContainerArgs(
                name="psql",
                image=server.image,
                command=["sh", "/etc/psql/run.sh"],
                env=[EnvVarArgs(name=name, value=value) for name, value in connection.items()],
                resources=_RESOURCES.requirements(),
                security_context=container_security(),
                volume_mounts=[mount for _, mount in files],
            )
        ],
        volumes=[volume for volume, _ in files],
    )
