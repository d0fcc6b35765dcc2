"""Work as data: steps with a name, what they need and about how long they take."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter


class RecipeError(ValueError):
    """The steps do not fit together: a mistake of whoever wrote them, found before anything runs."""


def never() -> bool:
    """A step that is always run."""
    return False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One piece of work, run as a process of its own."""

    name: str
    title: str
    command: tuple[str, ...]
    seconds: float
    """About how long it takes on two cores; a time measured on this machine is preferred."""
    needs: tuple[str, ...] = ()
    heavy: bool = True
    """Keeps a core busy; steps that mostly wait (for a mirror, for readiness) do not."""
    lane: str | None = None
    """Of the steps in one lane, one at a time is run."""
    is_done: Callable[[], bool] = never
    """Asked once all it needs is there; True means that there is nothing to do."""
    grace: float = 20.0
    """Seconds in which it may end by itself when it is interrupted."""
    folder: str = "."
    """Where it runs, seen from the project's folder."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


class State(StrEnum):
    """What became of a step."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    STOPPED = "stopped"
    """Begun, and ended by us: another step had failed, or somebody pressed Ctrl-C."""


FINISHED = frozenset({State.DONE, State.UNCHANGED})


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a step ended."""

    step: Step
    state: State
    seconds: float
    code: int = 0


def ordered(steps: Sequence[Step]) -> list[Step]:
    """The steps, each after all that it needs. Raises `RecipeError` where that cannot be."""
    repeated = [name for name, times in Counter(step.name for step in steps).items() if times > 1]
    if repeated:
        raise RecipeError(f"got more than one step named {', '.join(repeated)}; wanted one of each")
    by_name = {step.name: step for step in steps}
    for step in steps:
        unknown = [need for need in step.needs if need not in by_name]
        if unknown:
            raise RecipeError(
                f"step {step.name} needs {', '.join(unknown)}, and there is no such step; "
                f"wanted names among: {', '.join(sorted(by_name))}"
            )
    try:
        names = list(TopologicalSorter({s.name: s.needs for s in steps}).static_order())
    except CycleError as error:
        raise RecipeError(
            f"steps need one another in a circle: {' → '.join(error.args[1])}"
        ) from error
    return [by_name[name] for name in names]


def urgency(steps: Sequence[Step], seconds: Mapping[str, float]) -> dict[str, float]:
    """Per step: how long it and the longest chain of steps behind it take. The largest goes first."""
    result: dict[str, float] = {}
    behind: dict[str, list[str]] = {step.name: [] for step in steps}
    for step in steps:
        for need in step.needs:
            behind[need].append(step.name)
    for step in reversed(ordered(steps)):
        longest = max((result[name] for name in behind[step.name]), default=0.0)
        result[step.name] = seconds[step.name] + longest
    return result
