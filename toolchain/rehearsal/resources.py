"""The resources of a stack as its state has them, and ways to count them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policies.urn import STACK, Urn

Properties = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of the state."""

    urn: str
    type: str
    parent: str
    custom: bool
    inputs: Properties

    @property
    def name(self) -> str:
        """Its name in the program."""
        return Urn.parse(self.urn).name

    @property
    def provider(self) -> str:
        """Package of its type: `aws`, `kubernetes`."""
        return self.type.partition(":")[0]


def parse(export: Properties) -> tuple[Resource, ...]:
    """What `pulumi stack export` writes, without providers and the stack itself."""
    listed: list[Properties] = export["deployment"].get("resources") or []
    return tuple(
        Resource(
            urn=str(each["urn"]),
            type=str(each["type"]),
            parent=str(each.get("parent", "")),
            custom=bool(each.get("custom")),
            inputs=each.get("inputs") or {},
        )
        for each in listed
        if not str(each["type"]).startswith("pulumi:")
    )


def component_of(resource: Resource) -> str:
    """Type and name of the component that the resource belongs to; `stack` for none."""
    above = Urn.parse(resource.parent)
    return "stack" if not resource.parent or above.type == STACK else f"{above.kind} {above.name}"


def by_type(resources: Iterable[Resource]) -> Counter[str]:
    """Number of resources by type; components are not counted."""
    return Counter(each.type for each in resources if each.custom)


def by_component(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """Resources by the component that they belong to."""
    found: dict[str, list[Resource]] = {}
    for each in resources:
        if each.custom:
            found.setdefault(component_of(each), []).append(each)
    return found
