"""What differs in a resource is told property by property."""

import json
from collections.abc import Callable, Mapping

import pytest

from review.model import SECRET, UNKNOWN, Property, PropertyChange
from tests.review.reading.printing import (
    SIGNATURE,
    UNKNOWN_STRING,
    Preview,
    only,
    properties,
    signed,
    step,
)

Make = Callable[..., Preview]
Told = dict[str, tuple[str | None, str | None]]


def told(preview: Make, old: Mapping[str, object], new: Mapping[str, object]) -> Told:
    """Path → before and after."""
    found = properties(preview(step("update", old=old, new=new)).review())
    return {path: (one.before, one.after) for path, one in found.items()}


def test_a_nested_value_is_told_by_its_path(preview: Make) -> None:
    def spec(image: str, **more: object) -> dict[str, object]:
        return {"spec": {"containers": [{"name": "app", "image": image}], **more}}

    assert told(preview, spec("a:1", replicas=1), spec("a:2", paused=True)) == {
        "spec.containers[0].image": ("a:1", "a:2"),
        "spec.paused": (None, "true"),
        "spec.replicas": ("1", None),
    }


def test_a_key_that_is_no_word_is_quoted(preview: Make) -> None:
    old = {"tags": {"a.b": "1", "c-d": "1", "e f": "1", 'g"h': "1"}}
    new = {"tags": {"a.b": "2", "c-d": "2", "e f": "2", 'g"h': "2"}}
    assert set(told(preview, old, new)) == {
        'tags["a.b"]',
        "tags.c-d",
        'tags["e f"]',
        'tags["g\\"h"]',
    }


def test_what_is_equal_but_of_another_type_differs(preview: Make) -> None:
    old = {"a": 1, "b": True, "c": "1", "d": 1, "e": [1], "f": None}
    new = {"a": True, "b": 1, "c": 1, "d": 1.0, "e": [1.0], "f": "null"}
    assert told(preview, old, new) == {
        "a": ("1", "true"),
        "b": ("true", "1"),
        "c": ("1", "1"),
        "f": ("null", "null"),
    }


def test_one_more_container_is_told_as_that(preview: Make) -> None:
    app, sidecar = {"name": "app", "image": "a"}, {"name": "proxy", "image": "p"}
    assert told(preview, {"c": [app]}, {"c": [sidecar, app]}) == {
        'c["proxy"]': (None, '{"name": "proxy", "image": "p"}')
    }
    assert told(preview, {"c": [app]}, {"c": [app, sidecar]}) == {
        "c[1]": (None, '{"name": "proxy", "image": "p"}')
    }


def test_named_parts_that_move_are_told_by_name(preview: Make) -> None:
    def env(**values: str) -> dict[str, object]:
        return {"env": [{"name": name, "value": value} for name, value in values.items()]}

    assert told(preview, env(A="1", B="2", C="3"), env(B="2", C="4", D="5")) == {
        'env["A"]': ('{"name": "A", "value": "1"}', None),
        'env["C"].value': ("3", "4"),
        'env["D"]': (None, '{"name": "D", "value": "5"}'),
    }
    assert told(preview, env(A="1", B="2"), env(B="2", A="1")) == {
        "env": ('["A", "B"]', '["B", "A"]')
    }


def test_parts_of_a_plain_list_keep_to_themselves(preview: Make) -> None:
    assert told(preview, {"a": ["x", "y", "z"]}, {"a": ["x", "z"]}) == {"a[1]": ("y", None)}
    assert told(preview, {"a": ["x", "z"]}, {"a": ["w", "x", "z"]}) == {"a[0]": (None, "w")}
    assert told(preview, {"a": ["x", "y"]}, {"a": ["x", "v"]}) == {"a[1]": ("y", "v")}


def test_very_long_lists_are_compared_from_both_ends(preview: Make) -> None:
    many = [f"10.0.{i // 250}.{i % 250}" for i in range(3000)]
    assert told(preview, {"a": many}, {"a": [*many[:1000], "new", *many[1000:]]}) == {
        "a[1000]": (None, "new")
    }


def test_json_in_a_text_is_compared_inside(preview: Make) -> None:
    def config(value: int) -> dict[str, object]:
        return {"data": {"config.json": json.dumps({"a": {"b": value, "c": [1]}})}}

    assert told(preview, config(1), config(2)) == {'data["config.json"].a.b': ("1", "2")}


def test_yaml_in_a_text_is_compared_inside(preview: Make) -> None:
    old = {"data": {"rules.yaml": "groups:\n  - name: a\n    rules: [one]\nkeep: yes\n"}}
    new = {"data": {"rules.yaml": "groups:\n  - name: a\n    rules: [two]\nkeep: yes\n"}}
    assert told(preview, old, new) == {'data["rules.yaml"].groups[0].rules[0]': ("one", "two")}


def test_a_text_that_is_only_written_differently_is_told_as_a_text(preview: Make) -> None:
    old, new = "a: 1\nb: 2\n", "# why\na: 1\nb: 2\n"
    assert told(preview, {"text": old}, {"text": new}) == {"text": (old, new)}


def test_an_alias_in_yaml_is_not_followed(preview: Make) -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdef", "bcdefg", strict=True)
    )
    assert told(preview, {"text": bomb}, {"text": bomb + "z: 1\n"}) == {
        "text": (bomb, bomb + "z: 1\n")
    }


def test_all_of_what_is_created_is_added_and_all_of_what_is_deleted_is_removed(
    preview: Make,
) -> None:
    inputs = {"spec": {"replicas": 2, "ports": [80, 443]}, "empty": {}, "__defaults": ["x"]}
    for one_step, change in (
        (step("create", new=inputs), PropertyChange.ADDED),
        (step("delete", old=inputs), PropertyChange.REMOVED),
    ):
        found = only(preview(one_step).review()).properties
        assert [(one.path, one.change) for one in found] == [
            (path, change) for path in ("empty", "spec.ports[0]", "spec.ports[1]", "spec.replicas")
        ]
        assert {one.before or one.after for one in found} == {"{}", "80", "443", "2"}


def test_what_stays_has_nothing_to_tell(preview: Make) -> None:
    made = preview(step("same", old={"a": 1}, new={"a": 2}), step("read", "two", new={"a": 1}))
    assert all(not resource.properties for resource in made.review().resources)


def test_a_property_that_cannot_be_changed_in_place_says_so(preview: Make) -> None:
    old = {"spec": {"selector": {"app": "a"}, "replicas": 1}}
    new = {"spec": {"selector": {"app": "b"}, "replicas": 2}}
    exact = {"spec.selector": "update-replace", "spec.replicas": "update"}
    for diff, reasons, replaces in (
        (exact, ["spec"], {"spec.selector.app"}),
        (None, ["spec"], {"spec.selector.app", "spec.replicas"}),
        ({"spec.replicas": "update"}, [], set[str]()),
    ):
        made = preview(step("replace", old=old, new=new, diff=diff, reasons=reasons))
        for review in (made.review(), made.review(digest=None)):
            found = properties(review)
            assert {path for path, one in found.items() if one.replaces} == replaces


def test_a_place_in_a_list_is_found_by_its_old_and_its_new_number(preview: Make) -> None:
    old = {"c": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}
    new = {"c": [{"name": "b", "image": "2"}]}
    for reported in ("c[1].image", "c[0].image"):
        made = preview(step("replace", old=old, new=new, diff={reported: "update-replace"}))
        assert properties(made.review())['c["b"].image'].replaces


def test_what_only_the_provider_sees_is_told_too(preview: Make) -> None:
    made = preview(
        step(
            "update",
            old={"a": 1},
            new={"a": 1},
            diff={"tags.Owner": "delete", "size": "update", "sum": "update", "__meta": "update"},
            was={"outputs": {"tags": {"Owner": "them"}, "size": 3}},
            will_be={"outputs": {"size": 4}},
        )
    )
    found = properties(made.review())
    assert {path: (one.change, one.before, one.after) for path, one in found.items()} == {
        "size": (PropertyChange.CHANGED, "3", "4"),
        "sum": (PropertyChange.CHANGED, "(not told)", UNKNOWN),
        "tags.Owner": (PropertyChange.REMOVED, "them", None),
    }


def test_a_secret_that_the_provider_says_has_changed_is_told_without_a_word_of_it(
    preview: Make,
) -> None:
    for hidden in ("[secret]", signed()):
        inputs = {"keepers": {"token": hidden, "length": 1}}
        made = preview(
            step("replace", old=inputs, new=inputs, diff={"keepers.token": "update-replace"})
        )
        assert only(made.review()).properties == (
            Property(
                path="keepers.token",
                change=PropertyChange.CHANGED,
                before=SECRET,
                after=SECRET,
                replaces=True,
            ),
        )


@pytest.mark.parametrize(
    "unknown",
    [
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"},
    ],
)
def test_what_a_preview_cannot_know_is_told_as_that(preview: Make, unknown: object) -> None:
    assert told(preview, {"a": {"b": "x"}}, {"a": {"b": unknown}}) == {"a.b": ("x", UNKNOWN)}


def test_files_and_references_are_told_by_what_they_are(preview: Make) -> None:
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "abc", "path": "./app"}
    reference = {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:x", "id": "1"}
    output = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 5, "secret": False}
    assert told(preview, {}, {"file": asset, "of": reference, "out": output}) == {
        "file": (None, '{"hash": "abc", "path": "./app"}'),
        "of": (None, "urn:x"),
        "out": (None, "5"),
    }


def test_a_very_long_value_is_cut_and_says_by_how_much(preview: Make) -> None:
    found = told(preview, {}, {"text": "x" * 10_000})
    assert found["text"][1] == "x" * 4000 + " (6,000 more characters)"


def test_of_two_very_long_values_the_place_where_they_differ_is_shown(preview: Make) -> None:
    begin, end = "same line\n" * 900, "\nend" * 900
    before, after = told(preview, {"t": f"{begin}OLD{end}"}, {"t": f"{begin}NEW{end}"})["t"]
    assert before is not None
    assert after is not None
    assert "OLD" in before
    assert "NEW" in after
    assert before.startswith("(8,600 characters left out) same line\n")


def test_the_stacks_own_outputs_are_told_apart(preview: Make) -> None:
    made = preview()
    metadata = {
        "op": "same",
        "urn": "urn:pulumi:dev::sample::pulumi:pulumi:Stack::sample-dev",
        "type": "pulumi:pulumi:Stack",
        "old": {"outputs": {"url": "http://a", "token": signed(), "gone": 1}},
        "new": {"outputs": {"url": "http://b", "token": signed(), "key": signed("x" * 20)}},
    }
    made.events = [{"resOutputsEvent": {"metadata": metadata, "planning": True}}]
    assert {one.path: (one.before, one.after) for one in made.review().outputs} == {
        "gone": ("1", None),
        "key": (None, SECRET),
        "url": ("http://a", "http://b"),
    }
