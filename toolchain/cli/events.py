"""What the engine reports while it works, condensed for people.

The engine's own classes for these events would take a quarter of a second to import, in commands that
are to end in seconds.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

MARKUP = re.compile(r"<\{%.*?%\}>")
"""The engine marks colours in its messages like this."""
SAME = "same"
READ = "read"
"""What is looked up and belongs to somebody else, such as another stack's outputs."""
UNTOUCHED = frozenset({SAME, READ, "refresh"})
"""Operations that change nothing."""
STACK = "::pulumi:pulumi:Stack::"


class Reported(BaseModel):
    """A part of an event; what is not used here is left out."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class ResourceState(Reported):
    """A resource before or after a step."""

    custom: bool = False
    """It has a provider of its own; components have none."""
    outputs: dict[str, object] = {}


class StepMetadata(Reported):
    """What is done to which resource."""

    op: str
    urn: str
    old: ResourceState | None = None
    new: ResourceState | None = None


class ResourceStep(Reported):
    """A step begins, ends or fails."""

    metadata: StepMetadata


class Diagnostic(Reported):
    """Somebody says something, of a resource or in general."""

    message: str
    severity: str
    urn: str = ""


class Violation(Reported):
    """A resource breaks a rule."""

    message: str
    policy_name: str
    enforcement_level: str
    resource_urn: str = ""


class Summary(Reported):
    """The update is through."""

    resource_changes: dict[str, int] = {}


class Event(Reported):
    """One line of the event log."""

    resource_pre_event: ResourceStep | None = None
    res_outputs_event: ResourceStep | None = None
    res_op_failed_event: ResourceStep | None = None
    diagnostic_event: Diagnostic | None = None
    policy_event: Violation | None = None
    summary_event: Summary | None = None


def short(urn: str) -> str:
    """`Deployment feature-extractor`: type and name of a resource, without where it stands."""
    parts = urn.split("::")
    if len(parts) < 4:
        return urn
    kind = parts[2].rpartition("$")[2].rpartition(":")[2]
    return f"{kind} {'::'.join(parts[3:])}"


def plain(message: str) -> str:
    """A message without the engine's colour marks."""
    return MARKUP.sub("", message).rstrip()


@dataclass
class Tally:
    """What an update has done so far."""

    clock: Callable[[], float] = time.monotonic
    begun: dict[str, float] = field(default_factory=dict[str, float])
    """When each resource under way was begun."""
    said: dict[str, str] = field(default_factory=dict[str, str])
    """What its provider last said of a resource under way: what it waits for."""
    touched: list[str] = field(default_factory=list[str])
    """What was, or would be, done to which resource: `replace Deployment planner`."""
    finished: int = 0
    changes: Counter[str] = field(default_factory=Counter[str])
    """Operation → number of resources, once the update is through."""
    exports_changed: bool = False
    """The stack's outputs are others than before."""
    through: bool = False
    """The engine has summed up."""
    errors: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])

    def feed(self, line: str) -> None:
        """Take in one line of the engine's event log."""
        event = Event.model_validate_json(line)
        if event.resource_pre_event:
            self._begin(event.resource_pre_event.metadata)
        if event.res_outputs_event:
            self._end(event.res_outputs_event.metadata.urn)
            self._touch(event.res_outputs_event.metadata)
            self._compare(event.res_outputs_event.metadata)
            self.finished += 1
        if event.res_op_failed_event:
            self._end(event.res_op_failed_event.metadata.urn)
        if event.diagnostic_event:
            self._message(event.diagnostic_event)
        if event.policy_event:
            self._violation(event.policy_event)
        if event.summary_event:
            self.changes = Counter(event.summary_event.resource_changes)
            self.through = True

    def _compare(self, step: StepMetadata) -> None:
        # What the program exports is no resource, and its change is in no summary.
        if STACK in step.urn and step.old and step.new:
            self.exports_changed = step.old.outputs != step.new.outputs

    def _begin(self, step: StepMetadata) -> None:
        # A component is under way as long as what it holds, and says nothing of its own.
        state = step.new or step.old
        self._touch(step)
        if step.op != SAME and state and state.custom:
            self.begun[step.urn] = self.clock()

    def _touch(self, step: StepMetadata) -> None:
        # What a refresh finds is known at the end of the step, what an update does at its beginning.
        entry = f"{step.op} {short(step.urn)}"
        if step.op not in UNTOUCHED and entry not in self.touched:
            self.touched.append(entry)

    def _end(self, urn: str) -> None:
        self.begun.pop(urn, None)
        self.said.pop(urn, None)

    def _message(self, diagnostic: Diagnostic) -> None:
        message = plain(diagnostic.message)
        about = f"{short(diagnostic.urn)}: {message}" if diagnostic.urn else message
        if diagnostic.severity == "error":
            self.errors.append(about)
        elif diagnostic.severity == "warning":
            self.warnings.append(about)
        elif diagnostic.severity == "info" and diagnostic.urn in self.begun and message:
            self.said[diagnostic.urn] = message.splitlines()[0]

    def _violation(self, event: Violation) -> None:
        where = f"{short(event.resource_urn)}: " if event.resource_urn else ""
        text = f"{where}policy {event.policy_name}: {plain(event.message)}"
        mandatory = event.enforcement_level == "mandatory"
        (self.errors if mandatory else self.warnings).append(text)

    @property
    def changed(self) -> int:
        """How many resources were touched."""
        return sum(number for op, number in self.changes.items() if op not in {SAME, READ})

    def line(self) -> str:
        """Where it is, in one line."""
        if not self.begun:
            return f"{self.finished} resources done"
        # A Service only waits for the pods of others; those know why.
        first = min(self.begun, key=lambda urn: (urn not in self.said, "/v1:Service::" in urn))
        waiting = f": {self.said[first]}" if first in self.said else ""
        more = f" (and {len(self.begun) - 1} more)" if len(self.begun) > 1 else ""
        return f"{self.finished} resources done, under way: {short(first)}{more}{waiting}"

    def summary(self) -> str:
        """What it did, in one line."""
        if not self.changed and self.exports_changed:
            return f"exports changed ({self.changes[SAME]} resources unchanged)"
        if not self.changed:
            return f"no change ({self.changes[SAME]} resources)"
        words = {"create": "created", "update": "updated", "delete": "deleted"}
        words |= {"replace": "replaced", SAME: "unchanged"}
        parts = [f"{n} {words.get(op, op)}" for op, n in sorted(self.changes.items()) if n]
        return ", ".join(parts)
