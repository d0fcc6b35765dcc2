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
from policies.urn import Urn

Gap = UnpricedError | UnknownValueError
"""Why a price is not known: the table lacks it, or it hangs on a value that the preview does not know."""


@dataclass(frozen=True)
class Line:
    """One thing that is paid for."""

    urn: str
    """Of the resource."""
    kind: str
    item: str
    """What is paid for, such as `3 x m7g.large`."""
    monthly: float

    @property
    def resource(self) -> str:
        """Name of the resource in the program."""
        return Urn.parse(self.urn).name

    @property
    def component(self) -> str:
        """Type of the component that it belongs to, such as `agents:network:Network`; empty if none."""
        return Urn.parse(self.urn).parent_type


@dataclass(frozen=True)
class Reckoned:
    """What one resource costs by the month."""

    urn: str
    lines: tuple[Line, ...]
    gap: Gap | None = None
    """Why the lines are not all that it costs; None if they are."""

    @property
    def monthly(self) -> float:
        """The sum of what is known."""
        return sum(line.monthly for line in self.lines)


@dataclass(frozen=True)
class Estimate:
    """What a stack costs by the month."""

    currency: str
    as_of: str
    """Month of the prices."""
    resources: tuple[Reckoned, ...]
    """Each resource of AWS that is paid for."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """All that is paid for, as far as it is known."""
        return tuple(line for resource in self.resources for line in resource.lines)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What has no price in the table: kinds, or kinds with what is asked for."""
        gaps = (resource.gap for resource in self.resources)
        return tuple(sorted({str(gap) for gap in gaps if isinstance(gap, UnpricedError)}))

    @property
    def undecided(self) -> tuple[UnknownValueError, ...]:
        """Reads of values that the preview does not know: what is left out."""
        gaps = (resource.gap for resource in self.resources)
        return tuple(gap for gap in gaps if isinstance(gap, UnknownValueError))

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
            Urn.parse(entry["urn"]).name,
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
    paid = [
        each for each in stack.resources if each.kind.startswith("aws:") and not free(each.kind)
    ]
    try:
        region = table.regions.get(_region(stack, table))
    except UnknownValueError as error:
        reckoned = [Reckoned(each.urn, (), error) for each in paid]
    else:
        here = None if region is None else Table(table, region, stack)
        reckoned = [_reckoned(each, here) for each in paid]
    return Estimate(table.currency, table.as_of, tuple(reckoned))


def _reckoned(resource: Resource, table: Table | None) -> Reckoned:
    """What a resource costs; without a table, as in a region that has none, it has no price."""
    pricer = PRICERS.get(resource.kind)
    if pricer is None or table is None:
        return Reckoned(resource.urn, (), UnpricedError(resource.kind))
    lines: list[Line] = []
    gap: Gap | None = None
    try:
        for item, monthly in pricer(resource, table):
            # What was priced before an unknown value is paid for all the same.
            lines.append(Line(resource.urn, resource.kind, item, monthly))
    except UnknownValueError as error:
        gap = error
    except UnpricedError as error:
        gap = UnpricedError(f"{resource.kind} {error}")
    return Reckoned(resource.urn, tuple(lines), gap)


def _region(stack: Stack, prices: Prices) -> str:
    provider = next(stack.of("pulumi:providers/aws"), None)
    region = None if provider is None else provider.props.get("region")
    return str(region) if region else next(iter(prices.regions))
