"""Whether this process records, as the environment says."""

import os
from collections.abc import Mapping
from typing import Final

from toolchain.providers.aws.errors import Refusal

VARIABLE: Final = "AGENT_PLATFORM_PROVIDERS"
RECORD: Final = "record"


def recording(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether nothing is contacted. What is neither yes nor no is refused: it may be a misspelt yes."""
    wanted = environment.get(VARIABLE, "")
    if wanted not in ("", RECORD):
        raise Refusal(
            f"{VARIABLE} is {wanted!r}; wanted {RECORD!r}, by which nothing is contacted and nothing "
            "made, or no such variable"
        )
    return wanted == RECORD
