"""Answers kept in Redis for a while. Without Redis everything works on, only slower."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from agent_runtime.metrics import Metrics
from agent_runtime.settings import RedisSettings

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


class Breaker:
    """Leaves a failing service alone: opens after failures in a row, then lets one try through."""

    def __init__(self, failures: int, open_seconds: float) -> None:
        self._most = failures
        self._open_seconds = open_seconds
        self._failures = 0
        self._next_try = 0.0

    @property
    def is_open(self) -> bool:
        """Whether enough calls in a row have failed."""
        return self._failures >= self._most

    def lets_through(self) -> bool:
        """Whether a call may be made now; while open, one per open period."""
        if not self.is_open:
            return True
        now = time.monotonic()
        if now < self._next_try:
            return False
        self._next_try = now + self._open_seconds
        return True

    def succeeded(self) -> None:
        """A call went well: all is well."""
        self._failures = 0

    def failed(self) -> None:
        """A call failed."""
        self._failures += 1
        if self.is_open:
            self._next_try = time.monotonic() + self._open_seconds


class Cache:
    """Bytes under namespaced keys, for a time. No method raises because of Redis."""

    def __init__(self, settings: RedisSettings, namespace: str, metrics: Metrics) -> None:
        self._namespace = namespace
        self._ttl = settings.ttl
        self._timeout = settings.timeout
        self._metrics = metrics
        self._breaker = Breaker(settings.breaker_failures, settings.breaker_open)
        self._redis = Redis(
            connection_pool=ConnectionPool(
                connection_class=SSLConnection,
                host=settings.host,
                port=settings.port,
                db=settings.db,
                username=settings.user,
                password=settings.password.get_secret_value(),
                max_connections=settings.max_connections,
                socket_timeout=settings.timeout,
                socket_connect_timeout=settings.timeout,
                # The breaker decides on another try; a retry here would only add to the wait.
                retry=Retry(NoBackoff(), 0),
                ssl_ca_certs=str(settings.ca_file),
                ssl_check_hostname=True,
                ssl_min_version=ssl.TLSVersion.TLSv1_2,
                health_check_interval=30,
            )
        )

    async def get(self, key: str) -> bytes | None:
        """What was kept under the key, if it still is and Redis answers."""

        async def fetch() -> bytes | None:
            value = await self._redis.get(self._key(key))
            return value.encode() if isinstance(value, str) else value

        found = await self._guarded("get", fetch)
        if found is not None:
            self._metrics.cache.labels("get", "hit").inc()
        return found

    async def set(self, key: str, value: bytes) -> None:
        """Keep the value under the key for the time set."""

        async def keep() -> bool:
            return bool(await self._redis.set(self._key(key), value, ex=self._ttl))

        if await self._guarded("set", keep):
            self._metrics.cache.labels("set", "kept").inc()

    async def ping(self) -> float:
        """Seconds Redis took to answer; raises what went wrong. The breaker is not asked."""
        begin = time.perf_counter()
        async with asyncio.timeout(2 * self._timeout):
            await self._redis.get(self._key("ping"))
        return time.perf_counter() - begin

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    def _key(self, key: str) -> str:
        return f"{self._namespace}:{key}"

    async def _guarded(self, operation: str, call: Callable[[], Awaitable[_T]]) -> _T | None:
        if not self._breaker.lets_through():
            self._metrics.cache.labels(operation, "skipped").inc()
            return None
        try:
            # The client's limits hold for each step; this one for all steps together.
            async with asyncio.timeout(2 * self._timeout):
                result = await call()
        except (RedisError, OSError) as error:
            self._breaker.failed()
            self._metrics.cache.labels(operation, "error").inc()
            self._metrics.cache_open.set(self._breaker.is_open)
            _log.warning("cache_unavailable", operation=operation, error=repr(error))
            return None
        self._breaker.succeeded()
        self._metrics.cache_open.set(0)
        if result is None:
            self._metrics.cache.labels(operation, "miss").inc()
        return result
