"""Single flight: callers that want the same thing at the same time share one computation."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class SingleFlight(Generic[_T]):
    """At most one computation per key at any time; all its callers get its outcome."""

    def __init__(self) -> None:
        self._flying: dict[str, asyncio.Task[_T]] = {}

    async def do(self, key: str, compute: Callable[[], Awaitable[_T]]) -> _T:
        """The outcome of the computation for the key, the running one if there is one.

        A caller that is cancelled leaves the others theirs: the computation goes on.
        """
        task = self._flying.get(key)
        if task is None:

            async def fly() -> _T:
                return await compute()

            task = asyncio.create_task(fly())
            self._flying[key] = task
            task.add_done_callback(lambda _: self._flying.pop(key, None))
            # Read once here, so that a failure nobody waits for any more is not reported as lost.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End what still runs for callers that have gone, before what it uses is closed."""
        flying = list(self._flying.values())
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
