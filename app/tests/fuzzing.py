"""What Schemathesis has to know about the API that its description cannot say."""

from collections.abc import MutableMapping
from typing import Any, cast
from uuid import uuid4

import schemathesis
from schemathesis import Case, GenerationMode, HookContext


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType] (the library leaves it open)
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give every valid request a key of its own: a key used twice is refused by promise."""
    headers = cast(MutableMapping[str, Any], case.headers)  # pyright: ignore[reportUnknownMemberType] (as above)
    valid = case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
    if valid and "idempotency-key" in headers:
        headers["idempotency-key"] = uuid4().hex
