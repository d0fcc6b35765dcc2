"""The registry as a stack file writes it."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings import Settings


class RegistrySettings(Settings):
    """How long images are kept and how they are scanned."""

    keep: Annotated[int, Field(ge=10, le=1000)] = 100
    """Images of a repository. The oldest goes first, whether a pod still runs it or not: keep more than
    are released while any pod stays on an old one."""
    untagged_days: Annotated[int, Field(ge=1, le=365)] = 7
    scan: Literal["on_push", "continuous"] = "on_push"
    """`continuous` has Amazon Inspector scan again with every new finding. That is one setting of the
    whole account and region: one stack only may make it."""
