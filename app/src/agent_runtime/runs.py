"""Running extractions: once per key, within their time, with what they did kept. No HTTP here."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import structlog
from pydantic_ai.exceptions import (
    FallbackExceptionGroup,
    ModelAPIError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)
from pydantic_core import to_json

from agent_runtime import problem
from agent_runtime.agent.extractor import FeatureExtractor, Options
from agent_runtime.cache import Cache
from agent_runtime.features import Features
from agent_runtime.flight import SingleFlight
from agent_runtime.metrics import Metrics, band
from agent_runtime.problem import Problem
from agent_runtime.settings import Settings
from agent_runtime.store import Order, Record, Store

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a caller asks for."""

    document: str
    options: Options
    request_id: str
    idempotency_key: str | None = None

    def hash(self) -> str:
        """The same for the same document and options, whoever asks."""
        canonical = to_json({"document": self.document, "options": _plain(self.options)})
        return hashlib.sha256(canonical).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A kept extraction, and whether this request computed it."""

    record: Record
    replayed: bool = False
    cached: bool = False


class Runs:
    """The extractions of this process."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        cache: Cache,
        extractor: FeatureExtractor,
        metrics: Metrics,
    ) -> None:
        self._settings = settings.run
        self._token_limit = settings.model.total_tokens_limit
        self._store = store
        self._cache = cache
        self._extractor = extractor
        self._metrics = metrics
        self._turns = asyncio.Semaphore(settings.run.concurrency)
        self._inside = 0
        self._flight = SingleFlight[tuple[Features, bool]]()
        self._here: dict[UUID, asyncio.Event] = {}
        self.enqueued = asyncio.Event()
        """Set when a job was queued here, so that a worker need not wait for its next look."""

    async def close(self) -> None:
        """End the computations that nobody waits for any more."""
        await self._flight.close()

    async def enqueue(self, wish: Wish) -> Outcome:
        """Queue the extraction; some replica's worker will do it."""
        record, created = await self._store.create(_order(wish), lease=None)
        if not created:
            _same_body(record, wish)
            return Outcome(record=record, replayed=True)
        self._metrics.jobs.labels("queued").inc()
        self.enqueued.set()
        return Outcome(record=record)

    async def run(self, wish: Wish) -> Outcome:
        """Do the extraction now, or replay the one that the idempotency key stands for."""
        if self._inside >= self._settings.concurrency + self._settings.waiting:
            raise problem.overloaded(self._inside)
        self._inside += 1
        try:
            return await self._run(wish)
        finally:
            self._inside -= 1

    async def _run(self, wish: Wish) -> Outcome:
        # A little over the deadline: a lease that runs out means that this process is gone.
        lease = self._settings.request_timeout + 5
        record, created = await self._store.create(_order(wish), lease=lease)
        if created:
            return await self._run_kept(record, wish.options)
        _same_body(record, wish)
        ended_here = self._here.get(record.id)
        if ended_here is not None:
            async with _deadline(self._settings.request_timeout):
                await ended_here.wait()
            record = await self._store.get(record.id) or record
        if record.status == "success":
            return Outcome(record=record, replayed=True)
        retaken = await self._store.retake(record.id, wish.document, lease)
        if retaken is None:
            raise problem.still_running(record.id)
        return await self._run_kept(retaken, wish.options)

    async def _run_kept(self, record: Record, options: Options) -> Outcome:
        ended = self._here[record.id] = asyncio.Event()
        try:
            return await self.work(record, options, self._settings.request_timeout)
        finally:
            del self._here[record.id]
            ended.set()

    async def work(self, record: Record, options: Options, seconds: float) -> Outcome:
        """Do a kept extraction and keep its outcome; a problem is kept and raised."""
        begin = time.perf_counter()
        status = "error"
        document = record.document or ""
        try:
            async with _deadline(seconds):
                features, cached = await self._compute(document, options)
            status = "success"
        except asyncio.CancelledError:
            await asyncio.shield(self._store.release(record.id))
            status = "released"
            raise
        except Problem as fault:
            await self._store.fail(record.id, fault, seconds=time.perf_counter() - begin)
            raise
        except Exception:
            _log.exception("extraction_failed", extraction_id=str(record.id))
            await self._store.fail(
                record.id, problem.internal(), seconds=time.perf_counter() - begin
            )
            raise
        finally:
            seconds_taken = time.perf_counter() - begin
            threshold = band(options.quality_threshold)
            self._metrics.extractions.labels(status, threshold).inc()
            self._metrics.extraction_duration.observe(seconds_taken)
        kept = await self._store.succeed(
            record.id,
            features.model_dump(mode="json"),
            model=features.model.name,
            seconds=seconds_taken,
        )
        if kept is None:  # the lease ran out and another process has it
            raise problem.still_running(record.id)
        return Outcome(record=kept, cached=cached)

    async def _compute(self, document: str, options: Options) -> tuple[Features, bool]:
        """The features, and whether they came from the cache or from a computation under way."""
        wanted = to_json({"d": document, "o": _plain(options), "m": self._extractor.model_id})
        key = hashlib.sha256(wanted).hexdigest()

        async def compute() -> tuple[Features, bool]:
            known = await self._cache.get(key)
            if known is not None:
                return Features.model_validate_json(known), True
            features = await self._extract(document, options)
            await self._cache.set(key, features.model_dump_json().encode())
            return features, False

        return await self._flight.do(key, compute)

    async def _extract(self, document: str, options: Options) -> Features:
        try:
            async with self._turns:
                with self._metrics.extractions_active.track_inprogress():
                    return await self._extractor.extract(document, options)
        except UsageLimitExceeded as error:
            raise problem.too_costly(self._token_limit) from error
        except (ModelAPIError, FallbackExceptionGroup) as error:
            _log.warning("model_unavailable", error=repr(error))
            raise problem.model_unavailable() from error
        except UnexpectedModelBehavior as error:
            _log.warning("model_misbehaved", error=repr(error))
            raise problem.model_misbehaved() from error


@asynccontextmanager
async def _deadline(seconds: float) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise problem.deadline_exceeded(seconds) from error


def _order(wish: Wish) -> Order:
    return Order(
        id=uuid4(),
        document=wish.document,
        options=_plain(wish.options),
        request_hash=wish.hash(),
        request_id=wish.request_id,
        idempotency_key=wish.idempotency_key,
    )


def _same_body(record: Record, wish: Wish) -> None:
    if record.request_hash != wish.hash():
        raise problem.key_reused(wish.idempotency_key or "")


def _plain(options: Options) -> Mapping[str, Any]:
    """The options as JSON, sets in a settled order."""
    plain = options.model_dump(mode="json")
    if options.entity_types is not None:
        plain["entity_types"] = sorted(options.entity_types)
    return plain
