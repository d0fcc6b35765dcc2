"""Every rule of the pack, in the order in which they are documented and run."""

from typing import Final

from policies import (
    helm,
    images,
    network,
    pod_baseline,
    pod_restricted,
    rbac,
    secrets,
    spending,
    tenancy,
    wiring,
    workloads,
)
from policies.aws import account, balancer, caches, cluster, databases, identity, nodes, records
from policies.aws import network as aws_network
from policies.aws import secrets as aws_secrets
from policies.aws import storage as aws_storage
from policies.rule import AnyRule

GROUPS: Final[dict[str, tuple[AnyRule, ...]]] = {
    "Pod security: baseline": pod_baseline.RULES,
    "Pod security: restricted and beyond": pod_restricted.RULES,
    "Images": images.RULES,
    "Secrets": secrets.RULES,
    "Access": rbac.RULES,
    "Network": network.RULES,
    "Workloads": workloads.RULES,
    "Wiring": wiring.RULES,
    "Tenancy": tenancy.RULES,
    "Helm releases": helm.RULES,
    "AWS: account": account.RULES,
    "AWS: network": aws_network.RULES,
    "AWS: clusters": cluster.RULES,
    "AWS: nodes": nodes.RULES,
    "AWS: identity": identity.RULES,
    "AWS: load balancers": balancer.RULES,
    "AWS: databases": databases.RULES,
    "AWS: caches": caches.RULES,
    "AWS: buckets": aws_storage.RULES,
    "AWS: keys and secrets": aws_secrets.RULES,
    "AWS: logs, images, backups": records.RULES,
    "Spending": spending.RULES,
}
PROTECTION: Final = frozenset(
    {
        "forbid-deletion-for-good",
        "require-balancer-protection",
        "require-cluster-protection",
        "require-database-protection",
        "require-key-window",
        "require-secret-window",
    }
)
"""What a stack breaks that is made to be taken away again (`cluster.protect: false`)."""
RULES: Final[tuple[AnyRule, ...]] = tuple(rule for group in GROUPS.values() for rule in group)
