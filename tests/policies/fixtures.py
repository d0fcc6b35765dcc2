"""The fixtures of all rules, and the stack that each set of them changes."""

from collections.abc import Iterator
from typing import Any, Final

from policies.catalogue import RULES
from policies.rule import AnyRule, defaults
from tests.policies.aws_cluster_cases import CLUSTER_CASES
from tests.policies.aws_edge_cases import BALANCER_CASES, HELM_CASES, SPENDING_CASES
from tests.policies.aws_identity_cases import IDENTITY_CASES
from tests.policies.aws_network_cases import ACCOUNT_CASES, NETWORK_CASES, NODE_CASES
from tests.policies.aws_record_cases import RECORD_CASES, SECRET_CASES
from tests.policies.aws_store_cases import BUCKET_CASES, CACHE_CASES, DATABASE_CASES
from tests.policies.aws_world import OPTIONS, aws_world
from tests.policies.cases import ACCESS, IMAGES, SECRETS, Case
from tests.policies.more_cases import NETWORK, WORKLOADS
from tests.policies.pod_cases import BASELINE, RESTRICTED
from tests.policies.wiring_cases import TENANCY, WIRING
from tests.policies.world import Change, Declared, changed, world

_IN_A_CLUSTER: Final[dict[str, Case]] = {
    **BASELINE,
    **RESTRICTED,
    **IMAGES,
    **SECRETS,
    **ACCESS,
    **NETWORK,
    **WORKLOADS,
    **WIRING,
    **TENANCY,
}
_ON_AWS: Final[dict[str, Case]] = {
    **ACCOUNT_CASES,
    **NETWORK_CASES,
    **NODE_CASES,
    **CLUSTER_CASES,
    **IDENTITY_CASES,
    **BALANCER_CASES,
    **HELM_CASES,
    **SPENDING_CASES,
    **DATABASE_CASES,
    **CACHE_CASES,
    **BUCKET_CASES,
    **SECRET_CASES,
    **RECORD_CASES,
}
CASES: Final = {**_IN_A_CLUSTER, **_ON_AWS}
BY_NAME: Final = {rule.name: rule for rule in RULES}

JUDGED_BY_TYPE: Final = frozenset(
    {"forbid-classic-balancer", "forbid-lasting-credentials", "forbid-public-registry"}
)
"""Rules that look at a resource's type alone, which is always known."""
JUDGED_BY_PRESENCE: Final = frozenset(
    {"require-log-encryption", "require-secret-key", "require-vault-encryption"}
)
"""Rules that ask whether a property is there. Of one that is not known yet, that is known."""


def base(name: str) -> dict[str, Declared]:
    """The stack that the fixtures of a rule change."""
    return aws_world() if name in _ON_AWS else world()


def stack_after(name: str, change: Change) -> dict[str, Declared]:
    """The stack after one change of a rule's fixtures."""
    return changed(change, base(name))


def settings(rule: AnyRule) -> dict[str, Any]:
    """What the rule is told in these tests: its defaults, and names where it has none."""
    return {**defaults(rule), **OPTIONS.get(rule.name, {})}


def fixtures(kind: str) -> Iterator[tuple[str, int, Change]]:
    """Every change of a `kind` (passing, failing, unknown), with its rule and its number."""
    for name, case in CASES.items():
        for number, change in enumerate(getattr(case, kind), 1):
            yield name, number, change
