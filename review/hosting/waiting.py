"""How long to wait before a request is sent again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpx2 as httpx

SECONDARY: Final = 60.0
"""What GitHub asks for where it limits and names no time."""
_LIMIT_WORDS: Final = ("rate limit", "abuse detection")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often and how long something is tried."""

    deadline: float = 180.0
    """Seconds for all requests together. GitHub's secondary limits ask for sixty at least."""
    attempts: int = 6
    """For one request."""
    first: float = 1.0
    """Seconds before the second attempt; twice as long before each further one."""
    longest: float = 30.0
    timeout: float = 20.0
    """Seconds for one answer."""

    def backoff(self, attempt: int, chance: float) -> float:
        """Seconds after this attempt; `chance` (0 to 1) spreads those who wait together."""
        return min(self.longest, self.first * 2 ** (attempt - 1)) * (0.5 + chance / 2)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Time and chance, for tests to hold still."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = field(default_factory=lambda: random.Random().random)  # noqa: S311 - spreads retries, keeps no secret


def limited(response: httpx.Response, message: str) -> bool:
    """Whether a refusal is about how much is asked, not about what."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return response.status_code == HTTPStatus.FORBIDDEN and (
        "retry-after" in response.headers
        or response.headers.get("x-ratelimit-remaining") == "0"
        or any(words in message.lower() for words in _LIMIT_WORDS)
    )


def told(response: httpx.Response, clock: Clock) -> float | None:
    """Seconds that the answer asks to wait; None if it does not say."""
    headers = response.headers
    now = _date(headers.get("date", "")) or clock.wall()
    if after := headers.get("retry-after", "").strip():
        date = _date(after)
        wait = _number(after) if date is None else date - now
        if wait is not None:
            return max(wait, 0.0)
    for remaining, reset in (
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
        ("ratelimit-remaining", "ratelimit-reset"),
    ):
        moment = _number(headers.get(reset, ""))
        if headers.get(remaining) == "0" and moment is not None:
            # The limit opens in the second after the one that is named.
            return max(moment - now, 0.0) + 1
    return None


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None
