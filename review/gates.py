"""What makes a report fail: `--fail-on`, and the exit codes for it.

A preview that failed or broke off fails whatever is asked: what it would have shown is not known.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from policies.urn import Urn
from review.model import Costs, Level, Operation, Outcome, Resource, Review
from toolchain.faults import MendableError

OK: Final = 0
FAILED: Final = 1
"""A preview failed or broke off, or the report could not be made."""
USAGE: Final = 2
"""The command was called wrongly; a list of gates is part of that."""
HIT: Final = 3
"""The previews went through, and something that was asked for was found in them."""
PREVIEW: Final = "preview"
"""Stands in a hit for the preview itself; it cannot be asked for, as it is never left out."""
COST: Final = "cost"
_NAMED: Final = 3


class Gate(StrEnum):
    """What can be asked for by its name."""

    REPLACE = "replace"
    DELETE = "delete"
    CREATE = "create"
    UPDATE = "update"
    IMPORT = "import"
    FORGET = "forget"
    CHANGE = "change"
    """Anything that is not the same afterwards, outputs of the stack included."""
    LOSS = "loss"
    """A replacement or deletion with which something is lost."""
    POLICY = "policy"
    """A mandatory policy is broken, or a pack did not judge."""
    ADVISORY = "advisory"
    UNDECIDED = "undecided"
    """A policy met a value that the preview cannot know."""


HELP: Final = (
    f"Comma-separated: {', '.join(Gate)}, cost:AMOUNT. 'change' is any change, 'loss' a replacement or "
    "deletion that loses something, 'policy' a mandatory policy that is broken or a pack that did not "
    "judge, 'undecided' a policy that met a value known only later, cost:100 a stack that gets dearer "
    "by more than 100 a month, in the currency of policies/prices.yaml, or by what nobody can tell. "
    "Exit codes: 0 nothing found, 1 a preview failed, 2 wrong usage, 3 something found."
)
"""Of the option."""
_WANTED: Final = (
    f"wanted a list of {', '.join(Gate)} or cost:AMOUNT, such as replace,policy,cost:100"
)


class GateError(MendableError):
    """A list of gates is none; the message says what is wrong and what can be asked for."""


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What was asked for."""

    named: frozenset[Gate] = frozenset()
    cost: float | None = None
    """Most by which a stack may get dearer by the month; None if that does not matter."""

    def __str__(self) -> str:
        words = [gate.value for gate in Gate if gate in self.named]
        if self.cost is not None:
            words.append(f"{COST}:{float(self.cost)!r}".removesuffix(".0"))
        return ",".join(words)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """Something that was asked for and found."""

    stack: str
    gate: str
    """A name as in the list, `cost`, or `preview` for a preview that failed or broke off."""
    text: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the gates say of all stacks."""

    asked: Gates
    hits: tuple[Hit, ...] = ()

    @property
    def code(self) -> int:
        """The exit code: a preview that failed weighs more than what another one shows."""
        if any(hit.gate == PREVIEW for hit in self.hits):
            return FAILED
        return HIT if self.hits else OK


def parse(text: str) -> Gates:
    """Read a list such as `replace,delete,cost:100`; nothing asks for nothing."""
    if not text.strip():
        return Gates()
    words = [word.strip().lower() for word in text.split(",")]
    costs = [word for word in words if word.partition(":")[0] == COST]
    if len(costs) > 1:
        raise GateError(f"got {' and '.join(costs)}, wanted cost once")
    return Gates(
        named=frozenset(_gate(word) for word in words if word not in costs),
        cost=_amount(costs[0]) if costs else None,
    )


def judge(reviews: Sequence[Review], asked: Gates) -> Verdict:
    """Look for what is asked for. Each stack is judged by itself, what it costs too."""
    return Verdict(asked=asked, hits=tuple(hit for each in reviews for hit in _hits(each, asked)))


def _gate(word: str) -> Gate:
    try:
        return Gate(word)
    except ValueError:
        near = get_close_matches(word, [*Gate, COST], n=1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise GateError(f"got {word!r}{meant}, {_WANTED}") from None


def _amount(word: str) -> float:
    figure = word.partition(":")[2]
    try:
        amount = float(figure)
    except ValueError:
        amount = math.nan
    if not (math.isfinite(amount) and amount >= 0):
        raise GateError(
            f"got {word!r}, wanted an amount by the month of 0 or more, such as cost:100"
        )
    return amount


def _hits(review: Review, asked: Gates) -> Iterator[Hit]:
    def hit(gate: str, text: str) -> Hit:
        return Hit(stack=review.stack, gate=gate, text=text)

    if review.outcome is not Outcome.SUCCEEDED:
        yield hit(PREVIEW, _ended(review))
    for gate in Gate:
        text = _JUDGES[gate](review) if gate in asked.named else ""
        if text:
            yield hit(gate.value, text)
    costs = review.costs
    if asked.cost is not None and costs is not None and costs.untold:
        yield hit(COST, f"what it costs cannot be told: {_untold(costs)}")
    if asked.cost is not None and costs is not None and costs.difference > asked.cost:
        yield hit(
            COST,
            f"it gets dearer by {costs.difference:,.2f} {costs.currency} a month, and "
            f"{asked.cost:,.2f} at most was asked for",
        )


def _ended(review: Review) -> str:
    ended = "failed" if review.outcome is Outcome.FAILED else "broke off"
    if review.outcome is Outcome.INCOMPLETE and review.incomplete:
        return f"the preview does not show the change: {review.incomplete}"
    return f"the preview {ended}, so that what it would do is not known"


def _untold(costs: Costs) -> str:
    return _several([f"{Urn.parse(urn).name} ({why})" for urn, why in costs.untold.items()])


def _operation(operation: Operation) -> Callable[[Review], str]:
    def judge(review: Review) -> str:
        return _listed(
            f"it would {operation}", [r for r in review.changed if r.operation is operation]
        )

    return judge


def _change(review: Review) -> str:
    outputs = len(review.outputs)
    others = f"it would change {outputs} of its outputs" if outputs else ""
    return _listed("it would change", review.changed) or others


def _loss(review: Review) -> str:
    return _listed("something is lost with", [r for r in review.changed if r.loss])


def _policy(review: Review) -> str:
    policies = review.policies
    broken = _findings(review, Level.MANDATORY)
    return "; ".join(
        [
            *([f"the policies did not judge it: {policies.failed}"] if policies.failed else []),
            *([f"mandatory policies are broken: {broken}"] if broken else []),
        ]
    )


def _advisory(review: Review) -> str:
    broken = _findings(review, Level.ADVISORY)
    return broken and f"advisory policies are broken: {broken}"


def _undecided(review: Review) -> str:
    times = review.policies.undecided
    return (
        f"values that are known only later kept policies from judging, {times} times"
        if times
        else ""
    )


def _findings(review: Review, level: Level) -> str:
    return _several([f.policy for f in review.policies.findings if f.level is level])


def _listed(said: str, resources: Sequence[Resource]) -> str:
    return f"{said} {_several([r.identity.name for r in resources])}" if resources else ""


def _several(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


_JUDGES: Final[Mapping[Gate, Callable[[Review], str]]] = {
    **{
        gate: _operation(Operation(gate.value))
        for gate in (
            *(Gate.REPLACE, Gate.DELETE, Gate.CREATE),
            *(Gate.UPDATE, Gate.IMPORT, Gate.FORGET),
        )
    },
    Gate.CHANGE: _change,
    Gate.LOSS: _loss,
    Gate.POLICY: _policy,
    Gate.ADVISORY: _advisory,
    Gate.UNDECIDED: _undecided,
}
"""For each gate, what it has to say of a stack; empty if nothing."""
