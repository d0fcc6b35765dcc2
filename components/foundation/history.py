"""What ran after the last update: a way that AWS does not take is refused before it is begun."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

import pulumi

from components.cluster.versions import upgrade_fault
from components.stores.rds_settings import version_fault

EXPORT: Final = "versions"
"""Name of the stack's output that holds them."""
_RULES: Final[Mapping[str, Callable[[str, str], str | None]]] = {
    "kubernetes": upgrade_fault,
    "postgres": version_fault,
    "redis": version_fault,
}


def faults(running: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[str]:
    """What keeps what runs from becoming what is wanted."""
    for part, version in wanted.items():
        before = running.get(part)
        fault = _RULES[part](before, version) if before is not None else None
        if fault is not None:
            yield f"{part}: {fault}"


def admitted(wanted: Mapping[str, str]) -> pulumi.Output[Mapping[str, str]]:
    """`wanted`, to be exported; an error instead where the last update left what cannot become it."""
    own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    before = pulumi.StackReference("last-update", stack_name=own).get_output(EXPORT)

    def compared(running: Any) -> Mapping[str, str]:  # noqa: ANN401 (an output has no type)
        found = list(faults(cast("Mapping[str, str]", running or {}), wanted))
        if found:
            raise pulumi.RunError("; ".join(found))
        return wanted

    return before.apply(compared)
