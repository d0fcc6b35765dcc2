"""One step of the engine, as the digest and the event log both tell it.

Values in here are what the engine printed: secrets are not taken out yet. Nothing that writes a
report may read them; `review.reading` turns them into `review.model`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.urn import STACK, Urn
from review.model import Operation

Inputs = Mapping[str, object]
"""Property → value, as JSON gives it."""


def _nothing() -> Inputs:
    return {}


@dataclass(frozen=True, kw_only=True)
class State:
    """A resource before or after a step."""

    inputs: Inputs = field(default_factory=_nothing)
    """What the program asks for."""
    outputs: Inputs = field(default_factory=_nothing)
    """What the provider made of it. Empty for what a preview creates."""
    dependencies: frozenset[str] = frozenset()
    """URNs of all that it depends on."""
    property_dependencies: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    """Property → URNs of what its value comes from."""
    protect: bool = False
    retained: bool = False
    """`retainOnDelete`: it stays where it is when it leaves the stack."""
    leftover: bool = False
    """An old copy that an earlier deployment replaced and did not get to delete."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the engine does to one resource.

    `review.merging.merged` makes one of all steps of a URN; `operation` is told by it alone.
    """

    urn: str
    op: str
    """The engine's own word, such as `create-replacement`."""
    operation: Operation = Operation.OTHER
    """What the steps of this URN come to."""
    custom: bool
    """It has a provider; components have none."""
    type: str
    """Such as `kubernetes:apps/v1:Deployment`."""
    parent: str = ""
    """URN of what it belongs to; empty for none."""
    provider: str = ""
    """`<urn>::<id>` of its provider; empty for none."""
    old: State | None = None
    """None for what was not there."""
    new: State | None = None
    """None for what will not be there."""
    diff: Mapping[str, str] | None = None
    """Path → kind, such as `update-replace`, as the provider tells. None if it did not."""
    replace_reasons: tuple[str, ...] = ()
    """Paths or properties that cannot be changed in place."""
    source: str = ""
    """Where the program makes it, such as `components/stores/rds.py:196`."""
    deletes_first: bool = False
    """In a replacement: the old one is gone before there is a new one."""

    @property
    def kind(self) -> str:
        """The last word of its type, such as `Deployment`."""
        return self.type.rpartition(":")[2]

    @property
    def is_stack(self) -> bool:
        return self.type == STACK

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")

    @property
    def identity(self) -> Urn:
        """Its URN, taken apart."""
        return Urn.parse(self.urn)
