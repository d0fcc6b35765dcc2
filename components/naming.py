"""Names that have to be short: what a limit has no room for is cut, and told apart by a hash."""

import hashlib

_DIGITS = 8


def fitted(name: str, limit: int) -> str:
    """`name`, or as much of it as `limit` characters hold with a hash of the whole at the end."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{name[: limit - _DIGITS - 1].rstrip('-')}-{digest}"
