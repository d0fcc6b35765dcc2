import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review.markdown import LIMIT, LimitError, Links, markdown
from review.markdown.page import RESERVED, SHORTEST
from review.model import DESTRUCTIVE, Level, Outcome, Review
from tests.review import samples
from tests.review.markdown.pages import LINKED, Page
from tests.review.strategies import reviews, texts

LINKS = Links(
    report="https://example.com/report.html?a=1",
    files="https://github.com/owner/name/blob/0123abcd/",
)
TITLES = {
    *("Destroys", "Breaks policies", "Errors and warnings", "By component", "Diffs", "Remarks"),
}
BLOCKS = {
    *("heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th"),
    *("td", "blockquote", "fence", "html_block", "hr", "inline"),
}

several = st.lists(reviews(), min_size=1, max_size=3)
limits = st.sampled_from([SHORTEST, 6_000, 12_000, LIMIT])
linked = st.sampled_from([None, LINKS, Links(artifact="preview-report")])
thorough = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(several, limits, linked)
def test_a_report_is_never_too_long_however_its_length_is_counted(
    changes: Sequence[Review], limit: int, links: Links | None
) -> None:
    text = markdown(changes, limit=limit, links=links)

    room = limit - RESERVED
    assert len(text) <= room
    assert len(text.encode("utf-16-le")) // 2 <= room
    assert len(text.encode()) <= room


@thorough
@given(several, limits, linked)
def test_a_report_is_made_of_what_it_means_to_be_made_of(
    changes: Sequence[Review], limit: int, links: Links | None
) -> None:
    check_structure(markdown(changes, limit=limit, links=links))


@thorough
@given(several, limits)
def test_all_that_is_destroyed_and_all_that_stops_is_shown_or_counted(
    changes: Sequence[Review], limit: int
) -> None:
    check_nothing_is_lost(changes, markdown(changes, limit=limit))


@thorough
@given(several)
def test_what_did_not_go_well_never_looks_as_if_it_had(changes: Sequence[Review]) -> None:
    page = Page(markdown(changes))
    rows = page.rows[1 : 1 + len(changes)]
    if "nothing changes**, compared" in page.text:
        assert all(review.outcome is Outcome.SUCCEEDED for review in changes)
        return
    for cells, review in zip(rows, changes, strict=True):
        outcome, policies = cells[1], cells[-2]
        if review.outcome is not Outcome.SUCCEEDED:
            assert review.outcome in outcome and "❌" in outcome
            assert policies != "none"
        if review.policies.failed:
            assert "not judged" in policies
        if review.policies.findings or not review.policies.packs:
            assert policies != "none"


@thorough
@given(several)
def test_the_same_reviews_make_the_same_report(changes: Sequence[Review]) -> None:
    assert markdown(changes) == markdown(changes)


@given(texts.filter(bool))
def test_an_address_stands_in_a_link_or_is_refused(text: str) -> None:
    try:
        links = Links(report=f"https://example.com/{text}")
    except ValueError:
        return
    check_structure(markdown([samples.image_change()], links=links), report=links.report)


@pytest.mark.parametrize("name", samples.ALL)
@pytest.mark.parametrize("limit", [SHORTEST, 16_000, LIMIT])
def test_every_example_is_well_made_and_complete(name: str, limit: int) -> None:
    changes = [samples.ALL[name](), samples.replaced_database("stage")]

    text = markdown(changes, limit=limit, links=LINKS)

    assert len(text.encode()) <= limit - RESERVED
    check_structure(text)
    check_nothing_is_lost(changes, text)


def test_a_hundred_stacks_are_shown_or_counted() -> None:
    changes = [samples.replaced_database(f"stack-{number}") for number in range(100)]

    for limit in (SHORTEST, LIMIT):
        text = markdown(changes, limit=limit)
        check_structure(text)
        check_nothing_is_lost(changes, text)
        assert len(text.encode()) <= limit - RESERVED


def test_stacks_share_the_room_alike() -> None:
    page = Page(markdown([samples.huge("dev"), samples.huge("prod")]))

    items = page.items("Destroys")
    of_dev = sum("in dev." in item for item in items)
    assert len(items) > 100
    assert abs(of_dev - (len(items) - of_dev)) <= 10


def test_a_small_stack_is_shown_whole_beside_a_huge_one() -> None:
    page = Page(markdown([samples.huge("dev"), samples.replaced_database("prod")]))

    assert [item for item in page.items("Destroys") if "postgres-instance" in item]
    assert any("storageEncrypted" in item for item in page.items("Diffs"))


def test_a_report_with_everything_in_it_does_not_speak_of_a_rest() -> None:
    text = markdown([samples.replaced_database()], links=LINKS)

    assert "Left out" not in text and "Not shown" not in text
    assert text.rstrip().endswith(f"[the HTML report](<{LINKS.report}>).</sub>")


def test_what_is_left_out_is_said_where_it_is_missing_and_at_the_end() -> None:
    text = markdown([samples.huge()], links=Links(artifact="preview-report"))

    left = Page(text).left["replacements and deletions that lose something"]
    assert (
        f"*Not shown: {left:,} more replacements and deletions that lose something of `prod`.*"
        in text
    )
    assert text.rstrip().endswith("The rest is in the HTML report, artifact `preview-report`.")


def test_a_limit_without_room_for_a_report_is_refused() -> None:
    with pytest.raises(LimitError, match="got a limit of 100, wanted at least 4096"):
        markdown([samples.creation()], limit=100)


def check_structure(text: str, report: str = LINKS.report) -> None:
    """Nothing of the texts in it has become Markdown or HTML of its own."""
    page = Page(text)
    html = page.html
    assert html.wrong == []
    assert html.open == []
    assert {re.sub("_(open|close)$", "", token.type) for token in page.tokens} <= BLOCKS
    assert all(title.startswith("Preview: ") or title in TITLES for title in page.titles)
    assert all(bars == columns + 1 for columns, bars in page.widths)
    assert all(a == report or a.startswith(LINKS.files) for a in html.addresses)
    assert [said for said in html.texts if LINKED.search(said)] == []
    for fence in page.fences:
        assert fence.info in {"diff", ""}
        starts = ("-", "+", "!", "@@", "# …", "  ")
        assert fence.info == "" or all(
            line.startswith(starts) for line in fence.content.splitlines()
        )


def check_nothing_is_lost(changes: Sequence[Review], text: str) -> None:
    """Every replacement and deletion, and every mandatory finding, is there or counted."""
    page = Page(text)
    destroyed = sum(review.counts[one] for review in changes for one in DESTRUCTIVE)
    left = sum(
        number
        for kind, number in page.left.items()
        if kind.startswith(("replacement or deletion", "replacements and deletions"))
    )
    assert len(page.items("Destroys")) + left == destroyed
    stops = sum(
        found.level is Level.MANDATORY for review in changes for found in review.policies.findings
    )
    shown = [item for item in page.items("Breaks policies") if item.startswith("❌ mandatory")]
    left = page.left.get("mandatory finding", 0) + page.left.get("mandatory findings", 0)
    assert len(shown) + left == stops
