"""Many steps of the engine come to one operation for each resource."""

from collections.abc import Callable

import pytest

from review.model import DESTRUCTIVE, Operation, Outcome
from tests.review.reading.printing import Preview, only, state, step

OLD = {"length": 8}
NEW = {"length": 9}
Make = Callable[..., Preview]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("create", Operation.CREATE),
        ("update", Operation.UPDATE),
        ("delete", Operation.DELETE),
        ("same", Operation.SAME),
        ("read", Operation.READ),
        ("refresh", Operation.READ),
        ("import", Operation.IMPORT),
        ("discard", Operation.FORGET),
        ("replace", Operation.REPLACE),
        ("create-replacement", Operation.REPLACE),
        ("import-replacement", Operation.REPLACE),
    ],
)
def test_each_word_of_the_engine_has_its_operation(
    preview: Make, op: str, expected: Operation
) -> None:
    review = preview(step(op, old=OLD, new=NEW)).review()
    assert only(review).operation is expected
    assert only(review).operation_text == op
    assert not review.remarks


def test_the_steps_of_a_replacement_are_one_resource(preview: Make) -> None:
    made = preview(step("replace", old=OLD, new=NEW, reasons=["length"]))
    made.steps.insert(0, step("create-replacement", old=OLD, new=NEW))
    made.also_logged = [step("delete-replaced", old=OLD)]
    resource = only(made.review())
    assert (resource.operation, resource.operation_text) == (Operation.REPLACE, "replace")
    assert [(p.path, p.before, p.after, p.replaces) for p in resource.properties] == [
        ("length", "8", "9", True)
    ]


def test_a_replacement_that_deletes_first_is_told_from_one_that_creates_first(
    preview: Make,
) -> None:
    whole = [
        step("delete-replaced", old=OLD),
        step("replace", old=OLD, new=NEW),
        step("create-replacement", old=OLD, new=NEW),
    ]
    # The digest has the middle one only; the order of the others is in the log.
    for ordered, first in ((whole, True), ([whole[2], whole[1], whole[0]], False)):
        made = preview()
        made.also_logged = ordered
        assert only(made.review()).deletes_first is first
        assert only(made.review(digest=None)).deletes_first is first
        made.steps = [whole[1]]
        assert only(made.review()).deletes_first is first


@pytest.mark.parametrize("pending", [True, False])
def test_without_a_log_the_old_state_says_what_is_first(preview: Make, pending: bool) -> None:
    mark = "pendingReplacement" if pending else "delete"
    made = preview(step("replace", old=OLD, new=NEW, was={mark: True}))
    assert only(made.review(log=None)).deletes_first is pending


def test_what_is_deleted_and_retained_leaves_the_state_and_stays(preview: Make) -> None:
    made = preview(step("delete", old=OLD, was={"retainOnDelete": True}))
    for review in (made.review(), made.review(log=None), made.review(digest=None)):
        assert only(review).operation is Operation.FORGET
        assert only(review).retained
        assert review.counts[Operation.DELETE] == 0


def test_a_replaced_resource_that_is_retained_says_so(preview: Make) -> None:
    resource = only(
        preview(step("replace", old=OLD, new=NEW, was={"retainOnDelete": True})).review()
    )
    assert resource.operation in DESTRUCTIVE
    assert resource.retained


def test_protection_is_that_of_what_goes(preview: Make) -> None:
    made = preview(step("delete", old=OLD, was={"protect": True}), step("create", "two", new=NEW))
    by_name = {one.identity.name: one.protected for one in made.review().resources}
    assert by_name == {"one": True, "two": False}


def test_an_operation_of_a_newer_engine_is_told_and_never_taken_for_no_change(
    preview: Make,
) -> None:
    made = preview(
        step("transmute", old=OLD, new=NEW),
        step("same", "two", old=OLD, new=OLD),
        step("transmute", "two", old=OLD, new=OLD),
    )
    review = made.review()
    assert {(one.operation, one.operation_text) for one in review.changed} == {
        (Operation.OTHER, "transmute")
    }
    assert len(review.changed) == 2
    assert review.remarks == (
        "The engine tells of operations that are not known here: transmute (2).",
    )


def test_what_is_deleted_along_with_what_it_depends_on_is_deleted(preview: Make) -> None:
    made = preview(step("replace", old=OLD, new=NEW, was={"pendingReplacement": True}))
    made.also_logged = [
        step("delete-replaced", "dependent", old=OLD),
        step("remove-pending-replace", "dependent", old=OLD, was={"pendingReplacement": True}),
    ]
    by_name = {one.identity.name: one.operation for one in made.review().resources}
    assert by_name == {"one": Operation.REPLACE, "dependent": Operation.DELETE}
    # The digest leaves it out, so that it is not the whole plan.
    alone = made.review(log=None)
    assert alone.outcome is Outcome.INCOMPLETE
    assert any("is told by the log only" in remark for remark in alone.remarks)


def test_what_was_read_elsewhere_is_never_deleted(preview: Make) -> None:
    made = preview(
        step("read-replacement", old=OLD, new=NEW),
        step("replace", old=OLD, new=NEW),
        step("discard-replaced", old=OLD),
    )
    assert only(made.review()).operation is Operation.READ
    made.also_logged = [step("delete-replaced", old=OLD)]
    assert only(made.review()).operation is Operation.REPLACE


def test_deleted_and_created_under_one_urn_counts_as_replaced(preview: Make) -> None:
    review = preview(step("delete", old=OLD), step("create", new=NEW)).review()
    assert only(review).operation is Operation.REPLACE


def test_what_a_refresh_finds_gone_is_told_by_the_log(preview: Make) -> None:
    made = preview()
    made.also_logged = [step("refresh", old=OLD, new=OLD)]
    gone = step("delete", old=OLD)
    metadata = {"op": "delete", "urn": gone["urn"], "type": "random:index/randomId:RandomId"}
    old = {"custom": True, "inputs": OLD}
    made.events = [{"resOutputsEvent": {"metadata": {**metadata, "old": old, "new": None}}}]
    assert only(made.review(digest=None)).operation is Operation.DELETE


def test_providers_are_no_resources_to_count_but_a_change_of_one_is_remarked(
    preview: Make,
) -> None:
    kind = "pulumi:providers:aws"
    made = preview(
        step("update", "main", {"region": "a"}, {"region": "b"}, kind=kind),
        step("replace", "other", {"region": "a"}, {"region": "b"}, kind=kind),
        step("create", "third", new={"region": "b"}, kind=kind),
    )
    review = made.review()
    assert not review.changed
    assert review.remarks == (
        "Providers are replaced, and with them where and how resources are made: other (region).",
        "Providers are updated, and with them where and how resources are made: main (region).",
    )


def test_the_stack_is_none_of_its_resources(preview: Make) -> None:
    stack = step("create", "sample-dev", new={}, kind="pulumi:pulumi:Stack")
    assert preview(stack).review().resources == ()


def test_a_resource_says_where_it_is_made_and_what_it_depends_on(preview: Make) -> None:
    libraries = "project:///.venv/lib/python3.11/site-packages/pulumi/resource.py#7"
    elsewhere = "project:///../../elsewhere/host.py#3"
    made = preview(
        step(
            "update",
            old=OLD,
            new=NEW,
            was={"dependencies": ["a", "b"]},
            will_be={
                "dependencies": ["b"],
                "propertyDependencies": {"length": ["b", "c"], "prefix": None},
                "sourcePosition": libraries,
                "stackTrace": [
                    {"sourcePosition": elsewhere},
                    {},
                    {"sourcePosition": "project:///components/stores/rds.py#196"},
                    {"sourcePosition": "project:///__main__.py#4"},
                ],
            },
        )
    )
    resource = only(made.review())
    assert resource.source == "components/stores/rds.py:196"
    assert (resource.needs_before, resource.needs_after) == ({"a", "b"}, {"b", "c"})


def test_fewer_resources_than_the_engine_counts_are_no_whole_review(preview: Make) -> None:
    made = preview(step("create", new=NEW))
    digest = made.digest_text().replace('"changeSummary": {}', '"changeSummary": {"create": 3}')
    review = made.review(digest=digest)
    assert review.outcome is Outcome.INCOMPLETE
    assert "The engine counts 2 resources more to create than are told here." in review.remarks


def test_a_log_alone_has_the_resources_too(preview: Make) -> None:
    made = preview(
        step("update", old=OLD, new=NEW),
        step("create", "two", new=NEW),
        step("delete", "three", OLD),
    )
    both, alone = made.review(), made.review(digest=None)
    assert [(r.urn, r.operation, r.properties) for r in alone.resources] == [
        (r.urn, r.operation, r.properties) for r in both.resources
    ]
    assert alone.outcome is Outcome.SUCCEEDED
    assert "The engine's digest is not there" in alone.remarks[0]


def test_names_arrive_as_they_are(preview: Make) -> None:
    names = ["a::b", "<b>**x**|`y`</b>", "zeile\nzwei", "🦀 ü", "n" * 5000, 'q"q\\']
    made = preview(*(step("create", name, new=NEW) for name in names))
    assert {one.identity.name for one in made.review().resources} == set(names)


def test_a_urn_that_is_none_is_a_resource_all_the_same(preview: Make) -> None:
    strange = step("create", new=NEW)
    strange["urn"] = "what is this"
    strange["newState"] = {**state("one"), "urn": "what is this"}
    assert only(preview(strange).review()).identity.name == "what is this"
