"""Unit: every resource type is taken through its life, against a moto server."""

import pytest

from tests.unit.toolchain.providers.aws.cases import AREAS, CASES
from tests.unit.toolchain.providers.aws.stand_in import (
    DEFAULT_TAGS,
    Case,
    Engine,
    Inputs,
    Made,
    World,
)
from toolchain.providers.aws.changes import same
from toolchain.providers.aws.schema import schema
from toolchain.providers.aws.types import find, types
from toolchain.providers.aws.values import UNKNOWN, has_unknown

each_type = pytest.mark.parametrize("case", [pytest.param(CASES[t], id=t) for t in sorted(CASES)])


def test_every_type_has_one_sample() -> None:
    assert sorted(types()) == sorted(case.token for area in AREAS for case in area.CASES)


@each_type
def test_the_table_names_what_the_sdk_knows(case: Case) -> None:
    kind, known = find(case.token), schema(case.token)
    inputs = {name.split(".", 1)[0] for name in (*kind.updates, *kind.replaces)}
    assert inputs <= set(known.inputs)
    assert known.required <= kind.carried
    assert {*kind.secrets, *kind.volatile, *kind.absent} <= set(known.outputs)
    assert (kind.tag is not None) == ("tags" in known.inputs)
    assert not kind.autoname or kind.autoname in known.inputs


@each_type
def test_a_preview_knows_the_inputs_and_promises_the_rest(case: Case, engine: Engine) -> None:
    inputs = case.inputs(World(engine, CASES))
    checked, failures = engine.check(case.token, inputs)
    assert failures == {}
    outputs = engine.preview(case.token, checked)
    for name, value in checked.items():
        assert outputs[name] == value
    for name in schema(case.token).promised - set(checked) - {"region", "tagsAll"}:
        assert outputs[name] is UNKNOWN or name.endswith("Prefix")


@each_type
def test_it_is_made_read_changed_and_removed(case: Case, engine: Engine) -> None:
    inputs = case.inputs(World(engine, CASES))
    made = engine.make(case.token, inputs)
    _is_whole(made)
    _holds(engine, made)
    for name, value in case.replaces.items():
        answer = engine.diff(made, _with(inputs, {name: value}))
        assert list(answer.replaces) == [name]

    changed = _with(inputs, case.changes)
    if case.changes:
        answer = engine.diff(made, changed)
        assert not answer.replaces
        assert set(answer.diffs) == set(case.changes)
        engine.change(made, changed, preview=True)
        made = engine.change(made, changed)
        _holds(engine, made)
        made = engine.change(made, inputs)
        _holds(engine, made)

    engine.remove(made)
    assert engine.read(made) is None
    engine.remove(made)


@each_type
def test_tags_come_and_go(case: Case, engine: Engine) -> None:
    if "tags" not in schema(case.token).inputs:
        return
    inputs = case.inputs(World(engine, CASES))
    made = engine.make(case.token, {**inputs, "tags": {"team": "a", "stage": "test"}})
    assert made.outputs["tagsAll"] == {**DEFAULT_TAGS, "team": "a", "stage": "test"}
    _holds(engine, made)
    made = engine.change(made, {**inputs, "tags": {"team": "b"}})
    assert made.outputs["tagsAll"] == {**DEFAULT_TAGS, "team": "b"}
    _holds(engine, made)
    made = engine.change(made, inputs)
    assert made.outputs["tagsAll"] == DEFAULT_TAGS
    assert "tags" not in made.outputs


@each_type
def test_it_can_be_imported(case: Case, engine: Engine) -> None:
    made = engine.make(case.token, case.inputs(World(engine, CASES)))
    found = engine.read(made, imported=True)
    assert found is not None
    assert set(found.inputs) >= schema(case.token).required
    for name, value in found.inputs.items():
        assert same(value, made.outputs.get(name, value)) or name in case.respelled


def _with(inputs: Inputs, changes: Inputs) -> Inputs:
    merged = {**inputs, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _is_whole(made: Made) -> None:
    """What the SDK promises is there, but for what the table says is not."""
    assert made.id
    assert not has_unknown(made.outputs)
    missing = schema(made.token).promised - set(made.outputs)
    assert missing == set(find(made.token).absent)


def _holds(engine: Engine, made: Made) -> None:
    """Nothing has drifted, and nothing is left to do."""
    found = engine.read(made)
    assert found is not None
    assert found.inputs == made.inputs
    assert found.outputs == made.outputs
    assert list(engine.diff(made, made.inputs).diffs) == []
