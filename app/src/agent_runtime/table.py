"""The one table: every extraction asked for, what became of it, and who works on it."""

from sqlalchemy import (
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

REVISIONS = ("0001",)
"""The schema's revisions, oldest first; the last is the one this code is written for."""

metadata = MetaData()

extractions = Table(
    "extractions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("idempotency_key", Text),
    # Kept only until the extraction ends: whoever takes the job over needs it.
    Column("document", Text),
    Column("options", JSONB, nullable=False),
    Column("document_characters", Integer, nullable=False),
    Column("document_bytes", Integer, nullable=False),
    Column("result", JSONB),
    Column("model", Text),
    Column("error", JSONB),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", DateTime(timezone=True)),
    Column("duration_seconds", Double),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)

Index(
    "extractions_idempotency",
    extractions.c.tenant,
    extractions.c.agent,
    extractions.c.idempotency_key,
    unique=True,
    postgresql_where=text("idempotency_key IS NOT NULL"),
)
Index(
    "extractions_open",
    extractions.c.tenant,
    extractions.c.agent,
    extractions.c.created_at,
    postgresql_where=text("status IN ('queued', 'running')"),
)
Index(
    "extractions_finished",
    extractions.c.tenant,
    extractions.c.agent,
    extractions.c.finished_at.desc(),
    postgresql_where=text("status = 'success'"),
)
