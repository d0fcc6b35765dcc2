"""Text and figures."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.html.text import clipped, counted, difference, fitted, listed, money, visible


@given(st.text())
def test_visible_text_has_nothing_that_html_forbids(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not [c for c in shown if unicodedata.category(c) == "Cc" and c not in "\n\t"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("a\u200bb", "a[U+200B]b"),
        ("\x00", "[U+0000]"),
        ("\ud800", "[U+D800]"),
        ("\ufffe", "[U+FFFE]"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
    ],
)
def test_what_nobody_would_see_is_shown_by_its_code(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_name_that_does_not_fit_loses_its_middle() -> None:
    assert fitted("short", 100, 12) == "short"
    shown = fitted("a-very-long-name-of-a-component-indeed", 120, 12)
    assert shown.startswith("a-very")
    assert shown.endswith("indeed")
    assert "…" in shown


@given(st.text(max_size=2_000), st.integers(20, 300))
def test_a_name_of_any_length_becomes_short(text: str, width: int) -> None:
    assert len(fitted(text, width, 12)) <= max(3, width)


def test_money_has_a_true_minus_and_a_sign_where_it_is_a_difference() -> None:
    assert money(1204.25, "USD") == "1,204.25 USD"
    assert difference(392, "USD") == "+392.00 USD"
    assert difference(-20.5, "USD") == "\u221220.50 USD"
    assert difference(0.001, "USD") == "no difference in USD"


def test_words_follow_their_number() -> None:
    assert counted(1, "resource") == "1 resource"
    assert counted(1_200, "property", "properties") == "1,200 properties"
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_what_is_cut_says_how_much() -> None:
    assert clipped("abcdef", 6) == "abcdef"
    assert clipped("abcdef", 4) == "abcd [… 2 more characters]"
