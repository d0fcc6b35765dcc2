"""Where boxes stand and lines go."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from review.html.layering import Edge
from review.html.placing import BETWEEN, WIDTH, Arrangement, apart, arranged

boxes = st.lists(st.integers(48, 300).map(float), min_size=1, max_size=12)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[float], frozenset[Edge]]:
    heights = draw(boxes)
    node = st.integers(0, len(heights) - 1)
    return heights, draw(st.frozensets(st.tuples(node, node), max_size=20))


@given(graphs())
def test_no_box_covers_another(graph: tuple[list[float], frozenset[Edge]]) -> None:
    heights, edges = graph
    corners = arranged(heights, edges, 900).corners
    for a, b in combinations(range(len(heights)), 2):
        beside = abs(corners[a].x - corners[b].x) >= WIDTH
        upper, lower = sorted((a, b), key=lambda box: corners[box].y)
        assert beside or corners[upper].y + heights[upper] <= corners[lower].y


@given(graphs())
def test_everything_is_within_the_picture(graph: tuple[list[float], frozenset[Edge]]) -> None:
    heights, edges = graph
    picture = arranged(heights, edges, 900)
    for corner, height in zip(picture.corners, heights, strict=True):
        assert 0 <= corner.x <= picture.width - WIDTH
        assert 0 <= corner.y <= picture.height - height + 0.2
    for route in picture.routes.values():
        assert all(0 <= point.x <= picture.width for point in route)
        assert all(-0.2 <= point.y <= picture.height + 0.2 for point in route)


@given(graphs())
def test_every_line_joins_its_boxes(graph: tuple[list[float], frozenset[Edge]]) -> None:
    heights, edges = graph
    picture = arranged(heights, edges, 900)
    assert set(picture.routes) == {(a, b) for a, b in edges if a != b}
    for (a, b), route in picture.routes.items():
        assert _touches(picture, heights, a, route[0].x, route[0].y)
        assert _touches(picture, heights, b, route[-1].x, route[-1].y)


def _touches(picture: Arrangement, heights: list[float], box: int, x: float, y: float) -> bool:
    corner = picture.corners[box]
    return x in {corner.x, corner.x + WIDTH} and corner.y <= y <= corner.y + heights[box]


@given(graphs())
def test_the_same_graph_is_always_placed_alike(graph: tuple[list[float], frozenset[Edge]]) -> None:
    heights, edges = graph
    forwards, backwards = sorted(edges), sorted(edges, reverse=True)
    assert arranged(heights, forwards, 900) == arranged(heights, backwards, 900)


def test_what_is_needed_stands_left_of_what_needs_it() -> None:
    corners = arranged([60, 60, 60], {(2, 1), (1, 0)}, 900).corners
    assert corners[2].x < corners[1].x < corners[0].x


def test_a_line_over_several_layers_goes_around_the_boxes_between() -> None:
    picture = arranged([60, 60, 60], {(0, 1), (1, 2), (0, 2)}, 900)
    between = picture.corners[1]
    passing = [point.y for point in picture.routes[0, 2] if point.x == between.x]
    assert passing
    assert all(not between.y <= y <= between.y + 60 for y in passing)


def test_what_has_no_line_stands_in_rows_below() -> None:
    picture = arranged([60] * 6, {(0, 1)}, 2 * WIDTH + BETWEEN)
    rows = {corner.y for corner in picture.corners[2:]}
    assert min(rows) > 60
    assert len(rows) == 2


@given(st.lists(st.tuples(st.floats(-500, 500), st.integers(10, 90).map(float)), max_size=8))
def test_what_is_moved_apart_keeps_its_order_and_its_distance(
    wishes: list[tuple[float, float]],
) -> None:
    heights = [height for _, height in wishes]
    middles = apart([wish for wish, _ in wishes], heights)
    for place in range(1, len(wishes)):
        room = (heights[place - 1] + heights[place]) / 2 + BETWEEN
        assert middles[place] - middles[place - 1] >= room - 1e-6


def test_what_has_room_stands_where_it_wants_to() -> None:
    assert apart([0, 200, 400], [50, 50, 50]) == [0, 200, 400]
