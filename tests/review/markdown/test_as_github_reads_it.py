"""GitHub's own parser on what another one has found good."""

from collections.abc import Callable, Sequence

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from review.markdown import LIMIT, Links, markdown
from review.markdown.escaping import code, fence, html_code, prose, quoted, visible
from review.markdown.page import SHORTEST
from review.model import Review
from tests.review import samples
from tests.review.markdown.pages import LINKED, Tags, tags
from tests.review.markdown.test_escaping import PLACES
from tests.review.strategies import reviews, texts

LINKS = Links(report="https://example.com/r.html?a=1&copy=2", files="https://example.com/blob/0/")
COMMENT = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_HARDBREAKS
"""Raw HTML is kept, as GitHub sanitizes it afterwards; each end of a line is a break, as in comments."""


def rendered(text: str) -> Tags:
    return tags(github_flavored_markdown_to_html(text, COMMENT))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("write", [code, html_code])
@given(text=texts)
def test_code_is_one_piece_of_code_wherever_it_stands(
    place: str, write: Callable[[str, int], str], text: str
) -> None:
    page = rendered(place.format(write(text, 10_000)))

    assert page.codes == [quoted(visible(text))]
    assert page.wrong == [] and page.addresses == []


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@given(text=texts)
def test_prose_links_nothing_and_speaks_to_nobody(place: str, text: str) -> None:
    page = rendered(place.format(prose(text, 10_000)))

    assert page.addresses == [] and page.wrong == []
    assert [said for said in page.texts if LINKED.search(said)] == []


@given(text=texts)
@example("`" * 300)
def test_a_fence_holds_all_its_lines(text: str) -> None:
    page = rendered(f"before\n\n{fence(text)}\nafter\n")

    assert len(page.codes) == 1
    assert "".join(page.texts).split() == ["before", "after"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(reviews(), min_size=1, max_size=3), st.sampled_from([SHORTEST, LIMIT]))
def test_a_report_is_made_of_what_it_means_to_be_made_of(
    changes: Sequence[Review], limit: int
) -> None:
    check(markdown(changes, limit=limit, links=LINKS))


@pytest.mark.parametrize("name", samples.ALL)
def test_every_example_is_well_made(name: str) -> None:
    check(markdown([samples.ALL[name]()], links=LINKS))


def check(text: str) -> None:
    page = rendered(text)
    assert page.wrong == [] and page.open == []
    assert all(a == LINKS.report or a.startswith(LINKS.files) for a in page.addresses)
    assert [said for said in page.texts if LINKED.search(said)] == []
