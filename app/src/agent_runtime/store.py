"""Extractions in PostgreSQL: kept, found again, handed from a dead process to a living one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import stamina
from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_runtime.database import reaching
from agent_runtime.problem import Problem
from agent_runtime.table import extractions

Status = Literal["queued", "running", "success", "failed"]
_COLUMNS = extractions.c


@dataclass(frozen=True, kw_only=True)
class Order:
    """An extraction as it is asked for."""

    id: UUID
    document: str
    options: Mapping[str, Any]
    request_hash: str
    request_id: str
    idempotency_key: str | None


@dataclass(frozen=True, kw_only=True)
class Record:
    """An extraction as it is kept."""

    id: UUID
    status: Status
    mode: Literal["sync", "async"]
    request_id: str
    request_hash: str
    document: str | None
    options: Mapping[str, Any]
    document_characters: int
    result: Mapping[str, Any] | None
    model: str | None
    error: Mapping[str, Any] | None
    attempts: int
    duration_seconds: float | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Store:
    """One agent's extractions; another tenant's or agent's do not exist for it."""

    def __init__(self, engine: AsyncEngine, *, tenant: str, agent: str, owner: str) -> None:
        self._engine = engine
        self._tenant = tenant
        self._agent = agent
        self._owner = owner
        self._mine = and_(_COLUMNS.tenant == tenant, _COLUMNS.agent == agent)

    async def create(self, order: Order, *, lease: float | None) -> tuple[Record, bool]:
        """Keep the order, running here for `lease` seconds or else queued.

        The second value is false if an order with its idempotency key is there already; that one
        is then the first value.
        """
        statement = (
            insert(extractions)
            .values(
                id=order.id,
                tenant=self._tenant,
                agent=self._agent,
                status="queued" if lease is None else "running",
                mode="async" if lease is None else "sync",
                request_id=order.request_id,
                request_hash=order.request_hash,
                idempotency_key=order.idempotency_key,
                document=order.document,
                options=dict(order.options),
                document_characters=len(order.document),
                document_bytes=len(order.document.encode()),
                attempts=0 if lease is None else 1,
                **({} if lease is None else self._lease(lease)),
            )
            .on_conflict_do_nothing()
            .returning(extractions)
        )
        async with reaching(), self._engine.connect() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
            if row is not None:
                return _record(row), True
            same_key = _COLUMNS.idempotency_key == order.idempotency_key
            found = await connection.execute(select(extractions).where(self._mine, same_key))
            return _record(found.mappings().one()), False

    async def get(self, extraction_id: UUID) -> Record | None:
        """The extraction, if this agent has it."""
        statement = select(extractions).where(self._mine, _COLUMNS.id == extraction_id)
        async with reaching(), self._engine.connect() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return _record(row) if row is not None else None

    async def retake(self, extraction_id: UUID, document: str, lease: float) -> Record | None:
        """Take a failed or abandoned extraction over; nothing if someone else has it by now."""
        ended = or_(_COLUMNS.status == "failed", _abandoned())
        return await self._take(and_(_COLUMNS.id == extraction_id, ended), lease, document=document)

    async def claim(self, lease: float) -> Record | None:
        """Take the longest waiting job, or one whose worker's lease ran out."""
        waiting = (
            select(_COLUMNS.id)
            .where(self._mine, or_(_COLUMNS.status == "queued", _abandoned()))
            .order_by(_COLUMNS.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        return await self._take(_COLUMNS.id == waiting, lease)

    async def _take(self, which: ColumnElement[bool], lease: float, **values: Any) -> Record | None:  # noqa: ANN401 (columns differ)
        statement = (
            update(extractions)
            .where(self._mine, which)
            .values(
                status="running",
                attempts=_COLUMNS.attempts + 1,
                error=None,
                finished_at=None,
                **self._lease(lease),
                **values,
            )
            .returning(extractions)
        )
        async with reaching(), self._engine.connect() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return _record(row) if row is not None else None

    async def renew(self, extraction_id: UUID, lease: float) -> Record | None:
        """Hold on to a job; nothing if it is no longer held here."""
        return await self._update_held(
            extraction_id, {"lease_until": self._lease(lease)["lease_until"]}
        )

    async def release(self, extraction_id: UUID) -> Record | None:
        """Put a job back for the next worker, as if it had not been tried."""
        values = {
            "status": "queued",
            "attempts": _COLUMNS.attempts - 1,
            "lease_owner": None,
            "lease_until": None,
        }
        return await self._update_held(extraction_id, values)

    async def succeed(
        self, extraction_id: UUID, result: Mapping[str, Any], *, model: str, seconds: float
    ) -> Record | None:
        """Keep the result; nothing if another process took the job over meanwhile."""
        outcome = {"status": "success", "result": dict(result), "model": model}
        return await self._end(extraction_id, outcome, seconds)

    async def fail(self, extraction_id: UUID, problem: Problem, *, seconds: float) -> Record | None:
        """Keep why there is no result."""
        return await self._end(
            extraction_id, {"status": "failed", "error": problem.body()}, seconds
        )

    async def _end(
        self, extraction_id: UUID, outcome: Mapping[str, Any], seconds: float
    ) -> Record | None:
        ending = {
            **outcome,
            "duration_seconds": seconds,
            "finished_at": func.now(),
            "document": None,
            "lease_owner": None,
            "lease_until": None,
        }
        # The work is done and the statement may be repeated: a short absence shall not cost it.
        async for attempt in stamina.retry_context(
            on=_is_unavailable, attempts=4, timeout=5, wait_initial=0.1, wait_max=1
        ):
            with attempt:
                return await self._update_held(extraction_id, ending)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _update_held(self, extraction_id: UUID, values: Mapping[str, Any]) -> Record | None:
        held = and_(
            _COLUMNS.id == extraction_id,
            _COLUMNS.status == "running",
            _COLUMNS.lease_owner == self._owner,
        )
        statement = (
            update(extractions).where(self._mine, held).values(**values).returning(extractions)
        )
        async with reaching(), self._engine.connect() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return _record(row) if row is not None else None

    async def expected_wait(self, created_at: datetime, workers: int) -> float | None:
        """Seconds until a job created then should be done, by the last fifty; if any."""
        recent = (
            select(_COLUMNS.duration_seconds)
            .where(self._mine, _COLUMNS.status == "success")
            .order_by(_COLUMNS.finished_at.desc())
            .limit(50)
            .subquery()
        )
        ahead = (
            select(func.count())
            .where(self._mine, _COLUMNS.status == "queued", _COLUMNS.created_at < created_at)
            .scalar_subquery()
        )
        statement = select(func.avg(recent.c.duration_seconds), ahead)
        async with reaching(), self._engine.connect() as connection:
            mean, before = (await connection.execute(statement)).one()
        return None if mean is None else float(mean) * (1 + before / max(workers, 1))

    async def revisions(self) -> set[str]:
        """The schema revisions the database is at; empty if it was never migrated."""
        async with reaching(), self._engine.connect() as connection:
            there = await connection.scalar(text("SELECT to_regclass('alembic_version')"))
            if there is None:
                return set()
            found = await connection.scalars(text("SELECT version_num FROM alembic_version"))
            return set(found)

    def _lease(self, seconds: float) -> dict[str, Any]:
        return {
            "lease_owner": self._owner,
            # The database's clock, so that replicas' clocks need not agree.
            "lease_until": func.now() + timedelta(seconds=seconds),
            "started_at": func.now(),
        }


def _abandoned() -> ColumnElement[bool]:
    return and_(_COLUMNS.status == "running", _COLUMNS.lease_until < func.now())


def _is_unavailable(error: Exception) -> bool:
    return isinstance(error, Problem) and error.kind == "store-unavailable"


def _record(row: RowMapping) -> Record:
    return Record(**{name: row[name] for name in Record.__dataclass_fields__})
