"""A steady stream of requests through the gateway, and what became of each."""

import asyncio
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

import httpx2 as httpx

from tests.e2e.platform import DOCUMENT, EXTRACT


@dataclass
class Load:
    """Requests so far. Bounded: it ends after `most` requests, whoever forgets to stop it."""

    clients: int
    most: int
    document: str = DOCUMENT
    outcomes: Counter[str] = field(default_factory=Counter[str])
    """How many requests ended how: `200`, another status, or the name of an error."""
    latencies: list[float] = field(default_factory=list[float])
    """Seconds per answered request."""
    failures: list[str] = field(default_factory=list[str])
    """What went wrong, in words."""

    @property
    def sent(self) -> int:
        """Requests that have ended, one way or another."""
        return self.outcomes.total()

    @property
    def failed(self) -> int:
        """Requests that did not end in 200."""
        return self.sent - self.outcomes["200"]

    def percentile(self, share: float) -> float:
        """Latency in seconds below which `share` of the answered requests stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Running:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._started = 0
        self.stop = threading.Event()

    async def _client(self, client: httpx.AsyncClient) -> None:
        load = self._load
        while not self.stop.is_set() and self._started < load.most:
            self._started += 1
            # Another text each time, so that the cache does not answer for the model.
            body = {"document": f"{load.document} No. {self._started}."}
            start = monotonic()
            try:
                response = await client.post(EXTRACT, json=body)
            except httpx.HTTPError as error:
                load.outcomes[type(error).__name__] += 1
                load.failures.append(repr(error))
                continue
            load.latencies.append(monotonic() - start)
            load.outcomes[str(response.status_code)] += 1
            if not response.is_success:
                load.failures.append(f"{response.status_code}: {response.text[:300]}")

    async def run(self) -> None:
        limits = httpx.Limits(max_connections=self._load.clients)
        async with httpx.AsyncClient(timeout=30, limits=limits, trust_env=False) as client:
            await asyncio.gather(*(self._client(client) for _ in range(self._load.clients)))


@contextmanager
def under_load(*, clients: int, most: int, document: str = DOCUMENT) -> Generator[Load]:
    """Requests go on from `clients` at once for as long as the block runs."""
    load = Load(clients=clients, most=most, document=document)
    running = _Running(load)
    thread = threading.Thread(target=lambda: asyncio.run(running.run()), name="load")
    thread.start()
    try:
        yield load
    finally:
        running.stop.set()
        thread.join()
