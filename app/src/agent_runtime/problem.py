"""What can go wrong for a caller, as RFC 9457 problems: what was got, what was wanted."""

from collections.abc import Mapping
from typing import Any

TYPES = "urn:agent-runtime:problem:"


class Problem(Exception):  # noqa: N818 (what RFC 9457 calls it)
    """An answer that is not the one asked for."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        reason: str = "",
        **members: Any,  # noqa: ANN401 (RFC 9457 extension members are any JSON)
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.reason = reason
        """For operators: the logs and the readiness probe, never an answer to a caller."""
        self.members = members

    def body(self, instance: str | None = None) -> dict[str, Any]:
        """The problem as a JSON object."""
        return {
            "type": TYPES + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **({"instance": instance} if instance else {}),
            **self.members,
        }


def store_unavailable(reason: str) -> Problem:
    """The database does not answer."""
    return Problem(
        503,
        "store-unavailable",
        "The store is away",
        "the database does not answer; nothing was kept, try again",
        headers={"Retry-After": "5"},
        reason=reason,
    )


def overloaded(inside: int) -> Problem:
    """More requests are in here than may be."""
    return Problem(
        503,
        "overloaded",
        "Too much at once",
        f"{inside} extractions are under way or waiting; try again, or ask with ?mode=async",
        headers={"Retry-After": "1"},
    )


def deadline_exceeded(seconds: float) -> Problem:
    """The extraction took longer than a request may."""
    return Problem(
        504,
        "deadline-exceeded",
        "The extraction took too long",
        f"no answer within {seconds:g} s; ask with ?mode=async for long documents",
    )


def model_unavailable() -> Problem:
    """No model answered."""
    return Problem(
        503,
        "model-unavailable",
        "No model answers",
        "every model that may answer failed; try again",
        headers={"Retry-After": "10"},
    )


def model_misbehaved() -> Problem:
    """A model answered, but not what was asked for."""
    return Problem(
        502,
        "model-misbehaved",
        "The model gave no usable answer",
        "the model's answer did not fit the wanted shape, repeated attempts included",
    )


def too_costly(limit: int) -> Problem:
    """The document needs more tokens than one extraction may take."""
    return Problem(
        422,
        "too-costly",
        "The document costs too much",
        f"the extraction needs more than the {limit} tokens it may take; send a shorter document",
    )


def key_reused(key: str) -> Problem:
    """The idempotency key belongs to another request."""
    return Problem(
        422,
        "idempotency-key-reused",
        "The Idempotency-Key belongs to another request",
        f"Idempotency-Key {key!r} came with another body before; a new body wants a new key",
    )


def still_running(extraction_id: object) -> Problem:
    """The first request with this key has not ended yet."""
    return Problem(
        409,
        "still-running",
        "The same request is still running",
        "a request with this Idempotency-Key is being answered; try again for its answer",
        headers={"Retry-After": "1"},
        extraction_id=str(extraction_id),
    )


def gave_up(attempts: int) -> Problem:
    """A job ended its processes more often than it may."""
    return Problem(
        500,
        "gave-up",
        "The extraction was given up",
        f"it was started {attempts} times and never ended; see the runtime's logs",
    )


def internal() -> Problem:
    """A fault of ours; its details are for the logs alone."""
    return Problem(
        500,
        "internal",
        "Internal error",
        "the fault is ours and is logged under this answer's X-Request-ID",
    )
