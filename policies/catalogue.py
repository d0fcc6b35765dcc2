"""Every rule of the pack, in the order in which they are documented and run."""

from typing import Final

from policies import (
    images,
    network,
    pod_baseline,
    pod_restricted,
    rbac,
    secrets,
    tenancy,
    wiring,
    workloads,
)
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
}
RULES: Final[tuple[AnyRule, ...]] = tuple(rule for group in GROUPS.values() for rule in group)
