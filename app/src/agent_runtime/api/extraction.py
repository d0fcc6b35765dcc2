"""Extractions over HTTP."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from agent_runtime.api.body import JsonBody
from agent_runtime.api.errors import MEDIA_TYPE
from agent_runtime.api.resources import ResourcesOf, SettingsOf
from agent_runtime.api.schemas import EXAMPLES, Extraction, ExtractionStatus
from agent_runtime.problem import Problem
from agent_runtime.runs import Wish
from agent_runtime.store import Record

router = APIRouter(tags=["extraction"])

_REQUEST_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/ExtractionRequest"},
            "examples": EXAMPLES,
        }
    },
}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {status: {"description": "A problem", "content": content} for status in statuses}


_READ_PROBLEMS = _problems(400, 404, 422, 500, 503)


@router.post(
    "/api/v1/extract-features",
    openapi_extra={"requestBody": _REQUEST_BODY},
    responses={
        202: {"model": ExtractionStatus, "description": "Queued; `Location` says where to look"},
        **_problems(400, 409, 413, 415, 422, 500, 502, 503, 504),
    },
)
async def extract_features(
    *,
    body: JsonBody,
    request: Request,
    response: Response,
    resources: ResourcesOf,
    settings: SettingsOf,
    mode: Annotated[Literal["sync", "async"], Query()] = "sync",
    prefer: Annotated[str, Header(max_length=200)] = "",
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
    ] = None,
) -> Extraction | ExtractionStatus:
    """Find the features of a document: at once, or with `?mode=async` (or `Prefer:
    respond-async`) later, by any replica, whatever becomes of this one."""
    wish = Wish(
        document=body.document,
        options=body.options,
        request_id=request.state.request_id,
        idempotency_key=idempotency_key,
    )
    later = mode == "async" or "respond-async" in {p.strip() for p in prefer.split(",")}
    outcome = await (resources.runs.enqueue(wish) if later else resources.runs.run(wish))
    if outcome.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    if not later:
        return Extraction.of(
            outcome.record, agent=settings.name, tenant=settings.tenant, cached=outcome.cached
        )
    response.status_code = 202
    response.headers["Location"] = f"/api/v1/extraction/{outcome.record.id}/status"
    return await _status(outcome.record, resources, settings)


@router.get("/api/v1/extraction/{extraction_id}/status", responses=_READ_PROBLEMS)
async def extraction_status(
    extraction_id: UUID, resources: ResourcesOf, settings: SettingsOf
) -> ExtractionStatus:
    """How far the extraction is."""
    return await _status(await _found(extraction_id, resources), resources, settings)


@router.get("/api/v1/extraction/{extraction_id}", responses=_READ_PROBLEMS)
async def extraction(
    extraction_id: UUID, resources: ResourcesOf, settings: SettingsOf
) -> Extraction:
    """The extraction, with its features once it succeeded."""
    record = await _found(extraction_id, resources)
    return Extraction.of(record, agent=settings.name, tenant=settings.tenant)


async def _found(extraction_id: UUID, resources: ResourcesOf) -> Record:
    record = await resources.store.get(extraction_id)
    if record is None:
        raise Problem(
            404, "not-found", "No such extraction", f"this agent has no extraction {extraction_id}"
        )
    return record


async def _status(record: Record, resources: ResourcesOf, settings: SettingsOf) -> ExtractionStatus:
    ended = record.status in {"success", "failed"}
    wait = None
    if not ended:
        wait = await resources.store.expected_wait(record.created_at, settings.run.workers)
    return ExtractionStatus(
        extraction_id=record.id,
        status=record.status,
        progress=100 if ended else 50 if record.status == "running" else 0,
        estimated_completion=record.created_at + timedelta(seconds=wait) if wait else None,
        error_message=str(record.error["detail"]) if record.error else None,
        result=f"/api/v1/extraction/{record.id}",
    )
