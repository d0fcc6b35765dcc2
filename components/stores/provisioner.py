"""SQL that the database's provisioner runs, once for each text, as a Job beside the server."""

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
from components.stores.postgres import NAME as SERVER
from components.stores.postgres import PASSWORD_KEY, PROVISIONER, SUPERUSER, Postgres
from components.stores.server import Files
from components.workload import account, config_files, secret_files

_RESOURCES: Final = Compute(cpu="50m", memory="64Mi", cpu_limit="500m", memory_limit="128Mi")

QUIET: Final = "SET log_min_error_statement = panic;\nSELECT pg_advisory_lock(7177) \\g /dev/null"
"""First statements of every text. One that fails would be logged whole, with a password in it; and
two jobs that run at once would meet in the same catalogues."""

SUPERUSERS_PASSWORD: Final = rf"""\set password `cat /run/secrets/superuser/{PASSWORD_KEY}`
ALTER ROLE "{SUPERUSER}" PASSWORD :'password';
"""
"""The server only reads it when it starts; a rotation is not to wait for that."""


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
            "run.sql": f"{QUIET}\n{SUPERUSERS_PASSWORD}{statements.sql}",
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
        secret_files("provisioner", server.provisioner_secret, "/run/secrets/provisioner"),
        *statements.files,
    ]
    identity = account(f"{name}-account", metadata, child).metadata.name
    return Job(
        f"{name}-provision",
        metadata=metadata,
        spec=JobSpecArgs(
            # The server may be restarting; each try starts with a new connection, and the pauses
            # between them double from ten seconds on.
            backoff_limit=4,
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
        "PGUSER": PROVISIONER,
        "PGDATABASE": "postgres",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/psql/ca.crt",
        "PGSSLCERT": "/run/secrets/provisioner/tls.crt",
        "PGSSLKEY": "/run/secrets/provisioner/tls.key",
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
                command=["psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file=/etc/psql/run.sql"],
                env=[EnvVarArgs(name=name, value=value) for name, value in connection.items()],
                resources=_RESOURCES.requirements(),
                security_context=container_security(),
                volume_mounts=[mount for _, mount in files],
            )
        ],
        volumes=[volume for volume, _ in files],
    )
