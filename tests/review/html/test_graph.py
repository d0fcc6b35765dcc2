"""The graph before and after."""

from dataclasses import replace

from review.html.components import STACK_ITSELF, components, owners
from review.html.drawing import drawing
from review.html.graph import BOXES, CELLS, Graph, graph
from review.model import Operation, Resource, Review
from tests.review import samples
from tests.review.building import component, resource, review

AGENT = "agents:agents:Agent"
POD = "kubernetes:core/v1:Pod"


def _part(
    name: str, operation: Operation, number: int = 1, kind: str = AGENT
) -> tuple[Resource, ...]:
    owner = component("dev", name, kind, operation)
    return (owner, *(resource(owner, f"{name}-{n}", POD, operation) for n in range(number)))


def _needing(
    parts: tuple[Resource, ...], other: tuple[Resource, ...], *, before: bool, after: bool
) -> tuple[Resource, ...]:
    """The first resource of the parts needs the first of the other."""
    needs = frozenset({other[1].urn})
    changed = replace(
        parts[1],
        needs_before=parts[1].needs_before | (needs if before else frozenset()),
        needs_after=parts[1].needs_after | (needs if after else frozenset()),
    )
    return (parts[0], changed, *parts[2:])


def _lines(picture: Graph) -> dict[tuple[str, str], tuple[bool, bool]]:
    names = [box.name for box in picture.boxes]
    return {
        (names[a], names[b]): (one.before, one.after)
        for one in picture.lines
        for a, b in [one.ends]
    }


def _of(*parts: tuple[Resource, ...]) -> Review:
    return review("dev", [one for part in parts for one in part])


def test_a_resource_belongs_to_the_outermost_component_it_is_in() -> None:
    outer = component("dev", "network", "agents:network:Network")
    inner = replace(
        outer, urn=outer.urn.replace("::network", "$agents:network:Logs::logs"), parent=outer.urn
    )
    deep = resource(inner, "group", "aws:cloudwatch/logGroup:LogGroup", Operation.SAME)
    assert owners([outer, inner, deep])[deep.urn] == outer.urn


def test_a_resource_without_a_component_belongs_to_the_stack_itself() -> None:
    lone = replace(samples.creation().resources[-1], parent="", custom=True)
    assert components([lone])[0].urn == STACK_ITSELF


def test_a_resource_that_is_its_own_ancestor_belongs_somewhere() -> None:
    one = _part("one", Operation.SAME)[1]
    turned = replace(one, parent=one.urn)
    assert len(components([turned])) == 1


def test_dependencies_of_resources_become_lines_between_components() -> None:
    first, second = _part("first", Operation.SAME), _part("second", Operation.SAME)
    picture = graph(_of(first, _needing(second, first, before=True, after=True)))
    assert _lines(picture) == {("first", "second"): (True, True)}


def test_a_line_knows_on_which_side_it_is() -> None:
    old, new = _part("old", Operation.SAME), _part("new", Operation.SAME)
    needing = _part("needing", Operation.UPDATE)
    needing = _needing(needing, old, before=True, after=False)
    needing = _needing(needing, new, before=False, after=True)
    picture = graph(_of(old, new, needing))
    assert _lines(picture) == {("old", "needing"): (True, False), ("new", "needing"): (False, True)}


def test_a_line_that_others_imply_is_left_out() -> None:
    first, second = _part("first", Operation.SAME), _part("second", Operation.SAME)
    third = _part("third", Operation.SAME)
    second = _needing(second, first, before=True, after=True)
    third = _needing(third, second, before=True, after=True)
    third = _needing(third, first, before=True, after=True)
    assert set(_lines(graph(_of(first, second, third)))) == {
        ("first", "second"),
        ("second", "third"),
    }


def test_a_line_that_others_imply_on_one_side_only_stays() -> None:
    first, second = _part("first", Operation.SAME), _part("second", Operation.DELETE)
    third = _part("third", Operation.UPDATE)
    second = _needing(second, first, before=True, after=False)
    third = _needing(third, second, before=True, after=False)
    third = _needing(third, first, before=True, after=True)
    assert ("first", "third") in _lines(graph(_of(first, second, third)))


def test_components_that_need_each_other_are_drawn_with_both_lines() -> None:
    first, second = _part("first", Operation.SAME, 2), _part("second", Operation.SAME, 2)
    first = _needing(first, second, before=True, after=True)
    second = _needing(second, first, before=True, after=True)
    assert set(_lines(graph(_of(first, second)))) == {("first", "second"), ("second", "first")}


def test_each_resource_of_a_small_component_has_a_cell_of_its_own() -> None:
    (box,) = graph(_of(_part("one", Operation.CREATE, CELLS))).boxes
    assert len(box.cells) == CELLS
    assert all(len(cell.resources) == 1 for cell in box.cells)


def test_unchanged_resources_of_a_large_component_share_a_cell() -> None:
    owner, *quiet = _part("one", Operation.SAME, CELLS + 20)
    touched = replace(quiet[7], operation=Operation.UPDATE)
    (box,) = graph(_of((owner, *quiet[:7], touched, *quiet[8:]))).boxes
    assert [(cell.operation, len(cell.resources)) for cell in box.cells] == [
        (Operation.UPDATE, 1),
        (Operation.SAME, CELLS + 19),
    ]


def test_many_components_of_one_kind_share_a_box_that_counts() -> None:
    picture = graph(_of(*(_part(f"agent-{n}", Operation.UPDATE, 3) for n in range(500))))
    (box,) = picture.boxes
    assert (box.name, box.kind) == ("Agent", "500 components")
    assert [(cell.operation, len(cell.resources)) for cell in box.cells] == [
        (Operation.UPDATE, 1_500)
    ]


def test_the_one_changed_component_of_many_has_a_box_of_its_own() -> None:
    quiet = [_part(f"agent-{n}", Operation.SAME, 3) for n in range(499)]
    picture = graph(_of(*quiet, _part("changed", Operation.UPDATE)))
    assert [box.name for box in picture.boxes] == ["changed", "Agent"]


def test_a_component_that_is_deleted_among_many_changed_ones_has_a_box_of_its_own() -> None:
    changed = [_part(f"agent-{n}", Operation.UPDATE) for n in range(499)]
    picture = graph(_of(*changed, _part("gone", Operation.DELETE)))
    assert [box.name for box in picture.boxes] == ["gone", "Agent"]


def test_a_picture_never_has_more_boxes_than_a_reader_can_take_in() -> None:
    parts = [_part(f"one-{n}", Operation.CREATE, kind=f"agents:kinds:Kind{n}") for n in range(300)]
    picture = graph(_of(*parts))
    assert len(picture.boxes) == BOXES
    assert sum(len(cell.resources) for box in picture.boxes for cell in box.cells) == 300


def test_the_picture_stays_where_it_is_whatever_happens() -> None:
    first, second = _part("first", Operation.SAME), _part("second", Operation.SAME)
    second = _needing(second, first, before=True, after=True)
    quiet = drawing(graph(_of(first, second)), {})
    updated = tuple(replace(one, operation=Operation.UPDATE) for one in first)
    loud = drawing(graph(_of(updated, second)), {})
    assert [(box.name, box.x, box.y) for box in quiet.boxes] == [
        (box.name, box.x, box.y) for box in loud.boxes
    ]


def test_what_is_created_is_on_the_after_side_and_what_is_deleted_on_the_before_side() -> None:
    picture = drawing(
        graph(_of(_part("new", Operation.CREATE), _part("old", Operation.DELETE))), {}
    )
    assert {box.name: (box.side, box.state) for box in picture.boxes} == {
        "new": ("after", Operation.CREATE),
        "old": ("before", Operation.DELETE),
    }


def test_a_cell_leads_to_its_resource_and_a_number_to_a_search() -> None:
    parts = _part("one", Operation.CREATE, CELLS + 1)
    picture = graph(_of(parts))
    anchors = {one.urn: f"r-{number}" for number, one in enumerate(parts)}
    (cell,) = drawing(picture, anchors).boxes[0].cells
    assert (cell.number, cell.query) == (CELLS + 1, "one create")
    small = graph(_of(_part("one", Operation.CREATE)))
    (cell,) = drawing(small, anchors).boxes[0].cells
    assert (cell.target, cell.query) == ("r-1", "")
