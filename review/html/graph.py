"""The graph of a stack before and after, as few boxes as tell the change.

Both sides are one graph, so that a picture of either has everything in the same place.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from review.html.components import GRAVITY, Component, components, owners
from review.html.layering import Edge, ordered, telling
from review.html.text import counted
from review.model import DESTRUCTIVE, QUIET, Operation, Resource, Review

ALIKE: Final = 6
"""Boxes of one kind; of more components the rest share a box."""
BOXES: Final = 80
"""In a picture; the rest share one."""
CELLS: Final = 60
"""In a box; the rest is counted."""
LINES: Final = 400
"""In a picture."""


@dataclass(frozen=True)
class Cell:
    """One resource, or a number of them to which the same happens."""

    operation: Operation
    resources: tuple[Resource, ...]


@dataclass(frozen=True)
class Box:
    """A component, or several that the picture has no room to tell apart."""

    name: str
    kind: str
    components: tuple[Component, ...]
    cells: tuple[Cell, ...]

    @property
    def operations(self) -> frozenset[Operation]:
        return frozenset(cell.operation for cell in self.cells)


@dataclass(frozen=True)
class Line:
    """The second box needs the first."""

    ends: Edge
    before: bool
    after: bool


@dataclass(frozen=True)
class Graph:
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    left_out: int = 0
    """Lines for which there is no room."""


def graph(review: Review) -> Graph:
    """Boxes for all components of the stack, and a line for each dependency that no others imply."""
    groups = _grouped(components(review.resources))
    place = {component.urn: number for number, group in enumerate(groups) for component in group}
    owner = owners(review.resources)
    before: set[Edge] = set()
    after: set[Edge] = set()
    for resource in review.resources:
        end = place.get(owner[resource.urn])
        for edges, needs in ((before, resource.needs_before), (after, resource.needs_after)):
            starts = {place[owner[urn]] for urn in needs if owner.get(urn) in place}
            edges.update((start, end) for start in starts if end is not None and start != end)
    kept = _telling(len(groups), before, after)
    lines = [Line(edge, edge in before, edge in after) for edge in sorted(kept)]
    # A dependency that comes or goes says more than one that stays.
    lines.sort(key=lambda line: line.before and line.after)
    boxes = tuple(_box(group) for group in groups)
    return Graph(boxes, tuple(lines[:LINES]), max(0, len(lines) - LINES))


def _grouped(parts: Sequence[Component]) -> list[tuple[Component, ...]]:
    """Components that get a box of their own, then groups of the rest."""
    by_type: dict[str, list[Component]] = {}
    for part in parts:
        by_type.setdefault(part.type, []).append(part)
    groups: list[tuple[Component, ...]] = []
    for alike in by_type.values():
        single = _apart(alike) if len(alike) > ALIKE else alike
        urns = {part.urn for part in single}
        groups += [(part,) for part in single]
        rest = tuple(part for part in alike if part.urn not in urns)
        groups += [rest] if rest else []
    groups.sort(key=lambda group: min(part.gravity for part in group))
    if len(groups) <= BOXES:
        return groups
    return [*groups[: BOXES - 1], tuple(part for group in groups[BOXES - 1 :] for part in group)]


def _apart(alike: Sequence[Component]) -> Sequence[Component]:
    """Of many components of one kind those that a reader looks for; the gravest come first."""
    changed = [part for part in alike if part.changed]
    if len(changed) < ALIKE:
        return changed
    destructive = [part for part in changed if DESTRUCTIVE & part.counts.keys()]
    return destructive[: ALIKE - 1]


def _telling(count: int, before: Collection[Edge], after: Collection[Edge]) -> set[Edge]:
    """Of both sides the lines that no longer way implies."""
    whole = ordered(count, {*before, *after})
    kept: set[Edge] = set()
    for edges in (before, after):
        straight: dict[Edge, Edge] = {
            (a, b): (b, a) if (a, b) in whole.reversed_edges else (a, b) for a, b in edges
        }
        said = telling(whole.nodes, straight.values())
        kept |= {edge for edge, turned in straight.items() if turned in said}
    return kept


def _box(group: tuple[Component, ...]) -> Box:
    resources = [resource for part in group for resource in part.resources]
    if len(group) == 1:
        return Box(group[0].name, group[0].kind, group, _cells(resources))
    kinds = {part.type: part.kind for part in group}
    name = next(iter(kinds.values())) if len(kinds) == 1 else "of several kinds"
    return Box(name, counted(len(group), "component"), group, tuple(_counted(resources)))


def _cells(resources: Sequence[Resource]) -> tuple[Cell, ...]:
    if len(resources) <= CELLS:
        return tuple(Cell(resource.operation, (resource,)) for resource in resources)
    changed = [resource for resource in resources if resource.operation not in QUIET]
    shown = changed
    if len(changed) >= CELLS:
        shown = [r for r in changed if r.operation in DESTRUCTIVE][: CELLS // 2]
    urns = {resource.urn for resource in shown}
    rest = [resource for resource in resources if resource.urn not in urns]
    return (*(Cell(resource.operation, (resource,)) for resource in shown), *_counted(rest))


def _counted(resources: Iterable[Resource]) -> Iterable[Cell]:
    """One cell for each operation, the gravest first."""
    found = list(resources)
    for operation in sorted(Counter(r.operation for r in found), key=GRAVITY.__getitem__):
        yield Cell(operation, tuple(r for r in found if r.operation is operation))
