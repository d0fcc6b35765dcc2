"""Steps of the engine, in few words."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import HealthCheck, settings

from review.model import Operation
from review.steps import State, Step
from tests.policies.world import Declared, origins

STACK: Final = "prod"
patient: Final = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Whole reviews and stacks take their time to make, the more so on a busy machine."""
_WITHOUT_OLD: Final = frozenset({Operation.CREATE, Operation.IMPORT})
_WITHOUT_NEW: Final = frozenset({Operation.DELETE, Operation.FORGET})


def urn(type_token: str, name: str) -> str:
    """URN of a resource that no component has."""
    return f"urn:pulumi:{STACK}::agent-platform::{type_token}::{name}"


def step(
    type_token: str,
    operation: Operation,
    inputs: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    *,
    name: str = "one",
    links: Mapping[str, frozenset[str]] | None = None,
    custom: bool = True,
    deletes_first: bool = False,
    retained: bool = False,
    leftover: bool = False,
) -> Step:
    """A step on a resource with these inputs, and with others `after` it if they are given."""
    linked = dict(links or {})
    old = State(
        inputs=inputs or {}, property_dependencies=linked, retained=retained, leftover=leftover
    )
    given = inputs if after is None else after
    new = State(inputs=given or {}, property_dependencies=linked)
    return Step(
        urn=urn(type_token, name),
        op=operation.value,
        operation=operation,
        custom=custom,
        type=type_token,
        old=None if operation in _WITHOUT_OLD else old,
        new=None if operation in _WITHOUT_NEW else new,
        deletes_first=deletes_first,
    )


def steps(
    before: Mapping[str, Declared], after: Mapping[str, Declared] | None = None
) -> list[Step]:
    """The steps from one stack to another; all of the first one stay if there is no other."""
    then = before if after is None else after
    return [_between(name, before, then) for name in {**before, **then}]


def _between(name: str, before: Mapping[str, Declared], after: Mapping[str, Declared]) -> Step:
    old, new = before.get(name), after.get(name)
    either = new or old
    assert either is not None
    if old is None or new is None:
        operation = Operation.CREATE if old is None else Operation.DELETE
    else:
        operation = Operation.SAME if old.props == new.props else Operation.UPDATE
    return Step(
        urn=urn(either.type, name),
        op=operation.value,
        operation=operation,
        custom=either.type != "pulumi:pulumi:Stack",
        type=either.type,
        old=None if old is None else _state(old, before),
        new=None if new is None else _state(new, after),
    )


def _state(declared: Declared, stack: Mapping[str, Declared]) -> State:
    props: dict[str, Any] = declared.props
    return State(inputs=props, property_dependencies=origins(declared, stack, STACK))
