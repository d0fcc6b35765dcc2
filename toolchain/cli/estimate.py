"""How long it will take: times measured on this machine, and the arithmetic of steps side by side."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from toolchain import atomic
from toolchain.cli.steps import Step

NOTED = TypeAdapter(dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]])
OVERDUE = 0.15
"""A step that takes longer than estimated is taken to need this part of its time so far again."""


def measured(file: Path) -> dict[str, float]:
    """Seconds per step as noted here before; empty where nothing usable was noted."""
    try:
        return NOTED.validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def note(file: Path, times: Mapping[str, float]) -> None:
    """Remember these times beside the ones noted before."""
    if not times:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    known = measured(file) | {name: round(seconds, 2) for name, seconds in times.items()}
    atomic.write(file, json.dumps(known, indent=1, sort_keys=True) + "\n")


def estimates(steps: Sequence[Step], noted: Mapping[str, float]) -> dict[str, float]:
    """Seconds per step: what was measured here, else what the step says of itself."""
    return {step.name: noted.get(step.name, step.seconds) for step in steps}


def left(estimate: float, elapsed: float) -> float:
    """Seconds that a running step still needs; never quite none while it runs."""
    return max(estimate - elapsed, OVERDUE * elapsed)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is still to do of one step."""

    name: str
    seconds: float
    needs: tuple[str, ...] = ()
    heavy: bool = True
    lane: str | None = None
    running: bool = False
    urgency: float = 0.0


def remaining(work: Sequence[Work], cores: int) -> float:
    """Seconds until all of this is done, played through as the scheduler would.

    Needs that are not among `work` count as met.
    """
    waiting = {one.name: one for one in work if not one.running}
    ends = {one.name: one.seconds for one in work if one.running}
    known = {one.name: one for one in work}
    now = 0.0
    while waiting or ends:
        running = [known[name] for name in ends]
        for one in sorted(waiting.values(), key=lambda each: -each.urgency):
            if admissible(one, running, {*waiting, *ends}, cores):
                running.append(one)
                ends[one.name] = now + one.seconds
                del waiting[one.name]
        if not ends:
            raise ValueError(f"got steps that can never start: {', '.join(sorted(waiting))}")
        now = min(ends.values())
        for name in [name for name, end in ends.items() if end <= now]:
            del ends[name]
    return now


def admissible(one: Work, running: Sequence[Work], unfinished: set[str], cores: int) -> bool:
    """Whether a step may start beside those that run: its needs are met, a core and its lane free."""
    if any(need in unfinished for need in one.needs):
        return False
    if one.heavy and sum(other.heavy for other in running) >= cores:
        return False
    return one.lane is None or all(other.lane != one.lane for other in running)


def duration(seconds: float) -> str:
    """A time as people say it: `0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def roughly(seconds: float) -> str:
    """A forecast, no finer than it can be known: `a few seconds`, `about 40 s`, `about 12 min`."""
    if seconds < 5:
        return "a few seconds"
    if seconds < 90:
        return f"about {max(10, 10 * round(seconds / 10))} s"
    return f"about {round(seconds / 60)} min"
