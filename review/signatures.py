"""Objects by which the engine stands for what JSON has no word for."""

import json
from collections.abc import Mapping
from typing import Final

from review.redaction import SIGNATURE

_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (the mark of a secret, none itself)
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_KNOWN: Final = {
    _SECRET,
    _OUTPUT,
    _REFERENCE,
    "c44067f5952c0a294b673a41bacd8c17",
    "0def7320c3a5731c473e5ecbe6d01bc7",
}


def signed(value: Mapping[str, object]) -> bool:
    """Whether it stands for something else than an object."""
    return SIGNATURE in value


def is_secret(value: Mapping[str, object]) -> bool:
    """Whether it stands for a secret. What stands for nothing that is known here is taken for one."""
    sign = value.get(SIGNATURE)
    return (
        sign == _SECRET or sign not in _KNOWN or (sign == _OUTPUT and value.get("secret") is True)
    )


def held(value: Mapping[str, object]) -> list[object]:
    """What a secret's object holds: its value, as far as it is there."""
    found = [value[name] for name in ("ciphertext", "value") if value.get(name) is not None]
    kept = value.get("plaintext")
    if isinstance(kept, str):
        # The engine keeps the plain value as JSON.
        try:
            found.append(json.loads(kept))
        except (ValueError, RecursionError):
            found.append(kept)
    return found


def is_unknown(value: Mapping[str, object]) -> bool:
    """Whether it stands for an output that is not known yet."""
    return value.get(SIGNATURE) == _OUTPUT and "value" not in value


def bare(value: Mapping[str, object]) -> object:
    """What it stands for: an output's value, a resource's URN, the hash and name of a file."""
    sign = value.get(SIGNATURE)
    if sign == _OUTPUT:
        return value.get("value")
    if sign == _REFERENCE:
        return value.get("urn")
    return {name: part for name, part in value.items() if name != SIGNATURE}
