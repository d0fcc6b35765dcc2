"""The operations of a recording: like those in AWS, but for AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import Refusal
from toolchain.providers.aws.operations import Operations
from toolchain.providers.aws.recording.inventions import invented
from toolchain.providers.aws.recording.known import KNOWN
from toolchain.providers.aws.recording.mode import MARK, VARIABLE
from toolchain.providers.aws.recording.subject import Subject
from toolchain.providers.aws.values import UNKNOWN, Inputs, Json, Outputs, is_object


@dataclass(frozen=True)
class Recorded(Operations):
    """Operations on resources that exist in the state alone."""

    def create(self, call: Call, inputs: Inputs) -> tuple[str, Outputs]:
        """An id, and the outputs that a preview gives, with values for what it does not know."""
        subject = Subject(call, self.kind)
        return subject.id, {**self._filled(subject, self.preview(inputs, {}, {})), MARK: True}

    def read(self, call: Call, identity: str, inputs: Inputs) -> tuple[Outputs, Outputs] | None:
        """What the state has: nothing else has anything."""
        if not call.state:
            raise Refusal(
                f"{VARIABLE} is set, so that AWS is not asked, and {self.kind.token} {identity} is "
                "in no state; import it, or read it, without that variable"
            )
        return dict(call.state), dict(inputs)

    def update(
        self,
        call: Call,
        identity: str,  # noqa: ARG002 - the name and the place are those in `Operations`
        new: Inputs,
        old: Inputs,
    ) -> Outputs:
        """The outputs that a preview gives; what it does not know keeps its value, or counts on."""
        outputs = self.preview(new, call.state, old)
        kept = {
            name: _next(call.state[name])
            for name, value in outputs.items()
            if value is UNKNOWN and name in call.state
        }
        return self._filled(Subject(call, self.kind), outputs | kept)

    def delete(self, call: Call, identity: str) -> None:
        """Nothing is there that could be removed."""

    def _filled(self, subject: Subject, outputs: Outputs) -> Outputs:
        find = KNOWN.get(self.kind.token)
        known = find(subject) if find else {}
        filled = dict(outputs)
        for name, value in outputs.items():
            if value is not UNKNOWN:
                filled[name] = _with(value, known.get(name))
            elif name in self.kind.absent:
                del filled[name]
            elif name in known:
                filled[name] = known[name]
            else:
                settable = name in self.schema.inputs
                filled[name] = invented(
                    subject, name, self.schema.output_types[name], settable=settable
                )
        return filled


def _next(value: Json) -> Json:
    """Of what each update may change: a number of a version is the next one."""
    return value + 1 if isinstance(value, int) and not isinstance(value, bool) else value


def _with(value: Json, known: Mapping[str, Any] | Json) -> Json:
    """The value with what is known besides; what it has already stays."""
    return {**known, **value} if is_object(value) and is_object(known) else value
