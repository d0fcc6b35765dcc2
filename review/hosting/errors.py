"""What can stop a report from being posted, by what is to be done about it."""

from toolchain.faults import MendableError


class HostingError(MendableError):
    """Base: what was asked of the host and what it answered. Never holds the token."""


class SettingError(HostingError):
    """What the surroundings tell is missing or wrong; nothing was sent."""


class RefusedError(HostingError):
    """The host does not know the token."""


class ForbiddenError(HostingError):
    """The host knows the token, which may not do this."""


class LockedError(ForbiddenError):
    """Nobody may write there: the conversation is locked or the repository is archived."""


class MissingError(HostingError):
    """There is no such thing, or the token may not know of it."""


class InvalidError(HostingError):
    """The host understood what was sent and does not take it."""


class TooLongError(InvalidError):
    """The text is longer than the host takes."""


class LimitedError(HostingError):
    """The host wants to be left alone for longer than the deadline allows."""


class UnreachableError(HostingError):
    """The host did not answer, or not in working order; nothing was changed that could not be repeated."""


class UnsureError(UnreachableError):
    """Nobody knows whether what was sent came through: look before it is sent again."""


class StrangeError(HostingError):
    """What answered is not the API that was asked for."""
