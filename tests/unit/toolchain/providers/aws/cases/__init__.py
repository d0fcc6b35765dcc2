"""A sample of every resource type that is rehearsed, a module for each area as in the provider."""

from tests.unit.toolchain.providers.aws.cases import buckets, identity, keys, logs, network
from tests.unit.toolchain.providers.aws.stand_in import Case

CASES: dict[str, Case] = {
    case.token: case for area in (buckets, identity, keys, logs, network) for case in area.CASES
}
