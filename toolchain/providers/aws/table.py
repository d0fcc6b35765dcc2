"""How one resource type is carried out in AWS. `types/` has the entries, and says how to add one."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.values import Inputs

ALWAYS = ("region", "tags")
"""Inputs that every type has which the SDK gives them; they are not in the entries."""


@dataclass(frozen=True)
class Type:
    """One resource type. Names of properties are the SDK's wire names."""

    token: str
    _: KW_ONLY
    service: str
    """The service of boto3 behind `Call.api`."""
    create: Callable[[Call, Inputs], str]
    """Makes the resource and gives its id. What takes several calls says `call.made(id)` after the
    first: if a later one fails, the resource is deleted again."""
    read: Callable[[Call, str], Mapping[str, Any] | None]
    """Outputs as AWS has them now, None (or AWS's NotFound) if the resource is not there. Inputs
    that it does not give count as unchanged; `tags` are all tags."""
    delete: Callable[[Call, str], object]
    """Removes the resource. AWS's NotFound is fine."""
    update: Callable[[Call, str, Inputs, Inputs], object] | None = None
    """Changes the resource in place, given its id, the new and the old inputs. None where `updates`
    are looked at when the resource is deleted, and at no other time."""
    tag: Callable[[Call, str, dict[str, str], list[str]], object] | None = None
    """Sets tags and removes others, given the id. Needed if the SDK's type has tags."""

    updates: tuple[str, ...] = ()
    """Inputs that `update` changes in place."""
    replaces: tuple[str, ...] = ()
    """Inputs whose change takes a new resource; `a.b` is a property of an object in `a`.
    An input that is neither here nor in `updates` is refused, so that none is passed over."""
    autoname: str = ""
    """The input that is made of the resource's name if the program gives none."""
    autoname_limit: int = 255
    """Most letters that AWS takes in such a name."""
    secrets: tuple[str, ...] = ()
    """Outputs that are secret whatever the inputs were."""
    volatile: tuple[str, ...] = ()
    """Outputs that any update may change."""
    absent: tuple[str, ...] = ()
    """Outputs that the SDK promises and the rehearsal has nothing for."""
    delete_first: bool = False
    """Whether two of it cannot stand beside each other, so that a replacement deletes first."""
    played: bool = False
    """Whether moto lacks the type, so that a record stands in for it (`records`)."""

    @property
    def carried(self) -> frozenset[str]:
        """Inputs that are acted on."""
        return frozenset(
            (*ALWAYS, *self.updates, *(name.split(".", 1)[0] for name in self.replaces))
        )
