"""The list of all resources by component."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.urn import Urn
from review.html.affording import Chosen
from review.html.components import Component, components
from review.html.properties import PropertyTable, table
from review.html.text import WORDS, clipped, counted, difference
from review.model import DESTRUCTIVE, QUIET, Operation, Resource, Review

Counts = tuple[tuple[Operation, str, int], ...]
"""Operation, the word for it, and how often."""


@dataclass(frozen=True)
class Row:
    """A resource to which something happens."""

    anchor: str
    """Empty if the page has no room to list it."""
    operation: Operation
    word: str
    name: str
    type: str
    kind: str
    component: str
    cost: str
    source: str
    notes: tuple[str, ...]
    """What else a reader has to know of it, each a sentence."""
    loss: str
    follows: str
    """Name of what takes it along; empty if it has a reason of its own."""
    because: tuple[str, ...]
    """Paths of the first properties that cannot be changed in place."""
    properties: PropertyTable | None
    unfolded: bool


@dataclass(frozen=True)
class QuietRow:
    """A resource that stays as it is."""

    anchor: str
    operation: Operation
    name: str
    type: str


@dataclass(frozen=True)
class Section:
    """A component."""

    urn: str
    anchor: str
    name: str
    kind: str
    type: str
    counts: Counts
    cost: str
    rows: tuple[Row, ...]
    quiet: tuple[QuietRow, ...]
    left_out: int
    """Resources that the page has no room to list."""
    unfolded: bool

    @property
    def sourced(self) -> bool:
        """Of some it is known where the program makes them."""
        return any(row.source for row in self.rows)

    @property
    def priced(self) -> bool:
        """Some cost more or less than before."""
        return any(row.cost for row in self.rows)


@dataclass(frozen=True)
class Choice:
    """What of a review the page has room for."""

    number: int
    """Place of the review."""
    anchors: Mapping[str, str]
    listed: Chosen
    in_full: Chosen


@dataclass(frozen=True)
class Group:
    """Components that share a fold, or those that need none."""

    title: str
    """Empty for those that need none."""
    counts: Counts
    sections: tuple[Section, ...]


FEW: Final = 24
"""Resources with another change than creation of which the list stands open. Of more it is folded,
but for what destroys."""
MANY: Final = 40
"""Up to so many components stand in the list without a fold around those of one kind."""
ALIKE: Final = 6
"""Of one kind, that stand so in a longer list."""


def sections(review: Review, choice: Choice) -> tuple[Section, ...]:
    """All components, the gravest first."""
    parts = components(review.resources)
    few = review.counts.total() - review.counts[Operation.CREATE] <= FEW
    return tuple(_section(review, part, choice, few) for part in parts)


def grouped(listing: Sequence[Section]) -> tuple[Group, ...]:
    """Single components first, then those of which there are many, then those without a change."""
    changed = [section for section in listing if section.rows or section.left_out]
    quiet = [section for section in listing if not (section.rows or section.left_out)]
    kinds = Counter(section.type for section in changed)
    many = {kind for kind in kinds if len(changed) > MANY and kinds[kind] > ALIKE}
    single = [section for section in changed if section.type not in many]
    groups = [_group("", single)] if single else []
    for kind in sorted(many):
        alike = [section for section in changed if section.type == kind]
        groups.append(_group(f"{len(alike):,} of {kind}", alike))
    if quiet:
        groups.append(_group(f"{counted(len(quiet), 'component')} without a change", quiet))
    return tuple(groups)


def _group(title: str, members: Sequence[Section]) -> Group:
    total = Counter[Operation]()
    for section in members:
        total.update({operation: number for operation, _, number in section.counts})
    return Group(title, _counts(total), tuple(members))


def _counts(counts: Counter[Operation]) -> Counts:
    return tuple(
        (operation, WORDS[operation], counts[operation])
        for operation in Operation
        if counts[operation]
    )


def _section(review: Review, part: Component, choice: Choice, few: bool) -> Section:
    listed = [r for r in part.resources if (choice.number, r.urn) in choice.listed]
    changed = [resource for resource in listed if resource.operation not in QUIET]
    order = list(Operation)
    changed.sort(
        key=lambda resource: (order.index(resource.operation), not resource.loss, resource.urn)
    )
    quiet = [resource for resource in listed if resource.operation in QUIET]
    costs = review.costs
    cost = sum(costs.by_resource.get(r.urn, 0.0) for r in part.resources) if costs else 0.0
    return Section(
        urn=part.urn,
        anchor=choice.anchors[part.urn],
        name=part.name,
        kind=part.kind,
        type=part.type,
        counts=_counts(part.counts),
        cost=difference(cost, costs.currency) if costs and cost else "",
        rows=tuple(row(review, resource, part.name, choice) for resource in changed),
        quiet=tuple(
            QuietRow(choice.anchors[r.urn], r.operation, r.identity.name, r.identity.type)
            for r in quiet
        ),
        left_out=len(part.resources) - len(listed),
        unfolded=_interesting(part, few),
    )


def _interesting(part: Component, few: bool) -> bool:
    """Worth reading in full: what is wholly new tells little that its name does not."""
    if DESTRUCTIVE & part.counts.keys():
        return True
    return few and part.changed and part.counts.keys() != {Operation.CREATE}


def row(review: Review, resource: Resource, component: str, choice: Choice) -> Row:
    """What happens to one resource."""
    identity = resource.identity
    amount = review.costs.by_resource.get(resource.urn) if review.costs else None
    destroyed = resource.operation in DESTRUCTIVE
    return Row(
        anchor=choice.anchors.get(resource.urn, ""),
        operation=resource.operation,
        word=resource.operation_text
        if resource.operation is Operation.OTHER
        else WORDS[resource.operation],
        name=identity.name,
        type=identity.type,
        kind=identity.kind,
        component=component,
        cost=difference(amount, review.costs.currency) if review.costs and amount else "",
        source=resource.source,
        notes=_notes(resource),
        loss=(resource.loss or "") if destroyed else "",
        follows=Urn.parse(resource.follows).name if resource.follows else "",
        because=tuple(clipped(p.path, 120) for p in resource.properties if p.replaces)[:5],
        properties=table(resource.properties, (choice.number, resource.urn) in choice.in_full),
        unfolded=destroyed,
    )


def _notes(resource: Resource) -> tuple[str, ...]:
    destroyed = resource.operation in DESTRUCTIVE
    replaced = resource.operation is Operation.REPLACE
    said = {
        "Protected: the engine refuses to delete it.": destroyed and resource.protected,
        "Deleted first: for a while there is none.": replaced and resource.deletes_first,
        "The old one stays where it is, outside of the stack.": destroyed and resource.retained,
    }
    return tuple(note for note, true in said.items() if true)
