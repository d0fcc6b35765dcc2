"""Every rule on its passing, failing and unknown fixtures, without an engine."""

from collections.abc import Iterator, Mapping

import pytest

from policies.resource import Stack
from policies.rule import ResourceRule, Verdict
from tests.policies.aws_world import aws_world
from tests.policies.fixtures import (
    BY_NAME,
    CASES,
    JUDGED_BY_PRESENCE,
    fixtures,
    settings,
    stack_after,
)
from tests.policies.world import UNKNOWN, Change, Declared, changed, judged, world


def verdicts(name: str, stack: Stack) -> Iterator[Verdict]:
    """What the rule says of each resource, or of the stack."""
    rule = BY_NAME[name]
    if isinstance(rule, ResourceRule):
        yield from (rule.judge(resource, settings(rule)) for resource in stack.resources)
    else:
        yield rule.judge(stack, settings(rule))


def complaints(stack: Mapping[str, Declared]) -> dict[str, list[str]]:
    """All that all rules have to say against a stack, by rule."""
    judgement = judged(stack)
    found = {
        name: [
            f"{complaint.resource.name} {complaint.subject}: {complaint.reason}"
            for verdict in verdicts(name, judgement)
            for complaint in verdict.complaints
        ]
        for name in BY_NAME
    }
    return {name: reasons for name, reasons in found.items() if reasons}


def _fixtures(kind: str) -> list[object]:
    return [
        pytest.param(name, change, id=f"{name}-{number}") for name, number, change in fixtures(kind)
    ]


@pytest.mark.parametrize("stack", [world(), aws_world()], ids=["cluster", "aws"])
def test_the_stack_that_fixtures_are_made_from_keeps_every_rule(
    stack: Mapping[str, Declared],
) -> None:
    assert complaints(stack) == {}


@pytest.mark.parametrize(("name", "change"), _fixtures("passing"))
def test_a_rule_lets_pass_what_is_in_order(name: str, change: Change) -> None:
    assert complaints(stack_after(name, change)) == {}


@pytest.mark.parametrize(("name", "change"), _fixtures("failing"))
def test_a_fault_is_complained_of_by_its_own_rule_and_no_other(name: str, change: Change) -> None:
    found = complaints(stack_after(name, change))
    assert set(found) == {name} | CASES[name].also, found


@pytest.mark.parametrize(("name", "change"), _fixtures("unknown"))
def test_an_unknown_value_is_noted_and_not_complained_of(name: str, change: Change) -> None:
    judgement = judged(stack_after(name, change))
    answers = list(verdicts(name, judgement))
    assert not any(verdict.complaints for verdict in answers)
    assert any(verdict.unknown for verdict in answers)


@pytest.mark.parametrize("name", sorted(JUDGED_BY_PRESENCE))
def test_a_property_that_is_not_known_yet_is_there_all_the_same(name: str) -> None:
    unknown = [
        change for change in CASES[name].passing if any(value is UNKNOWN for _, value in change)
    ]
    assert unknown
    for change in unknown:
        answers = list(verdicts(name, judged(stack_after(name, change))))
        assert not any(verdict.complaints or verdict.unknown for verdict in answers)


def test_what_is_unknown_of_one_container_does_not_hide_another() -> None:
    path = ("deployment", "spec", "template", "spec")
    stack = changed(
        (
            ((*path, "containers", 0, "image"), "04da6b54-80e4-46f7-96ec-b56ff0331ba9"),
            ((*path, "initContainers", 0, "image"), "localhost/planner:1.0"),
        )
    )
    verdict = next(v for v in verdicts("require-image-digest", judged(stack)) if v.applies)
    assert [complaint.subject for complaint in verdict.complaints] == ["init container migrate"]
    assert len(verdict.unknown) == 1


def test_what_is_unknown_of_one_variable_or_key_does_not_hide_another() -> None:
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    container = ("deployment", "spec", "template", "spec", "containers", 0)
    variables = [{"name": "A", "value": unknown}, {"name": "DB_PASSWORD", "value": "hunter2!"}]
    stack = judged(
        changed(
            (
                ((*container, "env"), variables),
                (("config", "data"), {"a": unknown, "password": "hunter2!"}),
            )
        )
    )
    for name in ("forbid-secret-in-environment", "forbid-secret-in-config-map"):
        verdict = next(v for v in verdicts(name, stack) if v.unknown)
        assert len(verdict.complaints) == 1
