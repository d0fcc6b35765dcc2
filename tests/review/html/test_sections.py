"""The list of resources by component: its order, and what stands open."""

from review.html.affording import LETTERS, PROPERTIES, ROWS, listed_rows, told_in_full
from review.html.anchors import anchors
from review.html.sections import ALIKE, FEW, MANY, Choice, Group, Section, grouped, sections
from review.model import Operation, Property, Review
from tests.review import samples
from tests.review.building import added, changed, component, resource, review

AGENT = "agents:agents:Agent"
POD = "kubernetes:core/v1:Pod"


def _sections(told: Review) -> tuple[Section, ...]:
    listed = listed_rows([told])
    return sections(told, Choice(0, anchors([told], listed)[0], listed, told_in_full([told])))


def _agents(*operations: Operation, properties: tuple[Property, ...] = ()) -> Review:
    """An agent with one pod for each operation."""
    found = [component("dev", f"agent-{n:03}", AGENT, op) for n, op in enumerate(operations)]
    pods = [
        resource(owner, f"{owner.identity.name}-pod", POD, operation, *properties)
        for owner, operation in zip(found, operations, strict=True)
    ]
    return review("dev", [*found, *pods])


def _shape(groups: tuple[Group, ...]) -> list[tuple[str, int]]:
    return [(group.title, len(group.sections)) for group in groups]


def test_components_stand_in_the_order_of_the_gravest_that_happens_in_them() -> None:
    told = _agents(Operation.UPDATE, Operation.SAME, Operation.DELETE, Operation.REPLACE)
    assert [one.name for one in _sections(told)] == [
        "agent-003",
        "agent-002",
        "agent-000",
        "agent-001",
    ]


def test_within_a_component_what_loses_something_comes_first() -> None:
    owner = component("dev", "stores", AGENT)
    one = resource(owner, "a", POD, Operation.DELETE)
    two = resource(owner, "b", POD, Operation.DELETE, loss="its data")
    new = resource(owner, "c", POD, Operation.REPLACE)
    (section,) = _sections(review("dev", [owner, one, two, new]))
    assert [row.name for row in section.rows] == ["c", "b", "a"]


def test_few_changes_stand_open_and_what_is_wholly_new_does_not() -> None:
    told = _agents(Operation.UPDATE, Operation.CREATE, Operation.SAME)
    assert {one.name: one.unfolded for one in _sections(told)} == {
        "agent-000": True,
        "agent-001": False,
        "agent-002": False,
    }


def test_of_many_changes_only_what_destroys_stands_open() -> None:
    told = _agents(*[Operation.UPDATE] * FEW, Operation.DELETE)
    assert [one.name for one in _sections(told) if one.unfolded] == [f"agent-{FEW:03}"]


def test_a_component_tells_what_it_costs_and_a_row_what_the_resource_does() -> None:
    (section,) = _sections(samples.replaced_database())
    assert section.cost == "+392.00 USD"
    assert [row.cost for row in section.rows] == ["+392.00 USD", ""]


def test_components_without_a_change_share_a_fold_at_the_end() -> None:
    told = _agents(Operation.SAME, Operation.UPDATE, Operation.SAME)
    assert _shape(grouped(_sections(told))) == [("", 1), ("2 components without a change", 2)]


def test_many_components_of_one_kind_share_a_fold() -> None:
    told = _agents(*[Operation.UPDATE] * (MANY + 1))
    assert _shape(grouped(_sections(told))) == [(f"{MANY + 1} of {AGENT}", MANY + 1)]
    assert ALIKE < MANY


def test_more_rows_than_a_page_has_room_for_are_counted() -> None:
    owner = component("dev", "large", AGENT)
    pods = [resource(owner, f"pod-{n}", POD, Operation.SAME) for n in range(ROWS + 5)]
    gone = resource(owner, "zone", POD, Operation.DELETE)
    (section,) = _sections(review("dev", [owner, *pods, gone]))
    assert [row.name for row in section.rows] == ["zone"]
    assert (len(section.quiet), section.left_out) == (ROWS - 1, 6)


def test_where_properties_do_not_all_fit_the_gravest_are_told() -> None:
    long = tuple(changed(f"key-{n}", "x" * 1_000, "y" * 1_000) for n in range(100))
    number = LETTERS // 200_000 + 5
    told = _agents(*[Operation.CREATE] * number, Operation.REPLACE, properties=long)
    full = told_in_full([told])
    assert 0 < len(full) < number
    assert any(f"agent-{number:03}-pod" in urn for _, urn in full)


def test_a_resource_with_very_many_properties_shows_the_first_and_counts_the_rest() -> None:
    many = tuple(added(f"key-{n}", "x") for n in range(PROPERTIES + 7))
    (section,) = _sections(_agents(Operation.UPDATE, properties=many))
    table = section.rows[0].properties
    assert table is not None
    assert (len(table.rows), table.left_out) == (PROPERTIES, 7)
