"""Names that clients call, and the zone that answers for them."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from components.settings import Settings

# A load balancer's host condition takes no digit after the last dot.
_DOMAIN: Final = re.compile(r"([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
LIMIT: Final = 128
"""Characters that a host condition takes (Application Load Balancer guide, condition types)."""


def _domain(value: str) -> str:
    if value.startswith("*"):
        raise ValueError(
            f"{value!r} stands for every name under it, also for those nobody serves: list the "
            "names that clients call"
        )
    if len(value) > LIMIT or not _DOMAIN.fullmatch(value):
        raise ValueError(
            f"{value!r} is no name of a host: write it in lower case with at least one dot, such as "
            f"agents.example.com, {LIMIT} characters at most"
        )
    return value


Domain = Annotated[str, AfterValidator(_domain)]
"""A host name as clients call it: `agents.example.com`."""


class Zone(Settings):
    """A public hosted zone of Route 53 that this account may write to."""

    id: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$")]
    name: Domain


def outside(domains: Sequence[str], zone: Zone) -> Iterator[str]:
    """The `domains` that `zone` does not answer for."""
    for domain in domains:
        if domain != zone.name and not domain.endswith(f".{zone.name}"):
            yield domain
