"""What goes over the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator

from agent_runtime.agent.extractor import Options
from agent_runtime.features import Features
from agent_runtime.store import Record, Status

EXAMPLES: dict[str, Any] = {
    "a press release": {
        "summary": "A document, everything else as it is by default",
        "value": {
            "document": "Acme Corp. said on 3 March 2026 that Ada Lovelace will lead its new "
            "lab in Vienna. The 12.5 million EUR programme is a great success. "
            "Contact: press@example.com"
        },
    },
    "people and organisations only": {
        "summary": "Options narrow the answer and set a quality to hold the document to",
        "value": {
            "document": "Dr. Grace Hopper of the University of Vienna wrote to Initech GmbH.",
            "options": {
                "entity_types": ["person", "organization"],
                "max_key_phrases": 3,
                "min_confidence": 0.5,
                "quality_threshold": 0.7,
            },
        },
    },
}


class ExtractionRequest(BaseModel):
    """A document and what to find in it."""

    model_config = ConfigDict(extra="forbid")

    document: str = Field(
        min_length=1,
        validation_alias=AliasChoices("document", "text"),
        description="Plain text with something in it; `text` is accepted as another name.",
    )
    options: Options = Options()

    @field_validator("document")
    @classmethod
    def _has_content(cls, document: str) -> str:
        if not document.strip():
            raise ValueError(f"got {len(document)} blank characters, wanted text")
        if "\x00" in document:
            raise ValueError(f"got NUL at {document.index(chr(0))}, wanted text without it")
        return document


class Extraction(BaseModel):
    """An extraction and, once it ended, what came of it."""

    extraction_id: UUID
    status: Status
    agent: str
    tenant: str
    request_id: str = Field(description="Of the request that ordered it.")
    created_at: datetime
    finished_at: datetime | None
    processing_time: float | None = Field(description="Seconds.")
    cached: bool = Field(default=False, description="The features were known already.")
    data: Features | None
    error: dict[str, Any] | None = Field(description="The problem, if it failed.")

    @classmethod
    def of(cls, record: Record, *, agent: str, tenant: str, cached: bool = False) -> "Extraction":
        """The kept extraction as callers see it."""
        return cls.model_validate(
            {
                "extraction_id": record.id,
                "status": record.status,
                "agent": agent,
                "tenant": tenant,
                "request_id": record.request_id,
                "created_at": record.created_at,
                "finished_at": record.finished_at,
                "processing_time": record.duration_seconds,
                "cached": cached,
                "data": record.result,
                "error": record.error,
            }
        )


class ExtractionStatus(BaseModel):
    """How far an extraction is."""

    extraction_id: UUID
    status: Status
    progress: Literal[0, 50, 100] = Field(description="Queued, under way, ended.")
    estimated_completion: datetime | None = Field(
        description="By the time recent extractions took; absent without any, or once ended."
    )
    error_message: str | None
    result: str = Field(description="Where the extraction with its data is.")


class Health(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"
    version: str
    uptime_seconds: float


class Check(BaseModel):
    """One dependency, asked just now."""

    ok: bool
    required: bool
    latency_ms: float | None
    detail: str | None = None


class Readiness(BaseModel):
    """Whether requests should be sent here, and why not."""

    status: Literal["ready", "not ready"]
    reasons: list[str]
    checks: dict[str, Check]


class ProblemBody(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
