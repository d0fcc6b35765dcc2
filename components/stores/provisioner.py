"""SQL that a database server's administrator runs, once for each text, as a Job."""

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
from components.network.policy import allow, dns
from components.secrets import Slots
from components.stores.endpoint import Administrator, DatabaseServer
from components.stores.server import Files
from components.workload import account, config_files

_RESOURCES: Final = Compute(cpu="50m", memory="64Mi", cpu_limit="500m", memory_limit="128Mi")

LOCK: Final = "SELECT pg_advisory_lock(7177) \\g /dev/null"
"""Of every text: two jobs that run at once would meet in the same catalogues."""
QUIET: Final = "SET log_min_error_statement = panic;"
"""A statement that fails would be logged whole, with a password in it. Who is no superuser may not
say so, and is given verifiers instead of passwords."""


@dataclass(frozen=True, kw_only=True)
class Statements:
    """What is run, and by which name the job goes."""

    workload: str
    sql: str
    files: Sequence[Files] = ()
    """Secrets that the text reads, so that it holds none itself."""


def script(administrator: Administrator, sql: str) -> str:
    """psql's input that runs `sql` as `administrator`, alone."""
    before = [QUIET, LOCK] if administrator.superuser else [LOCK]
    return "\n".join([*before, administrator.preamble + sql])


def run(
    name: str, statements: Statements, server: DatabaseServer, slots: Slots, parent: pulumi.Resource
) -> Job:
    """A Job that has succeeded once its outputs are known. Another text, or a rotation, is run anew."""
    child = pulumi.ResourceOptions(parent=parent)
    own, pods = labels(statements.workload, "job"), selector(statements.workload, "job")
    metadata = ObjectMetaArgs(namespace=server.namespace, labels=own)
    texts = ConfigMap(
        f"{name}-script",
        metadata=metadata,
        data={
            "run.sql": script(server.administrator, statements.sql),
            "ca.crt": server.authority,
        },
        immutable=True,
        opts=child,
    )
    network = allow(
        f"{name}-network",
        metadata=metadata,
        pods=pods,
        egress=[dns(), server.egress],
        opts=child,
    )
    files = [
        scratch(),
        config_files("psql", texts.metadata.name, "/etc/psql"),
        *server.administrator.files,
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
                    labels={**own, **access("postgres")},
                    # A new password of a superuser comes in the same files: run again for it.
                    annotations={"agents.platform/credentials": str(slots.period)},
                ),
                spec=_pod(server, identity, files),
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[*server.ready, network]),
    )


def _pod(
    server: DatabaseServer, identity: pulumi.Input[str], files: Sequence[Files]
) -> PodSpecArgs:
    connection = {
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": server.administrator.user,
        "PGDATABASE": "postgres",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/psql/ca.crt",
        **server.administrator.environment,
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
