"""Where the boxes of a picture stand, and which way its lines go. Pure geometry."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Final

from review.html.layering import Edge, layers, ordered

WIDTH: Final = 152
"""Of every box."""
ACROSS: Final = 46
"""Room between two layers, for the lines."""
BETWEEN: Final = 14
"""Room between two boxes of a layer."""
LANE: Final = 6
"""Height of a line that passes through a layer."""
SWEEPS: Final = 8
"""Passes over the layers; more change little."""


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True)
class Arrangement:
    """A picture's geometry; the upper left corner is 0, 0."""

    width: float
    height: float
    corners: tuple[Point, ...]
    """Of each box, its upper left one."""
    routes: Mapping[Edge, tuple[Point, ...]]
    """Edge → points that its line goes through. It leaves a box on its right, but for an edge
    that closes a cycle: that one goes from right to left."""


@dataclass
class _Spot:
    """A box, or the place where a line passes through a layer."""

    layer: int
    height: float
    middle: float = 0


def arranged(heights: Sequence[float], edges: Collection[Edge], room: float) -> Arrangement:
    """Place boxes of these heights; those without an edge stand below, in rows within `room`."""
    graph = ordered(len(heights), edges)
    layer = layers(graph)
    spots = [_Spot(layer[node], height) for node, height in enumerate(heights)]
    chains = _chains(spots, graph.edges)
    joined = {node for edge in graph.edges for node in edge}
    columns = _columns(spots, [s for s in range(len(spots)) if s >= len(heights) or s in joined])
    links = _links(len(spots), chains.values())
    _settle(spots, columns, links)
    width, height = _to_the_origin(spots, columns)
    corners = [Point(s.layer * (WIDTH + ACROSS), s.middle - s.height / 2) for s in spots]
    alone = [node for node in range(len(heights)) if node not in joined]
    below, height = _rows(corners, heights, alone, max(width, room), height)
    drawn = _routes(spots, chains)
    routes = {
        (a, b): tuple(reversed(drawn[b, a])) if (a, b) in graph.reversed_edges else drawn[a, b]
        for a, b in edges
        if a != b
    }
    return Arrangement(max(width, below), height, tuple(corners[: len(heights)]), routes)


def _chains(spots: list[_Spot], edges: Collection[Edge]) -> dict[Edge, list[int]]:
    """Edge → spots from end to end, with a new one in each layer that it passes."""
    chains: dict[Edge, list[int]] = {}
    for a, b in sorted(edges):
        passed = range(spots[a].layer + 1, spots[b].layer)
        first = len(spots)
        spots.extend(_Spot(layer, LANE) for layer in passed)
        chains[a, b] = [a, *range(first, len(spots)), b]
    return chains


def _columns(spots: Sequence[_Spot], members: Sequence[int]) -> list[list[int]]:
    columns: list[list[int]] = [[] for _ in range(max((s.layer for s in spots), default=0) + 1)]
    for spot in members:
        columns[spots[spot].layer].append(spot)
    return columns


def _links(count: int, chains: Collection[Sequence[int]]) -> tuple[list[list[int]], ...]:
    """Neighbours of each spot in the layer before it, and in the layer behind."""
    before: list[list[int]] = [[] for _ in range(count)]
    behind: list[list[int]] = [[] for _ in range(count)]
    for chain in chains:
        for a, b in pairwise(chain):
            behind[a].append(b)
            before[b].append(a)
    return before, behind


def _settle(
    spots: list[_Spot], columns: list[list[int]], links: tuple[list[list[int]], ...]
) -> None:
    """Bring each spot close to its neighbours: first by order, then by height."""
    before, behind = links
    for column in columns:
        _stack(spots, column)
    for sweep in range(SWEEPS):
        onwards = sweep % 2 == 0
        near = before if onwards else behind
        for column in columns if onwards else reversed(columns):
            wanted = {s: _mean(spots, near[s], spots[s].middle) for s in column}
            column.sort(key=lambda s: (wanted[s], s))
            _stack(spots, column)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted = [_mean(spots, [*before[s], *behind[s]], spots[s].middle) for s in column]
            for s, middle in zip(
                column, apart(wanted, [spots[s].height for s in column]), strict=True
            ):
                spots[s].middle = middle


def _mean(spots: Sequence[_Spot], others: Sequence[int], otherwise: float) -> float:
    return fmean(spots[other].middle for other in others) if others else otherwise


def _stack(spots: Sequence[_Spot], column: Sequence[int]) -> None:
    """One below the other, the middle of all at 0."""
    total = sum(spots[s].height + BETWEEN for s in column) - BETWEEN
    top = -total / 2
    for s in column:
        spots[s].middle = top + spots[s].height / 2
        top += spots[s].height + BETWEEN


def apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Middles as near to the wanted ones as can be, in the same order, none upon another."""
    offset = 0.0
    offsets: list[float] = []
    for place, height in enumerate(heights):
        offset += height / 2 + (BETWEEN if place else 0)
        offsets.append(offset)
        offset += height / 2
    # What collides moves as one block to the mean of what its members want.
    blocks: list[tuple[float, int]] = []
    for middle, shift in zip(wanted, offsets, strict=True):
        total, size = middle - shift, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / size:
            earlier, members = blocks.pop()
            total, size = total + earlier, size + members
        blocks.append((total, size))
    starts = [total / size for total, size in blocks for _ in range(size)]
    return [start + shift for start, shift in zip(starts, offsets, strict=True)]


def _to_the_origin(spots: Sequence[_Spot], columns: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Move all so that the highest touches 0; gives width and height."""
    placed = [spots[s] for column in columns for s in column]
    if not placed:
        return 0, 0
    top = min(spot.middle - spot.height / 2 for spot in placed)
    for spot in placed:
        spot.middle = round(spot.middle - top, 1)
    height = max(spot.middle + spot.height / 2 for spot in placed)
    return len(columns) * (WIDTH + ACROSS) - ACROSS, height


def _rows(
    corners: list[Point],
    heights: Sequence[float],
    alone: Sequence[int],
    room: float,
    above: float,
) -> tuple[float, float]:
    """Place what stands alone in rows below the rest; gives width and height of all."""
    in_a_row = max(1, int((room + BETWEEN) // (WIDTH + BETWEEN)))
    width, height = 0.0, above
    top = above + (2 * BETWEEN if above else 0)
    for first in range(0, len(alone), in_a_row):
        row = alone[first : first + in_a_row]
        for place, node in enumerate(row):
            corners[node] = Point(place * (WIDTH + BETWEEN), top)
        width = max(width, len(row) * (WIDTH + BETWEEN) - BETWEEN)
        height = top + max(heights[node] for node in row)
        top = height + BETWEEN
    return width, height


def _routes(
    spots: Sequence[_Spot], chains: Mapping[Edge, Sequence[int]]
) -> dict[Edge, tuple[Point, ...]]:
    """Lines from box to box. Several that meet in one side of a box share its height."""
    leaving = _ports(spots, chains, 0, 1)
    coming = _ports(spots, chains, -1, -2)
    routes: dict[Edge, tuple[Point, ...]] = {}
    for edge, chain in chains.items():
        points = [Point(_left(spots[chain[0]]) + WIDTH, leaving[edge])]
        for spot in chain[1:-1]:
            left, middle = _left(spots[spot]), spots[spot].middle
            points += [Point(left, middle), Point(left + WIDTH, middle)]
        points.append(Point(_left(spots[chain[-1]]), coming[edge]))
        routes[edge] = tuple(points)
    return routes


def _ports(
    spots: Sequence[_Spot], chains: Mapping[Edge, Sequence[int]], end: int, neighbour: int
) -> dict[Edge, float]:
    """Edge → height at which it touches the box at its end, in the order of where it comes from."""
    touching: dict[int, list[Edge]] = {}
    for edge, chain in chains.items():
        touching.setdefault(chain[end], []).append(edge)
    heights: dict[Edge, float] = {}
    for box, edges in touching.items():
        edges.sort(key=lambda edge: (spots[chains[edge][neighbour]].middle, edge))
        step = min(9.0, (spots[box].height - 16) / len(edges))
        for place, edge in enumerate(edges):
            heights[edge] = round(spots[box].middle + (place - (len(edges) - 1) / 2) * step, 1)
    return heights


def _left(spot: _Spot) -> float:
    return spot.layer * (WIDTH + ACROSS)
