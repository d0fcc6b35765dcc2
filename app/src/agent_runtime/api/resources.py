"""What a running app holds, and how routes get at it."""

import time
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from agent_runtime.cache import Cache
from agent_runtime.metrics import Metrics
from agent_runtime.runs import Runs
from agent_runtime.settings import Settings
from agent_runtime.store import Store
from agent_runtime.worker import Workers


@dataclass
class Life:
    """Where the process is between its start and its end."""

    begun: float = field(default_factory=time.monotonic)
    leave_by: float | None = None
    """The monotonic time the process must be gone by; set once it is told to leave."""

    @property
    def draining(self) -> bool:
        """Whether the process was told to leave."""
        return self.leave_by is not None


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Opened when the app starts, closed when it stops."""

    store: Store
    cache: Cache
    runs: Runs
    workers: Workers


# Coroutines, because FastAPI sends plain functions through a thread.


async def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


async def _life(request: Request) -> Life:
    return cast(Life, request.app.state.life)


async def _metrics(request: Request) -> Metrics:
    return cast(Metrics, request.app.state.metrics)


async def _resources(request: Request) -> Resources:
    return cast(Resources, request.app.state.resources)


SettingsOf = Annotated[Settings, Depends(_settings)]
LifeOf = Annotated[Life, Depends(_life)]
MetricsOf = Annotated[Metrics, Depends(_metrics)]
ResourcesOf = Annotated[Resources, Depends(_resources)]
