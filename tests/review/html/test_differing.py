"""What differs between two values."""

from hypothesis import given
from hypothesis import strategies as st

from review.html.differing import LONG, Mark, Pieces, compared, whole
from tests.review.strategies import long_texts, texts


def _marked(pieces: Pieces) -> list[str]:
    return [piece.text for piece in pieces if piece.mark is Mark.DIFFERS]


def _text(pieces: Pieces) -> str:
    return "".join(piece.text for piece in pieces if piece.mark is not Mark.LEFT_OUT)


def test_the_digest_of_an_image_is_marked_and_its_name_is_not() -> None:
    before, after = compared("registry/agent@sha256:aaaa", "registry/agent@sha256:bbbb")
    assert (_marked(before), _marked(after)) == (["aaaa"], ["bbbb"])
    assert _text(before) == "registry/agent@sha256:aaaa"


def test_values_with_nothing_in_common_are_not_marked() -> None:
    before, after = compared("false", "true")
    assert (_marked(before), _marked(after)) == ([], [])


def test_a_line_that_is_added_is_the_only_one_marked() -> None:
    before, after = compared("a\nb\nc\n", "a\nb\nnew\nc\n")
    assert (_marked(before), _marked(after)) == ([], ["new\n"])


def test_long_stretches_of_equal_lines_are_left_out_and_counted() -> None:
    same = "".join(f"line {n}\n" for n in range(100))
    _, after = compared(f"{same}old\n", f"{same}new\n")
    assert [piece.text for piece in after if piece.mark is Mark.LEFT_OUT] == [
        "[… 97 lines the same]\n"
    ]
    assert _marked(after) == ["new\n"]


def test_long_stretches_of_equal_letters_are_left_out_and_counted() -> None:
    same = "word " * 500
    _, after = compared(f"{same}old", f"{same}new")
    assert [piece.text for piece in after if piece.mark is Mark.LEFT_OUT] == [
        "[… 2,340 letters the same]"
    ]


def test_a_value_without_a_counterpart_is_cut_where_it_is_long() -> None:
    (piece,) = whole("x" * (LONG + 7))
    assert piece.text.endswith("[… 7 more characters]")


@given(texts, texts)
def test_a_value_is_shown_in_full_but_for_what_says_that_it_is_left_out(
    before: str, after: str
) -> None:
    for value, pieces in zip((before, after), compared(before, after), strict=True):
        if all(piece.mark is not Mark.LEFT_OUT for piece in pieces):
            assert _text(pieces) == value
        rest = value
        for piece in pieces:
            if piece.mark is not Mark.LEFT_OUT:
                _, found, rest = rest.partition(piece.text)
                assert found


def test_values_of_a_few_lines_are_shown_in_full() -> None:
    before, after = compared("a\nb\nc\nd\n", "a\nb\nc\ne\n")
    assert (_text(before), _text(after)) == ("a\nb\nc\nd\n", "a\nb\nc\ne\n")


@given(long_texts, long_texts)
def test_values_of_any_length_are_shown_within_bounds(before: str, after: str) -> None:
    for pieces in compared(before, after):
        assert sum(len(piece.text) for piece in pieces) < 20 * LONG


@given(st.text(max_size=80))
def test_equal_values_have_nothing_marked(value: str) -> None:
    before, after = compared(value, value)
    assert not _marked(before)
    assert not _marked(after)
