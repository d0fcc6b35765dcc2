"""A store as those see it who use it: where it answers and what opens it, whoever runs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyPeerArgs,
)

from components.network.policy import tcp
from components.stores.server import Files


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """The role that makes databases and logins, and how a job becomes it."""

    user: str
    superuser: bool
    """Without it, its rights come from CREATEDB, CREATEROLE and membership in pg_signal_backend."""
    environment: Mapping[str, str]
    """Of psql, for libpq: where the credentials are among `files`."""
    files: Sequence[Files]
    preamble: str = ""
    """psql's input that comes before every text."""


@dataclass(frozen=True, kw_only=True)
class DatabaseServer:
    """A PostgreSQL server that takes TLS connections with a SCRAM password."""

    host: pulumi.Input[str]
    """DNS name of the server, the name in its certificate."""
    port: int
    authority: pulumi.Input[str]
    """PEM of the authorities that may have signed its certificate."""
    egress: NetworkPolicyEgressRuleArgs
    """The way to it, for the network policy of a pod that may go."""
    namespace: pulumi.Input[str]
    """Where the jobs that make databases run."""
    image: str
    """Image of those jobs, with psql."""
    administrator: Administrator
    ready: Sequence[pulumi.Resource] = ()
    """What jobs wait for."""


@dataclass(frozen=True, kw_only=True)
class CacheServer:
    """A Redis server that takes TLS connections of its tenants' users."""

    host: pulumi.Input[str]
    """DNS name of the server, the name in its certificate."""
    port: int
    passwords: Mapping[str, pulumi.Output[str]]
    """Per tenant, the password of its user, secret. The user has the tenant's name."""
    egress: NetworkPolicyEgressRuleArgs
    """The way to it, for the network policy of a pod that may go."""
    authority: pulumi.Input[str] | None = None
    """PEM of the authorities that may have signed its certificate; the database's, if not given."""


def way_to(addresses: Sequence[pulumi.Input[str]], port: int) -> NetworkPolicyEgressRuleArgs:
    """Out to `port` of IPv4 ranges: what answers there has no labels that a policy could name."""
    return NetworkPolicyEgressRuleArgs(
        to=[NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=each)) for each in addresses],
        ports=tcp(port),
    )
