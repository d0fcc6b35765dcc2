"""Whether this process records, as the environment says, and whether a state was recorded."""

import os
from collections.abc import Mapping
from typing import Any, Final

from toolchain.providers.aws.errors import Refusal

VARIABLE: Final = "AGENT_PLATFORM_PROVIDERS"
RECORD: Final = "record"
MARK: Final = "__recorded"
"""An output of whatever is recorded."""


def recording(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether nothing is contacted. What is neither yes nor no is refused: it may be a misspelt yes."""
    wanted = environment.get(VARIABLE, "")
    if wanted not in ("", RECORD):
        raise Refusal(
            f"{VARIABLE} is {wanted!r}; wanted {RECORD!r}, by which nothing is contacted and nothing "
            "made, or no such variable"
        )
    return wanted == RECORD


def check(state: Mapping[str, Any], *, records: bool) -> None:
    """Refuses to change what is in AWS without AWS, and to change in AWS what is not there."""
    if not state or (MARK in state) == records:
        return
    if records:
        raise Refusal(
            f"{VARIABLE} is set, by which nothing is contacted, and the state says that this is in "
            "AWS: it would be forgotten and not changed. Unset the variable, or record into a "
            "backend of its own"
        )
    raise Refusal(
        f"the state was recorded, and this is not in AWS. Set {VARIABLE}={RECORD} to go on with the "
        "recording, or deploy from another backend"
    )
