"""What a host's refusal means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import httpx2 as httpx
from pydantic import BaseModel, JsonValue, ValidationError

from review.hosting.errors import (
    ForbiddenError,
    HostingError,
    InvalidError,
    LimitedError,
    LockedError,
    MissingError,
    RefusedError,
    StrangeError,
    TooLongError,
    UnreachableError,
)
from review.hosting.waiting import limited

LINE: Final = 300
"""Characters of a host's message that are shown."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What differs between hosts in asking and in what to do about a refusal."""

    name: str
    address: str
    """Variable that holds the API's address."""
    example: str
    token: str
    """Variable that holds the token."""
    header: str
    scheme: str = ""
    """What stands before the token in its header."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    permission: str
    """How to let the token write."""
    place: str
    """How to name the right place."""
    hidden: str
    """What hides a place that is there."""


class _Refusal(BaseModel):
    """A refusal's body: `message` is a text, or with GitLab an object; OAuth's word is `error`."""

    message: JsonValue = None
    error: JsonValue = None
    error_description: JsonValue = None
    errors: JsonValue = None


def one_line(text: str) -> str:
    """For a message: no breaks, and not longer than somebody reads."""
    line = " ".join(text.split())
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


def fault(
    response: httpx.Response, action: str, dialect: Dialect, clean: Callable[[str], str]
) -> HostingError:
    """The refusal as what it means, in words that say how to mend it."""
    message = clean(_message(response))
    got = f"{action}: got {response.status_code} of {dialect.name}"
    if message:
        got += f" ({message})"
    if limited(response, message):
        return LimitedError(f"{got}, wanted to be let in: too much was asked for")
    long = "too long" in message.lower()
    match response.status_code:
        case HTTPStatus.UNAUTHORIZED:
            kind, wanted = RefusedError, f"a token that is known there: {dialect.permission}"
        case HTTPStatus.FORBIDDEN if _closed(message):
            kind, wanted = LockedError, "to write there: unlock it, or read the report in the job"
        case HTTPStatus.FORBIDDEN:
            kind, wanted = ForbiddenError, f"the right to write there: {dialect.permission}"
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            kind, wanted = MissingError, f"what is there: {dialect.place}; {dialect.hidden}"
        case HTTPStatus.UNPROCESSABLE_ENTITY | HTTPStatus.BAD_REQUEST if long:
            kind, wanted = TooLongError, "it taken: give a shorter text"
        case HTTPStatus.UNPROCESSABLE_ENTITY | HTTPStatus.BAD_REQUEST:
            kind, wanted = InvalidError, "it taken: mend what the answer names"
        case _ if response.is_redirect:
            kind, wanted = StrangeError, f"it where it was asked for: it has moved; {dialect.place}"
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            kind, wanted = UnreachableError, "it in working order: run this again when it is"
        case _:
            kind, wanted = StrangeError, f"an answer of its API: mend {dialect.address}"
    return kind(f"{got}, wanted {wanted}")


def _closed(message: str) -> bool:
    return any(word in message.lower() for word in ("locked", "archived"))


def _message(response: httpx.Response) -> str:
    try:
        refusal = _Refusal.model_validate_json(response.content)
    except ValidationError:
        # Proxies answer in HTML: the status says it all.
        return ""
    told = (refusal.message, refusal.error, refusal.error_description, refusal.errors)
    return "; ".join(t if isinstance(t, str) else str(t) for t in told if t)
