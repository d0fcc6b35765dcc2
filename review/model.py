"""A previewed change, as every report shows it.

Texts in here are fit to be published: secrets are taken out where the engine's output is read
(`review.redaction`), so that nothing that writes a report ever holds one.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from policies.urn import Urn

SECRET: Final = "[secret]"  # noqa: S105 - stands for one, and is none
"""Stands for every secret, whatever it is and however long."""
UNKNOWN: Final = "[known after deployment]"
"""Stands for what a preview cannot know."""


class Operation(StrEnum):
    """What is done to a resource."""

    REPLACE = "replace"
    DELETE = "delete"
    CREATE = "create"
    UPDATE = "update"
    IMPORT = "import"
    FORGET = "forget"
    """It leaves the state and stays where it is."""
    READ = "read"
    SAME = "same"
    OTHER = "other"
    """An operation that this version does not know; `Resource.operation_text` has its word."""


DESTRUCTIVE: Final = frozenset({Operation.REPLACE, Operation.DELETE})
QUIET: Final = frozenset({Operation.SAME, Operation.READ})
"""Operations that change nothing."""


class PropertyChange(StrEnum):
    """What becomes of a property."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property that differs."""

    path: str
    """Where it stands, such as `spec.replicas` or `tags["a.b"]`."""
    change: PropertyChange
    before: str | None
    """As text: a string as it is, all else as JSON. None if it was not there."""
    after: str | None
    replaces: bool = False
    """The provider cannot change it in place."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource before and after."""

    urn: str
    parent: str
    """URN of the component that it belongs to; empty for none."""
    custom: bool
    """It has a provider; components have none."""
    operation: Operation
    operation_text: str
    """The engine's own word, such as `create-replacement`."""
    properties: tuple[Property, ...] = ()
    deletes_first: bool = False
    """In a replacement: the old one is gone before there is a new one."""
    protected: bool = False
    retained: bool = False
    """When it leaves the stack it stays where it is."""
    loss: str | None = None
    """What is lost where it is replaced or deleted, such as `its data`."""
    irretrievable: bool = False
    """What is lost is what it holds, such as data, and cannot be made anew from the program."""
    follows: str = ""
    """URN of what takes it along: it depends on that, which goes before there is a new one."""
    source: str = ""
    """Where the program makes it, such as `components/stores/rds.py:196`; empty if not told."""
    needs_before: frozenset[str] = frozenset()
    """URNs of what it depended on."""
    needs_after: frozenset[str] = frozenset()
    """URNs of what it will depend on."""

    @property
    def grave(self) -> bool:
        """It is destroyed, and either something is lost with it or the engine will refuse."""
        return self.operation in DESTRUCTIVE and (bool(self.loss) or self.protected)

    @property
    def identity(self) -> Urn:
        """Its URN, taken apart."""
        return Urn.parse(self.urn)


class Level(StrEnum):
    """What a broken policy does."""

    MANDATORY = "mandatory"
    """It stops the deployment."""
    ADVISORY = "advisory"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A resource that breaks a policy."""

    policy: str
    pack: str
    level: Level
    severity: str
    """`low` to `critical`; empty if the policy has none."""
    urn: str
    """Of the resource; empty for the stack as a whole."""
    reason: str
    remediation: str = ""


class Weight(StrEnum):
    """How grave a notice is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the engine, a provider or the program said."""

    weight: Weight
    urn: str
    text: str
    """Cut where it is very long, and then it says so itself."""


@dataclass(frozen=True, kw_only=True)
class Policies:
    """Whether the policies were asked, and what they said."""

    packs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name → version of each pack that judged the stack to the end."""
    failed: str = ""
    """Why a pack did not judge: it crashed, or was not there. Then nothing found means nothing."""
    findings: tuple[Finding, ...] = ()
    """Mandatory ones first, the gravest first."""
    undecided: int = 0
    """How many times a rule met a value that the preview cannot know; it is judged in deployment."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the stack costs by the month at list prices, before and after."""

    currency: str
    as_of: str
    """Month of the prices."""
    before: float
    after: float
    by_resource: Mapping[str, float]
    """URN → difference, where there is one."""
    unpriced: tuple[str, ...] = ()
    """Kinds that the table of prices lacks."""
    undecided: int = 0
    """How many prices hang on values that a preview cannot know."""
    untold: Mapping[str, str] = field(default_factory=dict[str, str])
    """URN → why, of what the change touches and nobody can tell the price of: the sums lack it."""

    @property
    def difference(self) -> float:
        return self.after - self.before


class Outcome(StrEnum):
    """How the preview ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    """The engine's output breaks off, or is measured against what nobody wanted: it is not the change."""


@dataclass(frozen=True, kw_only=True)
class Review:
    """One stack's previewed change."""

    stack: str
    outcome: Outcome
    compared_with: str
    """What the change is measured against, as a phrase: `branch main`, `what is deployed`, `nothing`."""
    resources: tuple[Resource, ...]
    """All of them, unchanged ones too where the engine listed them; by URN."""
    policies: Policies
    notices: tuple[Notice, ...] = ()
    """Errors first."""
    costs: Costs | None = None
    """None where nothing of the stack is paid for by a table, or nothing could be read."""
    outputs: tuple[Property, ...] = ()
    """The stack's own outputs that differ."""
    seconds: float | None = None
    commit: str = ""
    """Which program was previewed, such as `1a2b3c4`; empty if nobody noted it."""
    stopped: tuple[str, ...] = ()
    """What the gates found that were asked for, a sentence each."""
    incomplete: str = ""
    """Why this is not the whole change; empty if it is, or if it is the output that breaks off."""
    remarks: tuple[str, ...] = ()
    """What a reader has to know of the report itself, such as events of an unknown kind."""

    @property
    def changed(self) -> tuple[Resource, ...]:
        """What is touched, components left out; what destroys first, and of that what loses most."""
        touched = [r for r in self.resources if r.custom and r.operation not in QUIET]
        return tuple(sorted(touched, key=_gravity))

    @property
    def counts(self) -> Counter[Operation]:
        """Operation → number of resources, components left out."""
        return Counter(resource.operation for resource in self.changed)

    @property
    def unchanged(self) -> int:
        return sum(r.custom and r.operation is Operation.SAME for r in self.resources)


def _gravity(resource: Resource) -> tuple[int, bool, bool, bool, int, str]:
    """The gravest first; what only follows something else comes behind it."""
    place = list(Operation).index(resource.operation)
    return (
        0 if resource.operation in DESTRUCTIVE else place,
        not resource.irretrievable,
        not resource.loss,
        bool(resource.follows),
        place,
        resource.urn,
    )
