"""Workers: take queued extractions, and those that a dead process left, and do them."""

import asyncio
import random
from contextlib import suppress

import structlog

from agent_runtime import problem
from agent_runtime.agent.extractor import Options
from agent_runtime.metrics import Metrics
from agent_runtime.problem import Problem
from agent_runtime.runs import Runs
from agent_runtime.settings import RunSettings
from agent_runtime.store import Record, Store

_log = structlog.get_logger(__name__)


class Workers:
    """So many loops over the queue, until told to stop."""

    def __init__(self, runs: Runs, store: Store, settings: RunSettings, metrics: Metrics) -> None:
        self._runs = runs
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look for jobs."""
        self._tasks = [
            asyncio.create_task(self._loop(), name=f"worker-{number}")
            for number in range(self._settings.workers)
        ]

    def stop_claiming(self) -> None:
        """Take no more jobs; the ones at hand go on."""
        self._stopping.set()
        self._runs.enqueued.set()

    async def close(self, seconds: float) -> None:
        """Wait so long for the jobs at hand, then put the rest back for other replicas."""
        self.stop_claiming()
        if not self._tasks:
            return
        _, unfinished = await asyncio.wait(self._tasks, timeout=seconds)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _loop(self) -> None:
        while not self._stopping.is_set():
            self._runs.enqueued.clear()
            worked = False
            try:
                record = await self._store.claim(self._settings.lease)
                if record is not None:
                    await self._do(record)
                    worked = True
            except Problem as fault:
                _log.warning("queue_unavailable", error=fault.reason)
            except Exception:
                # Such as a table that the migration has yet to make: a worker outlives that too.
                _log.exception("queue_unavailable")
            if not worked:
                await self._until_next_look()

    async def _until_next_look(self) -> None:
        # Jitter, so that replicas started together do not ask together.
        pause = self._settings.poll_interval * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._runs.enqueued.wait()

    async def _do(self, record: Record) -> None:
        if record.attempts > self._settings.max_attempts:
            self._metrics.jobs.labels("given_up").inc()
            await self._store.fail(record.id, problem.gave_up(record.attempts - 1), seconds=0)
            return
        if record.attempts > 1:
            self._metrics.jobs.labels("taken_over").inc()
        holding = asyncio.create_task(self._hold(record))
        try:
            with structlog.contextvars.bound_contextvars(
                request_id=record.request_id, extraction_id=str(record.id)
            ):
                options = Options.model_validate(record.options)
                await self._runs.work(record, options, self._settings.request_timeout)
            self._metrics.jobs.labels("succeeded").inc()
        except Problem as fault:
            self._metrics.jobs.labels("failed").inc()
            _log.warning("job_failed", extraction_id=str(record.id), error=fault.detail)
        except Exception:
            # A worker outlives any job; the job's failure is kept with the job.
            self._metrics.jobs.labels("failed").inc()
            _log.exception("job_failed", extraction_id=str(record.id))
        finally:
            holding.cancel()

    async def _hold(self, record: Record) -> None:
        """Renew the lease while the job runs, well before it ends."""
        while True:
            await asyncio.sleep(self._settings.lease / 3)
            try:
                if not await self._store.renew(record.id, self._settings.lease):
                    return
            except Problem as fault:
                _log.warning("lease_not_renewed", extraction_id=str(record.id), error=fault.reason)
