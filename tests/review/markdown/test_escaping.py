from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.markdown.escaping import clip, code, fence, html_code, prose, quoted, sentence, visible
from tests.review.markdown.pages import LINKED, PARSER, tags
from tests.review.nasty import NASTY_TEXTS
from tests.review.strategies import texts

PLACES = {
    "in a paragraph": "before {} after",
    "at the start of a paragraph": "{}",
    "in an item": "- {}, after",
    "in bold": "**before: {}.**",
    "in a table": "| a | b |\n| --- | --- |\n| {} | b |",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("write", [code, html_code])
@given(text=texts)
def test_code_is_one_piece_of_code_wherever_it_stands(
    place: str, write: Callable[[str, int], str], text: str
) -> None:
    page = tags(PARSER.render(place.format(write(text, 10_000))))

    assert page.codes == [quoted(visible(text))]
    assert page.wrong == []


@given(text=texts)
def test_code_in_the_summary_of_a_fold_is_one_piece_of_code(text: str) -> None:
    written = f"<details><summary>{html_code(text, 10_000)}</summary>\n\nrest\n\n</details>\n"

    page = tags(PARSER.render(written))

    assert page.codes == [quoted(visible(text))]
    assert page.wrong == [] and page.open == []


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@given(text=texts)
@example("1. one")
@example("- one")
@example("don't - ever, (say) this")
def test_prose_says_its_words_and_nothing_else(place: str, text: str) -> None:
    before = tags(PARSER.render(place.format("word")))
    page = tags(PARSER.render(place.format(prose(text, 10_000))))

    said = "".join(everything(place.format(prose(text, 10_000))).split())
    wanted = "".join(everything(place.format("WORD")).split())
    words = visible(" ".join(text.split())) or '""'
    assert said == wanted.replace("WORD", "".join(words.split()))
    assert page.wrong == before.wrong


@given(text=texts)
def test_prose_speaks_to_nobody_and_links_nothing(text: str) -> None:
    page = tags(PARSER.render(prose(text, 10_000)))

    assert [said for said in page.texts if LINKED.search(said)] == []
    assert page.addresses == []


def test_plain_words_of_prose_are_not_set_in_code() -> None:
    said = 'agent: don\'t run as root (see docs/policies.md), set runAsNonRoot to "true".'

    assert prose(said) == said


@pytest.mark.parametrize(
    "said", ["@octocat", "#12", "GH-7", "owner/name#3", "0123abcd", "www.a.bc"]
)
def test_what_a_host_would_link_is_code(said: str) -> None:
    assert prose(f"see {said}, please") == f"see `{said},` please"


def test_an_address_in_code_is_in_pieces_for_parsers_that_look_behind_entities() -> None:
    assert html_code("a@b.c") == "<code>a<wbr>&#64;b&#46;c</code>"


@given(text=texts | st.sampled_from(["`" * 300, "~" * 300, "a\n```\nb", "a\n    ```\nb"]))
def test_a_fence_holds_all_its_lines(text: str) -> None:
    tokens = PARSER.parse(f"before\n\n{fence(text, 'diff')}\nafter\n")

    assert [token.type for token in tokens if token.level == 0] == [
        *("paragraph_open", "paragraph_close", "fence", "paragraph_open", "paragraph_close")
    ]
    assert tokens[3].info == "diff"


@given(text=texts)
def test_no_text_keeps_a_sign_that_cannot_be_seen(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(text, lines=True).replace("\n", "").isprintable()
    visible(text).encode()


def test_line_ends_and_escapes_are_told_apart() -> None:
    assert visible("a\nb") != visible("a\\nb")


def test_a_long_text_keeps_both_ends_and_says_how_much_is_missing() -> None:
    assert (
        clip("a" * 100 + "b" * 1_000 + "c" * 50, 60) == f"{'a' * 40}…[1,090 characters]…{'c' * 20}"
    )
    assert clip("short", 60) == "short"


@pytest.mark.parametrize("text", ["Stop.", "Stop!", "Stop?", "Stop"])
def test_a_sentence_ends_once(text: str) -> None:
    assert sentence(text) == (text if text != "Stop" else "Stop.")


@pytest.mark.parametrize("text", NASTY_TEXTS)
def test_code_is_marked_by_backticks_where_they_are_enough(text: str) -> None:
    needs_html = "|" in text or "\\" in text or "````" in text

    assert code(text).startswith("<code>" if needs_html else "`")


def everything(text: str) -> str:
    """All that a page says, in order."""
    return "".join(
        child.content
        for token in PARSER.parse(text)
        for child in token.children or []
        if child.type in {"text", "code_inline"}
    )
