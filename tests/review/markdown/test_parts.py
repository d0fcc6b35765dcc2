from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from review.markdown.parts import Frame, Lane, Part, Section, fill, fold, lane_of, size, titled


def lane(stack: str, sizes: Sequence[int], frame: Frame | None = None) -> Lane:
    frames = () if frame is None else (frame,)
    parts = [Part(f"{stack}{'x' * length}\n", frames) for length in sizes]
    return Lane(stack, len(parts), lambda: iter(parts))


@st.composite
def sections(draw: st.DrawFn) -> Section:
    shared = draw(st.none() | st.just(Frame("<table>\n", "</table>\n")))
    lanes = [
        lane(chr(ord("a") + place), sizes, shared or Frame(f"<{place}>\n", f"</{place}>\n"))
        for place, sizes in enumerate(
            draw(st.lists(st.lists(st.integers(1, 80), max_size=12), max_size=7))
        )
    ]
    return Section(draw(st.sampled_from(["", "#### Title é\n\n"])), "part", "parts", lanes)


@given(sections(), st.integers(-10, 3_000))
def test_a_section_keeps_to_its_room_and_counts_what_it_leaves(section: Section, room: int) -> None:
    filled = fill(section, room)

    assert filled.used <= max(room, 0)
    shown = [line for line in filled.text.split("\n") if line.endswith("x")]
    assert len(shown) + filled.left == section.total


@given(sections(), st.integers(0, 3_000))
def test_what_is_shown_of_a_stack_is_what_matters_most(section: Section, room: int) -> None:
    lines = fill(section, room).text.split("\n")

    for one in section.lanes:
        whole = [part.text.strip() for part in one.parts()]
        shown = [line for line in lines if line.endswith("x") and line[0] == one.stack]
        assert shown == whole[: len(shown)]


@given(sections())
def test_a_section_is_whole_as_soon_as_it_fits(section: Section) -> None:
    whole = fill(section, 100_000)

    assert whole.left == 0
    assert fill(section, whole.used) == whole
    assert not whole.used or fill(section, whole.used - 1).left


@given(sections(), st.integers(0, 3_000))
def test_every_frame_is_opened_and_closed_once(section: Section, room: int) -> None:
    text = fill(section, room).text

    frames = {part.frames[0] for one in section.lanes for part in one.parts()}
    for frame in frames:
        assert text.count(frame.opening) == text.count(frame.closing) <= 1


def test_the_stack_that_has_least_so_far_comes_next() -> None:
    section = Section("", "part", "parts", [lane("a", [90] * 20), lane("b", [10] * 20)])

    text = fill(section, 700).text

    assert text.count("\na") + text.startswith("a") == 4
    assert text.count("\nb") == 20


def test_a_section_without_room_for_a_word_on_what_is_missing_is_left_out_whole() -> None:
    section = Section("#### Title\n\n", "part", "parts", [lane("a", [50] * 3)])

    assert fill(section, section.frame).text.startswith("#### Title\n\n\n*Not shown: 3 more parts")
    assert fill(section, section.frame - 1).text == ""
    assert fill(section, section.frame - 1).left == 3


def test_only_the_first_stacks_are_named_where_parts_are_missing() -> None:
    section = Section("", "part", "parts", [lane(f"stack-{n}", [50] * 2) for n in range(9)])

    text = fill(section, section.frame).text

    assert text.count("2 of `stack-") == 5
    assert "18 more parts" in text and text.endswith(", others).*\n\n")


def test_a_title_goes_to_the_first_section_that_has_something() -> None:
    empty = Section("", "a", "as", [lane("dev", [])])
    full = Section("", "b", "bs", [lane("dev", [1])])

    assert [section.title for section in titled("T", [empty, full, full])] == ["T", ""]
    assert titled("T", [empty]) == []


def test_what_stands_behind_the_first_few_is_folded() -> None:
    one = lane_of("dev", ["a", "b", "c"], lambda stack, text: Part(f"{stack} {text}\n"), 2)

    text = fill(Section("", "part", "parts", [one]), 1_000).text

    more = fold("more of the 3 in <code>dev</code>")
    assert text == f"dev a\ndev b\n{more.opening}dev c\n{more.closing}"


def test_size_is_counted_in_bytes() -> None:
    assert size("é🦀") == 6
