"""PostgreSQL in the cluster: one server, TLS and a password for everybody, data on a volume."""

from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetSpecArgs
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    EnvVarArgs,
    PersistentVolumeClaimArgs,
    PersistentVolumeClaimSpecArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    Secret,
    Service,
    ServicePortArgs,
    ServiceSpecArgs,
    VolumeMountArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicyIngressRuleArgs

from components.hardening import container_security, pod_security, scratch
from components.labels import TENANT, access, labels, selector
from components.network.policy import allow, pods_anywhere, pods_in, tcp
from components.secrets import Authority, Credential, CredentialArgs, ServerCertificate, Slots
from components.secrets.authority import service_names
from components.settings import Bytes
from components.stores.settings import PostgresSettings
from components.workload import account, exec_probe, secret_files

NAME: Final = "postgres"
PORT: Final = 5432
SUPERUSER: Final = "postgres"
DATA: Final = "/var/lib/postgresql/data"
ACTIVE_KEY: Final = "active"
PREVIOUS_KEY: Final = "previous"
# A fast shutdown ends sessions and writes a checkpoint; a large cache takes its time.
GRACE_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """What the server is made from."""

    settings: PostgresSettings
    image: str
    namespace: pulumi.Input[str]
    authority: Authority
    slots: Slots


def volume_claim(size: Bytes) -> PersistentVolumeClaimArgs:
    """The claim named `data`, from the cluster's default storage class."""
    return PersistentVolumeClaimArgs(
        metadata=ObjectMetaArgs(name="data"),
        spec=PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            resources=VolumeResourceRequirementsArgs(requests={"storage": size}),
        ),
    )


def server_files(certificate: ServerCertificate) -> dict[str, pulumi.Output[str]]:
    """A server certificate under the file names that TLS secrets have."""
    return {
        "tls.crt": certificate.certificate,
        "tls.key": certificate.key,
        "ca.crt": certificate.authority,
    }


class Postgres(pulumi.ComponentResource):
    """A server at `host`:`port` that takes TLS connections with a SCRAM password, and no others."""

    host: pulumi.Output[str]
    """DNS name of the server, the name in its certificate."""
    port: int
    """TCP port."""
    namespace: pulumi.Output[str]
    """Where it runs, and where jobs that use the superuser's password have to."""
    password_secret: pulumi.Output[str]
    """Name of the Secret with the superuser's passwords, `active` and `previous`."""
    image: str
    """The server's image; it carries the client too."""

    def __init__(
        self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:stores:Postgres", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        own, pods = labels(NAME, "store"), selector(NAME, "store")
        namespace = pulumi.Output.from_input(args.namespace)
        unnamed = ObjectMetaArgs(namespace=namespace, labels=own)
        named = ObjectMetaArgs(name=NAME, namespace=namespace, labels=own)

        credential = Credential(f"{name}-superuser", CredentialArgs(slots=args.slots), child)
        # Named and mutable: a rotation must not restart the server. The job that provisions
        # databases sets the new password, and a restarted server finds it in the same file.
        password = Secret(
            f"{name}-superuser",
            metadata=ObjectMetaArgs(name=f"{NAME}-superuser", namespace=namespace, labels=own),
            string_data={
                ACTIVE_KEY: credential.active,
                PREVIOUS_KEY: credential.passwords[1 - args.slots.active],
            },
            opts=child,
        )
        certificate = Secret(
            f"{name}-tls",
            metadata=unnamed,
            string_data=server_files(args.authority.issue(name, service_names(NAME, "stores"))),
            immutable=True,
            opts=child,
        )
        service = Service(
            f"{name}-service",
            metadata=named,
            spec=ServiceSpecArgs(
                selector=pods, ports=[ServicePortArgs(name="postgres", port=PORT)]
            ),
            opts=child,
        )
        allow(
            f"{name}-network",
            metadata=named,
            pods=pods,
            ingress=[
                NetworkPolicyIngressRuleArgs(
                    from_=[
                        pods_anywhere(TENANT, access(NAME)),
                        pods_in(namespace, access(NAME)),
                    ],
                    ports=tcp(PORT),
                )
            ],
            opts=child,
        )
        StatefulSet(
            f"{name}-server",
            metadata=named,
            spec=self._spec(
                args,
                password=password.metadata.name,
                certificate=certificate.metadata.name,
                identity=account(f"{name}-account", named, child).metadata.name,
            ),
            opts=child,
        )
        self.host = pulumi.Output.format("{0}.{1}.svc", service.metadata.name, namespace)
        self.port = PORT
        self.namespace = namespace
        self.password_secret = password.metadata.name
        self.image = args.image
        self.register_outputs({"host": self.host, "port": self.port})

    def _spec(
        self,
        args: PostgresArgs,
        *,
        password: pulumi.Input[str],
        certificate: pulumi.Input[str],
        identity: pulumi.Input[str],
    ) -> StatefulSetSpecArgs:
        tmp, tmp_mount = scratch()
        secret, secret_mount = secret_files("superuser", password, "/run/secrets/postgres")
        tls, tls_mount = secret_files("tls", certificate, "/run/tls")
        ready = exec_probe(
            "pg_isready",
            "--host=/tmp",
            f"--port={PORT}",
            period=5,
            failures=3,
        )
        server = ContainerArgs(
            name=NAME,
            image=args.image,
            args=["-c", f"max_connections={args.settings.max_connections}"],
            env=[
                EnvVarArgs(name="PGDATA", value=f"{DATA}/pgdata"),
                EnvVarArgs(
                    name="POSTGRES_PASSWORD_FILE", value=f"/run/secrets/postgres/{ACTIVE_KEY}"
                ),
            ],
            ports=[ContainerPortArgs(name="postgres", container_port=PORT)],
            resources=args.settings.resources.requirements(),
            startup_probe=exec_probe(
                "pg_isready",
                "--host=/tmp",
                f"--port={PORT}",
                period=2,
                failures=60,
            ),
            readiness_probe=ready,
            liveness_probe=exec_probe(
                "pg_isready",
                "--host=/tmp",
                f"--port={PORT}",
                period=10,
                failures=6,
            ),
            security_context=container_security(),
            volume_mounts=[
                VolumeMountArgs(name="data", mount_path=DATA),
                tmp_mount,
                secret_mount,
                tls_mount,
            ],
        )
        pods = selector(NAME, "store")
        return StatefulSetSpecArgs(
            # By its plain name: the service is not ready before the pods it selects are.
            service_name=NAME,
            replicas=1,
            selector=LabelSelectorArgs(match_labels=pods),
            template=PodTemplateSpecArgs(
                metadata=ObjectMetaArgs(labels=labels(NAME, "store")),
                spec=PodSpecArgs(
                    service_account_name=identity,
                    automount_service_account_token=False,
                    enable_service_links=False,
                    security_context=pod_security(),
                    termination_grace_period_seconds=GRACE_SECONDS,
                    containers=[server],
                    volumes=[tmp, secret, tls],
                ),
            ),
            volume_claim_templates=[volume_claim(args.settings.storage)],
        )
