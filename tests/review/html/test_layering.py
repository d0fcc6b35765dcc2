"""Which layer a node stands in."""

from hypothesis import given
from hypothesis import strategies as st

from review.html.layering import Edge, layers, ordered, telling

NODES = 8
edges = st.frozensets(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=20)


def _reachable(edges: frozenset[Edge]) -> set[Edge]:
    found = set(edges)
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


@given(edges)
def test_no_cycle_is_left_and_no_edge_is_forgotten(given_edges: frozenset[Edge]) -> None:
    graph = ordered(NODES, given_edges)
    place = {node: position for position, node in enumerate(graph.nodes)}
    assert sorted(graph.nodes) == list(range(NODES))
    assert all(place[a] < place[b] for a, b in graph.edges)
    assert {frozenset(edge) for edge in graph.edges} == {
        frozenset(edge) for edge in given_edges if edge[0] != edge[1]
    }


@given(edges)
def test_every_edge_leads_to_a_later_layer(given_edges: frozenset[Edge]) -> None:
    graph = ordered(NODES, given_edges)
    layer = layers(graph)
    assert all(layer[a] < layer[b] for a, b in graph.edges)
    assert min(layer) == 0


def test_what_needs_nothing_stands_next_to_what_needs_it_first() -> None:
    graph = ordered(4, {(0, 1), (1, 2), (3, 2)})
    assert layers(graph) == (0, 1, 2, 1)


def test_a_cycle_is_cut_at_one_edge() -> None:
    graph = ordered(3, {(0, 1), (1, 2), (2, 0)})
    assert graph.reversed_edges == {(2, 0)}
    assert graph.edges == {(0, 1), (1, 2), (0, 2)}


@given(edges)
def test_the_telling_edges_reach_whatever_all_of_them_reach(given_edges: frozenset[Edge]) -> None:
    graph = ordered(NODES, given_edges)
    kept = telling(graph.nodes, graph.edges)
    assert kept <= graph.edges
    assert _reachable(kept) == _reachable(graph.edges)


@given(edges)
def test_each_telling_edge_tells_something(given_edges: frozenset[Edge]) -> None:
    graph = ordered(NODES, given_edges)
    kept = telling(graph.nodes, graph.edges)
    assert all(edge not in _reachable(kept - {edge}) for edge in kept)
