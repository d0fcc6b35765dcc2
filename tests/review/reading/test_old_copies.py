"""Old copies that an interrupted replacement has left are told as what they are: resources that go."""

from collections.abc import Callable

from review.gates import judge, parse
from review.html import html
from review.markdown import markdown
from review.model import Operation, Review
from tests.review.reading.printing import Preview, only, step

OLD = {"length": 8}
NEW = {"length": 9}
Make = Callable[..., Preview]


def operations(review: Review) -> dict[str, Operation]:
    """Name → what is done to it."""
    return {one.identity.name: one.operation for one in review.resources}


def test_an_old_copy_that_is_still_to_be_deleted_is_a_deletion_of_its_own(preview: Make) -> None:
    made = preview(step("same", old=OLD, new=OLD))
    made.also_logged = [step("delete-replaced", old=OLD, was={"delete": True})]
    review = made.review()
    assert operations(review) == {"one": Operation.SAME, "one (old copy)": Operation.DELETE}
    assert review.remarks == ("Old copies are deleted that an earlier deployment left: one.",)


def test_an_old_database_that_waits_for_its_deletion_closes_the_gates_and_is_shown(
    preview: Make,
) -> None:
    kind = "aws:rds/instance:Instance"
    kept = {"skipFinalSnapshot": True}
    made = preview(step("same", "db", kept, kept, kind=kind))
    made.also_logged = [step("delete-replaced", "db", kept, kind=kind, was={"delete": True})]
    review = made.review()
    (gone,) = review.changed
    assert gone.loss is not None
    assert gone.loss.startswith("its data")
    assert gone.irretrievable
    found = judge([review], parse("delete,loss,change"))
    assert {hit.gate for hit in found.hits} == {"delete", "loss", "change"}
    assert "db (old copy)" in markdown([review])
    assert "db (old copy)" in html([review])
    assert review.costs is not None
    assert review.costs.difference == 0


def test_old_copies_go_besides_a_replacement_and_besides_a_deletion(preview: Make) -> None:
    newer, oldest = {"length": 6}, {"length": 7}
    waiting = [
        step("delete-replaced", old=oldest, was={"delete": True}),
        step("delete-replaced", old=newer, was={"delete": True}),
    ]
    expected = {"one (old copy)": Operation.DELETE, "one (old copy 2)": Operation.DELETE}
    made = preview(step("replace", old=OLD, new=NEW))
    made.also_logged = [*waiting, step("delete-replaced", old=OLD, was={"delete": True})]
    review = made.review()
    assert operations(review) == {"one": Operation.REPLACE, **expected}
    lengths = {r.identity.name: r.properties[0].before for r in review.resources}
    assert lengths == {"one": "8", "one (old copy)": "7", "one (old copy 2)": "6"}
    made = preview(step("delete", old=OLD))
    made.also_logged = waiting
    assert operations(made.review()) == {"one": Operation.DELETE, **expected}


def test_an_old_copy_that_is_retained_is_left_where_it_is(preview: Make) -> None:
    made = preview(step("same", old=OLD, new=OLD))
    was = {"delete": True, "retainOnDelete": True}
    made.also_logged = [step("delete-replaced", old=OLD, was=was)]
    assert operations(made.review())["one (old copy)"] is Operation.FORGET


def test_an_old_copy_that_the_digest_describes_is_told_from_there(preview: Make) -> None:
    made = preview(
        step("same", old=OLD, new=OLD),
        step("delete-replaced", old={"length": 7}, was={"delete": True}),
    )
    for review in (made.review(), made.review(log=None), made.review(digest=None)):
        gone = review.changed
        assert [one.identity.name for one in gone] == ["one (old copy)"]
        assert gone[0].properties[0].before == "7"


def test_what_has_the_name_of_an_old_copy_stays_itself(preview: Make) -> None:
    made = preview(
        step("same", old=OLD, new=OLD), step("update", "one (old copy)", old=OLD, new=NEW)
    )
    made.also_logged = [step("delete-replaced", old=OLD, was={"delete": True})]
    assert operations(made.review()) == {
        "one": Operation.SAME,
        "one (old copy)": Operation.UPDATE,
        "one (old copy 2)": Operation.DELETE,
    }


def test_what_only_has_an_old_copy_left_is_deleted(preview: Make) -> None:
    made = preview()
    made.also_logged = [step("delete-replaced", old=OLD, was={"delete": True})]
    assert only(made.review()).operation is Operation.DELETE
