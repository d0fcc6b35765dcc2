"""The table of extractions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it with its indexes."""
    op.create_table(
        "extractions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("request_hash", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("document", sa.Text),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("document_characters", sa.Integer, nullable=False),
        sa.Column("document_bytes", sa.Integer, nullable=False),
        sa.Column("result", JSONB),
        sa.Column("model", sa.Text),
        sa.Column("error", JSONB),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("duration_seconds", sa.Double),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'success', 'failed')", name="extractions_status"
        ),
        sa.CheckConstraint("mode IN ('sync', 'async')", name="extractions_mode"),
    )
    op.create_index(
        "extractions_idempotency",
        "extractions",
        ["tenant", "agent", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_index(
        "extractions_open",
        "extractions",
        ["tenant", "agent", "created_at"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_index(
        "extractions_finished",
        "extractions",
        ["tenant", "agent", sa.text("finished_at DESC")],
        postgresql_where=sa.text("status = 'success'"),
    )


def downgrade() -> None:
    """Drop it, results included."""
    op.drop_table("extractions")
