from dataclasses import replace

import pytest

from review.markdown import AddressError, Links, markdown
from review.markdown.figures import listed, many, money
from review.model import Costs, Level, Outcome, Policies, Review
from tests.review import samples
from tests.review.building import changed, costs, review
from tests.review.markdown.pages import Page

FILES = Links(files="https://github.com/owner/name/blob/0123abc/")


def page(*changes: Review, links: Links | None = None) -> Page:
    return Page(markdown(changes, links=links))


def cells(*changes: Review) -> dict[str, str]:
    """The first stack's row, by the head of its column."""
    head, first = page(*changes).rows[:2]
    return dict(zip(head, first, strict=True))


def test_a_change_of_nothing_is_one_line() -> None:
    text = markdown([samples.nothing_changed("dev"), samples.nothing_changed("prod")])

    assert text == "**Preview of `dev` and `prod`: nothing changes**, compared with branch main.\n"


def test_a_stack_that_stays_as_it_is_has_its_row_beside_one_that_changes() -> None:
    row = cells(samples.nothing_changed("dev"), samples.replaced_database("prod"))

    assert (row["stack"], row["outcome"]) == ("`dev`", "nothing changes")


@pytest.mark.parametrize(
    ("change", "heading"),
    [
        (samples.creation(), "Preview: creates 4 resources"),
        (samples.image_change(), "Preview: updates 1 resource"),
        (samples.replaced_database(), "Preview: 🔴 1 loss"),
        (samples.broken_policies(), "Preview: ❌ breaks 2 mandatory policies"),
        (samples.failed(), "Preview: ❌ failed"),
        (samples.incomplete(), "Preview: ❌ incomplete, ⚠️ not judged by the policies"),
        (samples.crashed_pack(), "Preview: ⚠️ not judged by the policies"),
        (review("dev", [], outputs=(changed("url", "a", "b"),)), "Preview: changes outputs only"),
    ],
)
def test_the_heading_says_the_gravest(change: Review, heading: str) -> None:
    assert page(change).titles[0] == heading


def test_a_gate_that_is_shut_is_told_before_anything_else() -> None:
    shut = replace(
        samples.image_change(), stopped=("cost: it gets dearer by 440.98 USD",), commit="1a2b3c4"
    )
    found = page(shut)
    assert found.titles[0] == "Preview of 1a2b3c4: ❌ a gate is shut"
    assert "it gets dearer by 440.98 USD" in found.text


def test_a_row_says_what_happens_and_what_it_costs() -> None:
    assert cells(samples.replaced_database()) == {
        "stack": "`prod`",
        "outcome": "changes",
        "create": "·",
        "update": "1",
        "replace": "🔴 **1**",
        "delete": "·",
        "cost per month": "**+392.00 USD**<br><sub>3 prices unknown</sub>",
        "policies": "kept",
        "compared with": "branch main",
    }


def test_what_leaves_the_state_has_a_column_only_where_something_does() -> None:
    assert cells(samples.deleted_balancer())["forget"] == "1"
    assert "forget" not in cells(samples.creation())


@pytest.mark.parametrize(
    ("policies", "outcome", "told"),
    [
        (samples.JUDGED, Outcome.SUCCEEDED, "kept"),
        (samples.JUDGED, Outcome.FAILED, "so far none"),
        (replace(samples.JUDGED, undecided=2), Outcome.SUCCEEDED, "kept, 2 undecided"),
        (samples.broken_policies().policies, Outcome.SUCCEEDED,
         "❌ **2 mandatory**, 1 advisory, 1 undecided"),
        (Policies(), Outcome.SUCCEEDED, "⚠️ **no policies asked**"),
        (Policies(failed="it crashed"), Outcome.SUCCEEDED, "⚠️ **not judged**"),
        (replace(samples.broken_policies().policies, failed="it crashed"), Outcome.SUCCEEDED,
         "⚠️ **not judged**; so far ❌ **2 mandatory**, 1 advisory"),
    ],
)  # fmt: skip
def test_no_findings_and_no_judgement_are_told_apart(
    policies: Policies, outcome: Outcome, told: str
) -> None:
    changes = replace(samples.creation(), policies=policies, outcome=outcome)

    assert cells(changes)["policies"] == told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (samples.failed(), "The preview of `prod` **failed**"),
        (samples.incomplete(), "The preview of `prod` is **incomplete**"),
        (
            samples.crashed_pack(),
            "The policies **did not judge** `dev`: pack agent-platform stopped",
        ),
        (
            replace(samples.nothing_changed(), policies=Policies()),
            "**No policies were asked** about",
        ),
    ],
)
def test_what_must_not_be_overlooked_stands_in_a_box(change: Review, said: str) -> None:
    before, box, after = markdown([change]).partition("> [!CAUTION]\n")

    assert box and said in after.partition("\n\n")[0]
    assert "####" not in before


def test_remarks_are_told() -> None:
    assert page(samples.incomplete()).items("Remarks") == [
        "prod: The event log ends without a summary."
    ]


def test_the_foot_says_how_it_was_made() -> None:
    text = markdown([samples.broken_policies()])

    assert (
        "<sub>`prod`: `pulumi preview` in 21 s against branch main; judged by agent-platform 1.0.0; "
        "1 time a rule met a value that a preview cannot know and judges it in deployment; list "
        "prices of 2025-10; 2 prices hang on values that a preview cannot know; no price for "
        "`aws:wafv2/webAcl:WebAcl`.</sub>"
    ) in text


def test_no_stack_is_not_a_change_of_nothing() -> None:
    assert markdown([]) == "**No stack was previewed.**\n"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://a b", "https://a/<b>", "//a.bc"]
)
def test_an_address_that_cannot_stand_in_a_link_is_refused(address: str) -> None:
    with pytest.raises(AddressError, match="wanted http:// or https://"):
        Links(report=address)


def test_a_place_in_the_program_is_a_link_where_its_address_is_known() -> None:
    place = "components/stores/rds.py:196"

    assert Links().source(place) == f"`{place}`"
    assert FILES.source(place) == (
        f"[`{place}`](<https://github.com/owner/name/blob/0123abc/components/stores/rds.py#L196>)"
    )
    assert (
        Links(files="https://a.bc/?b&amp=").source("c:1")
        == "[`c:1`](<https://a.bc/?b&amp;amp=c#L1>)"
    )
    assert FILES.source("../../etc/passwd:1") == "`../../etc/passwd:1`"


def test_figures_are_told_as_people_tell_them() -> None:
    assert (many(1, "day", "days"), many(1_204, "day", "days")) == ("1 day", "1,204 days")
    assert [money(x, "USD") for x in (12.4, -0.001, -1_300.5)] == [
        *("+12.40 USD", "0.00 USD", "-1,300.50 USD"),
    ]
    assert listed(["a"], 3) == "a"
    assert listed(["a", "b", "c"], 3) == "a, b and c"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (None, "nothing priced"),
        (replace(costs(1, 1, {}), unpriced=(), undecided=0), "no change"),
        (replace(costs(20, 7.6, {}), unpriced=(), undecided=0), "**-12.40 USD**"),
    ],
)
def test_what_a_stack_costs_is_told(of: Costs | None, told: str) -> None:
    assert cells(replace(samples.image_change(), costs=of))["cost per month"] == told


def test_a_policy_that_is_broken_often_is_counted_once_in_the_heading() -> None:
    change = samples.huge(number=50)

    assert "breaks 1 mandatory policy" in page(change).titles[0]
    assert "**10 mandatory**" in cells(change)["policies"]
    assert all(one.level is Level.MANDATORY for one in change.policies.findings)
