"""Which component each resource belongs to: the outermost one, below the stack itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from policies.urn import STACK, Urn
from review.model import QUIET, Operation, Resource

STACK_ITSELF: Final = ""
"""In the place of a URN: resources that belong to no component, such as providers."""
GRAVITY: Final = {operation: place for place, operation in enumerate(Operation)}
"""Operation → place in the order of what a reader has to see first."""


@dataclass(frozen=True)
class Component:
    """A part of a stack with all that it has."""

    urn: str
    resources: tuple[Resource, ...]
    """By URN, components inside of it left out. At least one."""

    @property
    def name(self) -> str:
        return Urn.parse(self.urn).name if self.urn else "the stack itself"

    @property
    def type(self) -> str:
        return Urn.parse(self.urn).type if self.urn else STACK

    @property
    def kind(self) -> str:
        return Urn.parse(self.urn).kind if self.urn else "in no component"

    @cached_property
    def counts(self) -> Counter[Operation]:
        """Operation → number of its resources, the quiet ones too."""
        return Counter(resource.operation for resource in self.resources)

    @property
    def changed(self) -> bool:
        return any(operation not in QUIET for operation in self.counts)

    @property
    def gravity(self) -> int:
        """Place of the gravest that happens in it; the lower the graver."""
        return min(GRAVITY[operation] for operation in self.counts)


def owners(resources: Sequence[Resource]) -> Mapping[str, str]:
    """URN → URN of the outermost component that it is in, or `STACK_ITSELF`."""
    parents = {resource.urn: resource.parent for resource in resources}
    custom = {resource.urn for resource in resources if resource.custom}
    return {resource.urn: _owner(resource.urn, parents, custom) for resource in resources}


def _owner(urn: str, parents: Mapping[str, str], custom: set[str]) -> str:
    seen = {urn}
    while (parent := parents.get(urn, "")) and Urn.parse(parent).type != STACK:
        if parent in seen:
            break  # Only broken output says that something is its own parent.
        seen.add(parent)
        urn = parent
    return STACK_ITSELF if urn in custom else urn


def components(resources: Sequence[Resource]) -> tuple[Component, ...]:
    """All that have resources: the gravest first, then by name."""
    owner = owners(resources)
    members: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.custom:
            members.setdefault(owner[resource.urn], []).append(resource)
    found = [
        Component(urn, tuple(sorted(parts, key=lambda part: part.urn)))
        for urn, parts in members.items()
    ]
    return tuple(sorted(found, key=lambda part: (part.gravity, part.name, part.urn)))
