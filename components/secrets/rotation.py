"""When a credential changes, as arithmetic.

Two slots take turns, so that the one in use is never the one being changed: in an even period the
first slot is active, in an odd one the second. A slot's password is made anew at the start of a
period in which it is active and stays valid through the next one, while pods move over. So a
rotation fails no request, and a password lives for two periods at most.

That holds from one period to the next. Where a whole period passed without an update (or
`rotation_days` changed, or `generation` rose by more than one), both slots change at once: pods keep
their connections but cannot open new ones until they are replaced.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from components.settings import Settings

_EPOCH = date(1970, 1, 1)


class CredentialSettings(Settings):
    """How long credentials live."""

    rotation_days: Annotated[int, Field(ge=1, le=365)] = 90
    generation: Annotated[int, Field(ge=0)] = 0
    """Raise it by one to rotate every credential at the next update, whatever its age."""
    previous: Literal["keep", "revoke"] = "keep"
    """`revoke` shuts the previous password out at once instead of at the next rotation. Not in the same
    update as a rotation: until its pods are replaced, an agent needs both."""


@dataclass(frozen=True, kw_only=True)
class Slots:
    """The state of the two slots in one period."""

    period: int
    """Number of rotations since 1970-01-01."""

    @property
    def active(self) -> Literal[0, 1]:
        """The slot that is handed to pods."""
        return 0 if self.period % 2 == 0 else 1

    def made_in(self, slot: Literal[0, 1]) -> int:
        """The period in which the password of `slot` was made."""
        return self.period if slot == self.active else self.period - 1


def slots(settings: CredentialSettings, today: date) -> Slots:
    """The slots on the day `today`."""
    return Slots(period=(today - _EPOCH).days // settings.rotation_days + settings.generation)
