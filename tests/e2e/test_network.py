"""e2e: who may talk to whom, by real connections from real pods, each pair tried."""

from collections.abc import Iterator

import pytest

from components.edge.proxy import PODS as GATEWAY
from components.labels import access, selector
from tests.e2e.platform import AGENT, TENANT
from tests.e2e.probes import Source, connections, targets

pytestmark = pytest.mark.e2e

OPEN = frozenset({"dns", "api server", "gateway http"})
SOURCES = {
    "agent": Source(
        TENANT,
        {**selector(AGENT, "agent"), **access("postgres", "redis")},
        frozenset({"dns", "postgres", "redis"}),
    ),
    "migration": Source(
        TENANT,
        {**selector(f"{AGENT}-migration", "job"), **access("postgres")},
        frozenset({"dns", "postgres"}),
    ),
    "stranger in the tenant": Source(TENANT, {"app": "stranger"}, frozenset()),
    "gateway": Source("gateway", GATEWAY, frozenset({"dns", "api server", "agent http"})),
    "store": Source("stores", selector("postgres", "store"), frozenset()),
    "monitoring": Source(
        "monitoring", {"app": "prometheus"}, OPEN | {"agent metrics", "gateway metrics"}
    ),
    "stranger elsewhere": Source("elsewhere", {"app": "stranger"}, OPEN),
    "impostor with a store's label": Source("elsewhere", access("postgres", "redis"), OPEN),
}
TARGETS = (
    "dns",
    "api server",
    "agent http",
    "agent metrics",
    "gateway http",
    "gateway metrics",
    "postgres",
    "redis",
)


@pytest.fixture(scope="module")
def matrix() -> Iterator[dict[str, dict[str, bool]]]:
    """Per source, which targets took a connection."""
    addresses = targets()
    assert tuple(addresses) == TARGETS
    with connections(SOURCES, addresses, namespaces=("monitoring", "elsewhere")) as seen:
        yield seen


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SOURCES)
def test_a_connection_goes_through_exactly_where_a_policy_allows_it(
    matrix: dict[str, dict[str, bool]], source: str, target: str
) -> None:
    assert matrix[source][target] is (target in SOURCES[source].reaches)
