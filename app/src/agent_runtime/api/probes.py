"""For the kubelet: alive, ready."""

import asyncio
import time

from fastapi import APIRouter, Response

from agent_runtime import __version__
from agent_runtime.api.resources import LifeOf, Resources, ResourcesOf
from agent_runtime.api.schemas import Check, Health, Readiness
from agent_runtime.problem import Problem
from agent_runtime.table import REVISIONS

router = APIRouter(tags=["probes"])
_PATIENCE = 2.0
"""Seconds a dependency gets; a probe that waits longer is given up by its caller anyway."""


@router.get("/health")
async def health(life: LifeOf) -> Health:
    """Alive. No dependency is asked: a process is not restarted because a store is away."""
    uptime = time.monotonic() - life.begun
    return Health(version=__version__, uptime_seconds=round(uptime, 3))


@router.get("/ready", responses={503: {"model": Readiness, "description": "Send nothing here"}})
async def ready(life: LifeOf, resources: ResourcesOf, response: Response) -> Readiness:
    """Ready once the database answers at a schema this code knows, until the process leaves."""
    database, cache = await asyncio.gather(_database(resources), _cache(resources))
    reasons: list[str] = []
    if life.draining:
        reasons.append("draining: the process is leaving")
    if not database.ok:
        reasons.append(f"database: {database.detail}")
    if reasons:
        response.status_code = 503
    return Readiness(
        status="not ready" if reasons else "ready",
        reasons=reasons,
        checks={"database": database, "cache": cache},
    )


async def _database(resources: Resources) -> Check:
    begin = time.perf_counter()
    try:
        async with asyncio.timeout(_PATIENCE):
            found = await resources.store.revisions()
    except TimeoutError:
        return Check(ok=False, required=True, latency_ms=None, detail=f"silent for {_PATIENCE} s")
    except Problem as fault:
        return Check(ok=False, required=True, latency_ms=None, detail=fault.reason)
    latency = round((time.perf_counter() - begin) * 1000, 3)
    # A newer schema is fine: during a rollout it is ahead of the processes that leave.
    if found and not found & set(REVISIONS[:-1]):
        return Check(ok=True, required=True, latency_ms=latency)
    at = ", ".join(sorted(found)) or "none"
    detail = f"the schema is at revision {at}, wanted {REVISIONS[-1]}: run `agent_runtime migrate`"
    return Check(ok=False, required=True, latency_ms=latency, detail=detail)


async def _cache(resources: Resources) -> Check:
    try:
        latency = await resources.cache.ping()
    except Exception as error:
        return Check(ok=False, required=False, latency_ms=None, detail=type(error).__name__)
    return Check(ok=True, required=False, latency_ms=round(latency * 1000, 3))
