"""What a stack may cost by the month."""

from collections.abc import Iterator
from typing import Final

from policies.cost import estimate
from policies.prices import load
from policies.resource import Props, Resource, Stack
from policies.rule import Severity, configured_stack_rule, option, stack_rule

_STACK: Final = "pulumi:pulumi/Stack"
_SHOWN: Final = 3


@configured_stack_rule(
    _STACK,
    severity=Severity.HIGH,
    remedy="ask for less, or have the ceiling of this rule raised in policies/environments/.",
    options={
        "ceiling": option("number", 3000, "Most that the stack may cost by the month"),
    },
)
def forbid_cost_over_ceiling(_: Resource, stack: Stack, settings: Props) -> Iterator[str]:
    """A stack costs no more than was agreed on."""
    found = estimate(stack.resources)
    ceiling = float(settings.get("ceiling") or 0)
    if found.monthly > ceiling:
        largest = list(found.by(lambda line: f"{line.resource}, {line.item}").items())[:_SHOWN]
        shares = "; ".join(f"{what}: {monthly:.0f}" for what, monthly in largest)
        yield (
            f"it costs {found.monthly:.0f} {found.currency} by the month (prices of {found.as_of}), "
            f"wanted {ceiling:.0f} at most; the largest parts are {shares}"
        )
    elif found.unpriced:
        # What has no price would pass for free, whatever it costs.
        yield f"there is no price for {', '.join(found.unpriced)}, so that it may cost more than that"
    elif found.undecided:
        raise found.undecided[0]


@stack_rule(
    _STACK,
    severity=Severity.LOW,
    remedy="add the price to policies/prices.yaml, and how it is reckoned to policies/cost.py.",
    advisory=True,
)
def require_known_prices(_: Resource, stack: Stack) -> Iterator[str]:
    """What a stack costs can be reckoned."""
    found = estimate(stack.resources)
    for what in found.unpriced:
        yield f"there is no price for {what} in the table of {load().as_of}"
    if not found.unpriced and found.undecided:
        raise found.undecided[0]


RULES: Final = (forbid_cost_over_ceiling, require_known_prices)
