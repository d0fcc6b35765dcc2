"""What a change costs by the month, reckoned as the policy on spending reckons it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from policies.cost import Estimate, Gap, Reckoned, estimate
from policies.resource import Props, Resource
from review.model import SECRET, Costs, Operation
from review.steps import State, Step

_KEPT: Final = frozenset({Operation.SAME, Operation.IMPORT, Operation.FORGET})
"""What is paid for as before: a gap in its price was there before."""


@dataclass(frozen=True, kw_only=True)
class _Side:
    """The stack before or after the change."""

    estimate: Estimate
    by_urn: Mapping[str, Reckoned]


def costs(steps: Iterable[Step]) -> Costs | None:
    """What the stack costs before and after; None if it has no resource of AWS.

    A resource whose price is known on one side only is taken to cost as much on the other, or more
    if what is known there is more. Where it is known on neither, what is known is compared if it is
    of the same parts: what cannot be decided never looks like a saving. What only leaves or enters
    the state goes on being paid for, and is no difference. Of a replacement, an old one that is
    retained is not counted.
    """
    every = [step for step in steps if step.custom]
    if not any(step.type.startswith("aws:") for step in every):
        return None
    before = _side((step, _before(step)) for step in every)
    after = _side((step, _after(step)) for step in every)
    own = {step.urn for step in every if step.operation is not Operation.READ}
    priced = sorted({*before.by_urn, *after.by_urn} & own)
    paid = {urn: _paid(before, after, urn) for urn in priced}
    differences = {urn: new - old for urn, (old, new) in paid.items() if new != old}
    return Costs(
        currency=after.estimate.currency,
        as_of=after.estimate.as_of,
        before=sum(old for old, _ in paid.values()),
        after=sum(new for _, new in paid.values()),
        by_resource=differences,
        unpriced=tuple(sorted({*before.estimate.unpriced, *after.estimate.unpriced})),
        undecided=sum(_undecided(before, urn) or _undecided(after, urn) for urn in paid),
        untold=dict(sorted(_untold(every, before, after))),
    )


def _before(step: Step) -> State | None:
    """What is paid for now."""
    if step.operation is Operation.IMPORT:
        return step.new
    old = step.old
    # What waits for its deletion has a successor, which is paid for in its place.
    return None if old is not None and old.leftover else old


def _after(step: Step) -> State | None:
    """What is paid for then."""
    # What stays as it is may be asked for with values that are known only later.
    kept = step.operation in {Operation.SAME, Operation.FORGET}
    return (_before(step) or step.new) if kept else step.new


def _side(states: Iterable[tuple[Step, State | None]]) -> _Side:
    found = estimate(_resource(step, state) for step, state in states if state is not None)
    return _Side(estimate=found, by_urn={each.urn: each for each in found.resources})


def _resource(step: Step, state: State) -> Resource:
    inputs = cast("dict[str, Any]", _hidden_as_unknown(state.inputs))
    props: Props = unknown_checking_proxy(inputs)
    return Resource(
        step.type, step.identity.name, step.urn, props, links=state.property_dependencies
    )


def _hidden_as_unknown(value: object) -> object:
    """The same in dictionaries and lists of Python; a secret cannot be priced any more than an unknown."""
    if isinstance(value, Mapping):
        known = cast("Mapping[str, object]", value)
        return {key: _hidden_as_unknown(each) for key, each in known.items()}
    if isinstance(value, list):
        return [_hidden_as_unknown(each) for each in cast("list[object]", value)]
    return UNKNOWN_STRING_VALUE if value == SECRET else value


def _paid(before: _Side, after: _Side, urn: str) -> tuple[float, float]:
    old, new = before.by_urn.get(urn), after.by_urn.get(urn)
    return _price(old, new), _price(new, old)


def _price(side: Reckoned | None, other: Reckoned | None) -> float:
    if side is None:
        return 0.0
    whole = side.gap is None
    alike = other is not None and len(side.lines) == len(other.lines) and other.gap is not None
    if whole or other is None or alike:
        return side.monthly
    return max(side.monthly, other.monthly)


def _untold(steps: Iterable[Step], before: _Side, after: _Side) -> Iterator[tuple[str, str]]:
    """What the change touches, or the price of which it hides, and why its price is not known."""
    for step in steps:
        old, new = before.by_urn.get(step.urn), after.by_urn.get(step.urn)
        if step.operation is Operation.READ or new is None or new.gap is None:
            continue
        was_known = old is not None and old.gap is None
        if step.operation not in _KEPT or was_known:
            yield step.urn, _why(new.gap)


def _why(gap: Gap) -> str:
    if isinstance(gap, UnknownValueError):
        return "it hangs on a value that the preview does not tell"
    return f"the table of prices lacks {gap}"


def _undecided(side: _Side, urn: str) -> bool:
    reckoned = side.by_urn.get(urn)
    return reckoned is not None and isinstance(reckoned.gap, UnknownValueError)
