"""A sample of every resource type that is rehearsed, a module for each area as in the provider."""

from tests.unit.toolchain.providers.aws.cases import (
    addresses,
    backups,
    balancers,
    bucket_settings,
    buckets,
    caches,
    certificates,
    clusters,
    databases,
    domains,
    endpoints,
    federation,
    firewalls,
    identity,
    keys,
    launch_templates,
    logs,
    network,
    policies,
    registry,
    routes,
    secrets,
    security,
)
from tests.unit.toolchain.providers.aws.stand_in import Case

AREAS = (
    *(addresses, endpoints, federation, launch_templates, policies, registry, routes, security),
    *(buckets, clusters, identity, keys, logs, network),
    *(backups, caches, databases, secrets),
    *(balancers, bucket_settings, certificates, domains, firewalls),
)

CASES: dict[str, Case] = {case.token: case for area in AREAS for case in area.CASES}
