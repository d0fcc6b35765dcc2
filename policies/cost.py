"""What a stack will cost by the month, from what is asked for and a table of prices.

An estimate, for a ceiling and for comparing: no discounts, no free tiers, and traffic as the table
assumes it. Nodes count as many as a group begins with.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pulumi_policy.proxy import UnknownValueError

from policies.prices import PRICERS, Prices, Table, UnpricedError, free, load
from policies.resource import Resource, Stack, at, items, mapping


@dataclass(frozen=True)
class Line:
    """One thing that is paid for."""

    resource: str
    """Name of the resource in the program."""
    component: str
    """Type of the component that it is a child of, such as `agents:network:Network`; empty if none."""
    kind: str
    item: str
    """What is paid for, such as `3 x m7g.large`."""
    monthly: float


@dataclass(frozen=True)
class Estimate:
    """What a stack costs by the month."""

    currency: str
    as_of: str
    """Month of the prices."""
    lines: tuple[Line, ...]
    unpriced: tuple[str, ...]
    """What has no price in the table: kinds, or kinds with what is asked for."""
    undecided: tuple[UnknownValueError, ...] = ()
    """Reads of values that the preview does not know: what is left out."""

    @property
    def monthly(self) -> float:
        """The sum."""
        return sum(line.monthly for line in self.lines)

    def by(self, part: Callable[[Line], str]) -> dict[str, float]:
        """Sums by a part of each line, the largest first."""
        sums: dict[str, float] = {}
        for line in self.lines:
            sums[part(line)] = sums.get(part(line), 0.0) + line.monthly
        return dict(sorted(sums.items(), key=lambda entry: -entry[1]))


def resources_of(export: Mapping[str, Any]) -> list[Resource]:
    """The resources of a stack that `pulumi stack export` has written, as the program asked for them."""
    entries = cast("list[dict[str, Any]]", at(export, "deployment", "resources") or [])
    return [
        Resource(
            entry["type"],
            str(entry["urn"]).rpartition("::")[2],
            entry["urn"],
            mapping(entry.get("inputs")),
            links={
                key: frozenset(str(urn) for urn in items(urns))
                for key, urns in mapping(entry.get("propertyDependencies")).items()
            },
        )
        for entry in entries
        # What waits for its deletion has a successor in the list.
        if not entry.get("delete")
    ]


def estimate(resources: Iterable[Resource], prices: Prices | None = None) -> Estimate:
    """What the AWS resources among `resources` cost by the month, in the region of their provider."""
    table, stack = prices or load(), Stack(tuple(resources))
    lines: list[Line] = []
    unpriced: list[str] = []
    undecided: list[UnknownValueError] = []
    try:
        region = table.regions.get(_region(stack, table))
    except UnknownValueError as error:
        return Estimate(table.currency, table.as_of, (), (), (error,))
    for resource in stack.resources:
        if not resource.kind.startswith("aws:") or free(resource.kind):
            continue
        pricer = PRICERS.get(resource.kind)
        if pricer is None or region is None:
            unpriced.append(resource.kind)
            continue
        try:
            for item, monthly in pricer(resource, Table(table, region, stack)):
                lines.append(
                    Line(resource.name, _component(resource), resource.kind, item, monthly)
                )
        except UnknownValueError as error:
            undecided.append(error)
        except UnpricedError as error:
            unpriced.append(f"{resource.kind} {error}")
    return Estimate(
        table.currency,
        table.as_of,
        tuple(lines),
        tuple(sorted(set(unpriced))),
        tuple(undecided),
    )


def _region(stack: Stack, prices: Prices) -> str:
    provider = next(stack.of("pulumi:providers/aws"), None)
    region = None if provider is None else provider.props.get("region")
    return str(region) if region else next(iter(prices.regions))


def _component(resource: Resource) -> str:
    """The type next to the resource's own in its URN, which lists those of its parents."""
    types = resource.urn.split("::")[2].split("$") if resource.urn.count("::") >= 3 else []
    return types[-2] if len(types) > 1 else ""
