"""What keeps a resource from being destroyed is taken off in sight of everybody."""

from collections.abc import Callable

import pytest

from review.gates import HIT, judge, parse
from review.html import html
from review.markdown import markdown
from review.model import Operation
from tests.review.reading.printing import Preview, only, step

OLD = {"length": 8}
Make = Callable[..., Preview]


def test_a_change_of_protection_is_remarked_even_where_nothing_else_changes(preview: Make) -> None:
    made = preview(
        step("same", old=OLD, new=OLD, was={"protect": True}),
        step("same", "two", old=OLD, new=OLD, will_be={"protect": True}),
    )
    assert set(made.review().remarks) == {
        "No longer protected from deletion: one.",
        "Protected from deletion from now on: two.",
    }


def test_retention_that_is_taken_off_is_remarked_and_is_a_change(preview: Make) -> None:
    made = preview(
        step("same", old=OLD, new=OLD, was={"retainOnDelete": True}),
        step("same", "two", old=OLD, new=OLD, will_be={"retainOnDelete": True}),
    )
    assert made.review().remarks == (
        "No longer retained when deleted: one.",
        "Retained when deleted from now on: two.",
    )


@pytest.mark.parametrize("option", ["protect", "retainOnDelete"])
def test_what_is_no_longer_kept_from_destruction_is_updated_and_says_how(
    preview: Make, option: str
) -> None:
    review = preview(step("same", old=OLD, new=OLD, was={option: True})).review()
    resource = only(review)
    assert review.counts == {Operation.UPDATE: 1}
    assert [(one.path, one.before, one.after) for one in resource.properties] == [
        (f"options.{option}", "true", "false")
    ]
    assert judge([review], parse("change")).code == HIT
    assert "nothing changes" not in markdown([review])
    assert "Nothing changes" not in html([review])


def test_a_provider_that_is_no_longer_protected_is_no_changed_provider(preview: Make) -> None:
    kind = "pulumi:providers:aws"
    made = preview(step("same", "main", OLD, OLD, kind=kind, was={"protect": True}))
    assert made.review().remarks == ("No longer protected from deletion: main.",)


@pytest.mark.parametrize(("after", "kept"), [(True, True), (False, False)])
def test_a_replacement_is_refused_only_while_both_are_protected(
    preview: Make, after: bool, kept: bool
) -> None:
    made = preview(
        *(
            step(op, old=OLD, new={"length": 9}, was={"protect": True}, will_be={"protect": after})
            for op in ("create-replacement", "replace", "delete-replaced")
        )
    )
    assert only(made.review()).protected is kept
