"""What the conditions of a statement tie it to.

All conditions of a statement have to hold, and of each one value is enough. A condition therefore
binds what its key stands for (a caller, a token's subject, whom a service acts for) if it can hold
only where the key is there and has one of the values, and if each value names somebody. Operators
that are negated, that hold where the key is missing, or that compare something else bind nothing.
"""

import re
from collections.abc import Sequence
from typing import Final

from policies.resource import Props, items, mapping

_EXACT: Final = frozenset({"stringequals", "stringequalsignorecase"})
_PATTERN: Final = frozenset({"stringlike", "arnequals", "arnlike"})
_OPERATOR: Final = re.compile(
    r"(?P<set>foranyvalue:|forallvalues:)?(?P<name>\w+?)(?P<if>ifexists)?"
)
# A variable is whatever the request says.
_OPEN: Final = re.compile(r"[*?]|\$\{")


def bound_keys(conditions: Props) -> frozenset[str]:
    """The keys that `conditions` tie to what they name, in lower case: AWS takes them in any."""
    present = _present(conditions)
    return frozenset(
        key.lower()
        for operator in conditions
        for key in mapping(conditions[operator])
        if _binds(operator, key, _values(mapping(conditions[operator])[key]), present)
    )


def _present(conditions: Props) -> frozenset[str]:
    """The keys that have to be there, by `Null` being false for them."""
    keys = mapping(next((conditions[each] for each in conditions if each.lower() == "null"), None))
    return frozenset(
        key.lower() for key in keys if {value.lower() for value in _values(keys[key])} == {"false"}
    )


def _binds(operator: str, key: str, values: Sequence[str], present: frozenset[str]) -> bool:
    parsed = _OPERATOR.fullmatch(operator.lower())
    if parsed is None or parsed["name"] not in _EXACT | _PATTERN:
        return False
    # For all values of a key that is missing anything holds.
    if (parsed["set"] == "forallvalues:" or parsed["if"]) and key.lower() not in present:
        return False
    exact = parsed["name"] in _EXACT
    return bool(values) and all(_names_somebody(value, exact) for value in values)


def _names_somebody(value: str, exact: bool) -> bool:
    """Whether a value is that of one owner. A wildcard where it is none was meant as one."""
    if exact or not value.startswith("arn:"):
        return bool(value) and not _OPEN.search(value)
    parts = value.split(":", 5)
    # What has no account, such as a bucket, is known in all of AWS by its name.
    owner = parts[4] or parts[5].partition("/")[0] if len(parts) == 6 else ""
    return bool(owner) and not _OPEN.search(owner)


def _values(value: object) -> Sequence[str]:
    several = items(value)
    if several or not isinstance(value, str | bool | int):
        return [str(each) for each in several]
    return [str(value)]
