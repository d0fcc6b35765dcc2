"""What a resource's URN says of it."""

from dataclasses import dataclass
from typing import Final

STACK: Final = "pulumi:pulumi:Stack"
"""Type of what all of a stack belongs to."""


@dataclass(frozen=True)
class Urn:
    """A URN taken apart: `urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`.

    Whatever stands behind the third `::` is the name, which may have `::` in it.
    """

    stack: str
    project: str
    types: tuple[str, ...]
    """Types of its parents, the outermost first, and its own."""
    name: str
    """Its name in the program."""

    @classmethod
    def parse(cls, text: str) -> "Urn":
        """Take a URN apart. What is none becomes the name of something without a type."""
        parts = text.split("::", 3)
        if len(parts) < 4:
            return cls("", "", ("",), text)
        stack = parts[0].rpartition(":")[2]
        return cls(stack, parts[1], tuple(parts[2].split("$")), parts[3])

    @property
    def type(self) -> str:
        """Its own type, such as `kubernetes:apps/v1:Deployment`."""
        return self.types[-1]

    @property
    def kind(self) -> str:
        """The last word of its type, such as `Deployment`."""
        return self.type.rpartition(":")[2]

    @property
    def package(self) -> str:
        """The first word of its type: `aws`, `kubernetes`."""
        return self.type.partition(":")[0]

    @property
    def parent_type(self) -> str:
        """Type of the component that it belongs to, such as `agents:stores:Rds`; empty if none."""
        return self.types[-2] if len(self.types) > 1 else ""
