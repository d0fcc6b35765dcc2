"""Which layer each node of a graph stands in, so that all edges lead from left to right.

Nodes are numbers from 0; an edge `(a, b)` says that `b` needs `a`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

Edge = tuple[int, int]


@dataclass(frozen=True)
class Ordered:
    """Edges of which none leads back."""

    nodes: tuple[int, ...]
    """Every node after all that it needs."""
    edges: frozenset[Edge]
    reversed_edges: frozenset[Edge]
    """As they were given: they close a cycle, and stand in `edges` the other way round."""


def ordered(count: int, edges: Collection[Edge]) -> Ordered:
    """Turn round as few edges as one walk finds, so that no cycle is left."""
    following = _neighbours(count, edges)
    on_the_way, done = 1, 2
    state = [0] * count
    finished: list[int] = []
    closing: set[Edge] = set()
    for start in range(count):
        if state[start]:
            continue
        state[start] = on_the_way
        stack = [(start, iter(following[start]))]
        while stack:
            node, rest = stack[-1]
            other = next(rest, None)
            if other is None:
                state[node] = done
                finished.append(node)
                stack.pop()
            elif state[other] == on_the_way:
                closing.add((node, other))
            elif not state[other]:
                state[other] = on_the_way
                stack.append((other, iter(following[other])))
    kept = {edge for edge in edges if edge not in closing and edge[0] != edge[1]}
    turned = {(b, a) for a, b in closing if a != b}
    return Ordered(tuple(reversed(finished)), frozenset(kept | turned), frozenset(closing))


def layers(graph: Ordered) -> tuple[int, ...]:
    """Layer of each node: one further than the last one it needs.

    What needs nothing stands just left of the first that needs it, so that edges are short.
    """
    layer = [0] * len(graph.nodes)
    needed_by: dict[int, list[int]] = {}
    needs: set[int] = set()
    for a, b in graph.edges:
        needed_by.setdefault(a, []).append(b)
        needs.add(b)
    for node in graph.nodes:
        for other in needed_by.get(node, ()):
            layer[other] = max(layer[other], layer[node] + 1)
    for node in graph.nodes:
        if node not in needs and node in needed_by:
            layer[node] = min(layer[other] for other in needed_by[node]) - 1
    return tuple(layer)


def telling(nodes: Sequence[int], edges: Collection[Edge]) -> frozenset[Edge]:
    """The edges without those that a longer way implies: the fewest that say the same.

    Each node has to come after all that it needs.
    """
    following = _neighbours(len(nodes), edges)
    reached = [0] * len(nodes)
    """Node → what can be reached from it, one bit each."""
    for node in reversed(nodes):
        for other in following[node]:
            reached[node] |= reached[other] | 1 << other
    kept: set[Edge] = set()
    for node in nodes:
        further = 0
        for other in following[node]:
            further |= reached[other]
        kept |= {(node, other) for other in following[node] if not further >> other & 1}
    return frozenset(kept)


def _neighbours(count: int, edges: Collection[Edge]) -> Sequence[Sequence[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for a, b in sorted(edges):
        found[a].append(b)
    return found
