"""What JSON gave: an object, a list, or neither."""

from typing import cast


def members(value: object) -> dict[str, object] | None:
    """The value if it is an object."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def parts(value: object) -> list[object] | None:
    """The value if it is a list."""
    return cast("list[object]", value) if isinstance(value, list) else None


def scalars(value: object) -> bool:
    """Whether there is no object in it, and at most one list."""
    inside = parts(value)
    return not isinstance(value, dict) and not any(
        isinstance(part, dict | list) for part in inside or ()
    )
