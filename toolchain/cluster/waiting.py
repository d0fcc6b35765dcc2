"""Waiting for a condition, with a deadline and an explanation."""

import time
from collections.abc import Callable

from toolchain.cluster.model import ClusterError

PAUSE = 0.1


def until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    what: str,
    explain: Callable[[], str],
    failed: Callable[[], str | None] = lambda: None,
) -> None:
    """Return once `condition` holds; raise as soon as `failed` names a reason, or after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        reason = failed()
        if reason is not None:
            raise ClusterError(f"{what} cannot be reached: {reason}\n{explain()}")
        if time.monotonic() > deadline:
            raise ClusterError(f"got no {what} within {seconds:.0f} s.\n{explain()}")
        # What is waited for is in other processes; none of them could wake us for all of it.
        time.sleep(PAUSE)
