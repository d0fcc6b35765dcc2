import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.markdown.hunks import block
from review.markdown.parts import size
from review.model import SECRET, Property, PropertyChange
from tests.review.building import added, changed, removed
from tests.review.strategies import long_texts, properties, texts


def lines(*told: Property, room: int = 4_000) -> list[str]:
    """What stands between the fence's marks."""
    return block(told, room).strip("\n").split("\n")[1:-1]


def test_a_short_value_is_a_line_that_goes_and_a_line_that_comes() -> None:
    assert lines(changed("spec.replicas", "2", "3")) == ["- spec.replicas: 2", "+ spec.replicas: 3"]


def test_long_values_stand_below_their_path() -> None:
    before, after = f"registry/name@sha256:{'1' * 64}", f"registry/name@sha256:{'2' * 64}"

    assert lines(changed("spec.containers[0].image", before, after)) == [
        *("@@ spec.containers[0].image @@", f"- {before}", f"+ {after}"),
    ]


def test_what_is_added_only_comes_and_what_is_removed_only_goes() -> None:
    assert lines(added("a", "1"), removed("b", "2")) == ["+ a: 1", "- b: 2"]


def test_what_forces_a_replacement_comes_first_and_says_so() -> None:
    told = [changed("a", "1", "2"), changed("b", "1", "2", replaces=True)]

    assert lines(*told) == ["! b forces the replacement", "- b: 1", "+ b: 2", "- a: 1", "+ a: 2"]


def test_a_changed_secret_is_not_shown_as_if_it_were_the_same() -> None:
    assert lines(changed("password", SECRET, SECRET)) == [f"! password: {SECRET}, another one"]


def test_a_document_shows_the_lines_that_differ_and_those_around() -> None:
    before = "\n".join(str(number) for number in range(100))
    after = before.replace("\n50\n", "\nfifty\n")

    assert lines(changed("data.text", before, after)) == [
        *("@@ data.text @@", "  48", "  49", "- 50", "+ fifty", "  51", "  52"),
    ]


def test_a_document_in_json_keeps_its_lines() -> None:
    before = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}], "Version": "2012-10-17"}
    after = {**before, "Statement": [{"Effect": "Allow", "Action": "s3:*"}]}

    told = lines(changed("policy", json.dumps(before), json.dumps(after)))

    assert '-       "Action": "s3:GetObject"' in told
    assert '+       "Action": "s3:*"' in told
    assert not any("2012" in line for line in told)


def test_documents_that_mean_the_same_are_shown_as_they_are_written() -> None:
    before = json.dumps({"a": "b" * 100})

    told = lines(changed("policy", before, before.replace(": ", ":")))

    assert [line[0] for line in told] == ["@", "-", "+"]


def test_what_differs_in_the_middle_of_a_long_value_is_seen() -> None:
    before, after = f"{'a' * 5_000}1{'b' * 5_000}", f"{'a' * 5_000}2{'b' * 5_000}"

    told = lines(changed("text", before, after))

    assert "a1b" in told[1] and "a2b" in told[2]
    assert all("[4,980 characters]" in line and len(line) < 500 for line in told[1:])


def test_what_differs_far_behind_in_a_long_line_of_a_document_is_seen() -> None:
    before = "head\n" + "a" * 1_000 + "1"

    assert "- aaaaaa1"[2:] in "".join(lines(changed("text", before, before[:-1] + "2")))


def test_a_change_of_line_ends_is_seen() -> None:
    assert lines(changed("text", "a\r\nb", "a\nb")) == ["@@ text @@", "- a␍", "+ a", "  b"]


@pytest.mark.parametrize("value", ["", " ", "a "])
def test_ends_that_cannot_be_seen_are_quoted(value: str) -> None:
    assert lines(added("text", value)) == [f'+ text: "{value}"']


def test_a_very_long_document_is_compared_in_part_and_says_so() -> None:
    before = "\n".join(f"{number} before" for number in range(5_000))
    after = before.replace("before", "after")

    told = lines(changed("text", before, after))

    assert told[-1].startswith("# … ") and told[-1].endswith("more lines, not shown")
    assert size("\n".join(told)) < 4_000


def test_properties_without_room_are_counted() -> None:
    told = lines(*(changed(f"path-{number:02}", "1", "2") for number in range(50)), room=200)

    pairs = (len(told) - 1) // 2
    assert told[-1] == f"# … {50 - pairs} more properties, not shown"
    assert 1 < pairs < 10


@given(st.lists(properties(), min_size=1, max_size=5), st.integers(1, 4_000))
def test_a_block_is_never_much_longer_than_its_room(told: list[Property], room: int) -> None:
    # One property is shown whatever the room; marks and the last line come on top.
    assert size(block(told, room)) < room + 8_000


@given(texts | long_texts, texts | long_texts)
@example("a", "a ")
@example("[1]" * 60, "[1]" * 61)
@example("\x7f" * 240, "`")
@example("\U0010ffff" * 400, "\U0010ffff" * 399 + "\x7f")
@example("a" * 3_000 + "\x7f" * 300, "a" * 3_000 + "\x7f" * 301)
@example("x" * 400 + "\n" * 700 + "1", "x" * 400 + "\n" * 700 + "2")
def test_two_values_never_look_the_same(before: str, after: str) -> None:
    if before == after:
        return
    told = lines(changed("text", before, after))

    gone = [line[1:] for line in told if line.startswith("-")]
    come = [line[1:] for line in told if line.startswith("+")]
    assert gone != come


@pytest.mark.parametrize("change", PropertyChange)
def test_every_kind_of_change_is_told(change: PropertyChange) -> None:
    before = None if change is PropertyChange.ADDED else "before"
    after = None if change is PropertyChange.REMOVED else "after"

    told = lines(Property(path="a", change=change, before=before, after=after))

    marks = {"added": ["+"], "removed": ["-"], "changed": ["-", "+"]}[change]
    assert [line[0] for line in told] == marks
