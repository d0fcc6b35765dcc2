"""Reading a JSON body: each way of it being wrong has its own answer."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agent_runtime.api.resources import SettingsOf
from agent_runtime.api.schemas import ExtractionRequest
from agent_runtime.problem import Problem

_SHOWN = 60
"""Characters of a wrong value that an answer repeats."""


async def extraction_request(request: Request, settings: SettingsOf) -> ExtractionRequest:
    """The body as a request, or the problem with it."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem(
            415,
            "unsupported-media-type",
            "Not a content type this takes",
            f"got Content-Type {content_type[:_SHOWN]!r}, wanted application/json",
            headers={"Accept": "application/json"},
        )
    raw = await _bounded(request, settings.security.max_body_bytes)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(
            "not-utf-8", f"got byte 0x{raw[error.start]:02x} at {error.start}, wanted UTF-8"
        ) from error
    wish = _parse(raw)
    most = settings.security.max_document_chars
    if len(wish.document) > most:
        raise too_large(f"got a document of {len(wish.document)} characters, wanted at most {most}")
    return wish


async def _bounded(request: Request, limit: int) -> bytes:
    """The body, given up on as soon as it is known to be too large: by its head, or on the way."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large(f"got a body of {declared} bytes, wanted at most {limit}")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > limit:
            raise too_large(f"got a body of more than {limit} bytes, wanted at most {limit}")
    return bytes(raw)


def _parse(raw: bytes) -> ExtractionRequest:
    try:
        return ExtractionRequest.model_validate_json(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        if faults[0]["type"] == "json_invalid":
            raise _unreadable("not-json", f"{faults[0]['msg']}; wanted one JSON object") from error
        raise invalid(faults) from error


def invalid(faults: list[ErrorDetails]) -> Problem:
    """What was understood, but is not what is wanted: every place of it."""
    errors = [
        {
            "pointer": "/" + "/".join(str(part) for part in fault["loc"]),
            "wanted": fault["msg"].removeprefix("Value error, "),
            "got": _shown(fault["input"]) if fault["type"] != "missing" else "nothing",
        }
        for fault in faults
    ]
    said = "; ".join(f"{e['pointer']}: got {e['got']}, wanted: {e['wanted']}" for e in errors[:3])
    return Problem(422, "invalid-request", "Not a valid request", said, errors=errors)


def too_large(detail: str) -> Problem:
    """More than the limits let in."""
    return Problem(413, "too-large", "Too large", detail)


def _unreadable(kind: str, detail: str) -> Problem:
    return Problem(400, kind, "The body cannot be read", detail)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


JsonBody = Annotated[ExtractionRequest, Depends(extraction_request)]
