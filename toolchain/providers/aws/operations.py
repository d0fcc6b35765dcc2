"""What every resource type has in common: names, regions, tags, outputs, drift, half-made things."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.changes import Change, changes, live, merged
from toolchain.providers.aws.configuration import Configuration
from toolchain.providers.aws.errors import HalfMade, Refusal, absent, told
from toolchain.providers.aws.schema import SDK, Schema
from toolchain.providers.aws.shape import Fault
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.values import UNKNOWN, Inputs, Json, Outputs


@dataclass(frozen=True)
class Operations:
    """The operations on resources of one type under one configuration."""

    kind: Type
    schema: Schema
    configuration: Configuration

    def check(self, inputs: Inputs) -> Iterator[Fault]:
        """What the SDK or this provider would not take."""
        yield from self.schema.check(inputs)
        for name in inputs:
            if name in self.schema.inputs and name not in self.kind.carried:
                yield Fault(
                    name,
                    f"{SDK} has {name}, but the rehearsal does not act on it; teach it to in "
                    f"toolchain/providers/aws/types, where {self.kind.token} is",
                )

    def named(self, inputs: Inputs, old: Inputs, name: str, seed: bytes) -> Outputs:
        """What has to be added to the inputs: the name, which stays once it is there."""
        given = self.kind.autoname
        if not given or given in inputs:
            return {}
        suffix = f"-{seed.hex()[:7] or '0000000'}"
        return {given: old.get(given) or name[: self.kind.autoname_limit - 8] + suffix}

    def region(self, inputs: Inputs) -> str:
        """Where the resource is."""
        return str(inputs.get("region") or self.configuration.region)

    def tags(self, inputs: Inputs) -> Json:
        """All tags of the resource: its own, and the provider's for what it does not set."""
        tags = inputs.get("tags", {})
        if tags is UNKNOWN:
            return UNKNOWN
        return {**self.configuration.default_tags, **cast("dict[str, Any]", tags)}

    def diff(self, state: Inputs, old: Inputs, new: Inputs) -> list[Change]:
        """What an update would do."""
        found = changes(_without(old, "region"), _without(new, "region"), self.kind.replaces)
        if "region" in self.schema.outputs and self.region(new) != state.get("region"):
            found.append(Change("region", "UPDATE", replaces=True))
        own = any(change.path.startswith("tags") for change in found)
        if "tagsAll" in self.schema.outputs and not own:
            found += changes({"tagsAll": state.get("tagsAll", {})}, {"tagsAll": self.tags(new)})
        return found

    def deletes_first(self, new: Inputs, name: str) -> bool:
        """Whether a replacement has to wait until what it replaces is gone."""
        given = new.get(self.kind.autoname) if self.kind.autoname else None
        chosen = given is not None and not re.fullmatch(
            re.escape(name[: self.kind.autoname_limit - 8]) + "-[0-9a-f]{7}", str(given)
        )
        return self.kind.delete_first or chosen

    def preview(self, inputs: Inputs, state: Inputs, old: Inputs) -> Outputs:
        """Outputs of a create, or of an update of `state`, as far as they can be known."""
        outputs = {name: value for name, value in state.items() if name not in old}
        outputs |= {
            name: _with_own(value, state.get(name), old.get(name)) for name, value in inputs.items()
        }
        outputs |= self._common(inputs, self.tags(inputs))
        unknown = set(self.schema.promised) - set(outputs)
        if state:
            unknown |= set(self.kind.volatile)
        return outputs | dict.fromkeys(sorted(unknown), UNKNOWN)

    def create(self, call: Call, inputs: Inputs) -> tuple[str, Outputs]:
        """Make the resource: its id and outputs. What fails half-way is removed again."""
        try:
            identity = call.made(self.kind.create(call, inputs))
            return identity, self._outputs(call, identity, inputs)
        except (ClientError, BotoCoreError, Refusal) as error:
            reason = self.explained(error, call, "creating")
            if call.made_id:
                self._undo(call, inputs, reason)
            raise Refusal(reason) from error

    def _undo(self, call: Call, inputs: Inputs, reason: str) -> None:
        try:
            self.delete(call, call.made_id)
        except Refusal as second:
            outputs = dict(inputs) | self._common(inputs, self.tags(inputs))
            both = f"{reason} It was made all the same, and could not be removed: {second}"
            raise HalfMade(call.made_id, outputs, both) from second

    def read(self, call: Call, identity: str, inputs: Inputs) -> tuple[Outputs, Outputs] | None:
        """The outputs and the inputs that hold, None if the resource is gone."""
        found = self._found(call, identity)
        if found is None:
            return None
        if inputs:
            kept = {
                name: live(value, found[name]) if name in found else value
                for name, value in inputs.items()
                if found.get(name, value) is not None
            }
        else:
            names = self.kind.carried & set(self.schema.inputs) - {"region"}
            kept = {name: found[name] for name in sorted(names) if found.get(name) is not None}
        tags = found.get("tags")
        if tags is not None:
            own = self._own(tags, cast("Mapping[str, str]", inputs.get("tags", {})))
            kept = _without(kept, "tags") | ({"tags": own} if own or "tags" in inputs else {})
        return self._shown(found, kept), kept

    def update(self, call: Call, identity: str, new: Inputs, old: Inputs) -> Outputs:
        """Change the resource in place: its outputs."""
        try:
            if self.kind.update and changes(_without(old, *_COMMON), _without(new, *_COMMON)):
                self.kind.update(call, identity, new, old)
            if self.kind.tag and "tagsAll" in self.schema.outputs:
                was = cast("dict[str, str]", call.state.get("tagsAll", {}))
                now = cast("dict[str, str]", self.tags(new))
                changed = {name: value for name, value in now.items() if was.get(name) != value}
                removed = [name for name in was if name not in now]
                if changed or removed:
                    self.kind.tag(call, identity, changed, removed)
            return self._outputs(call, identity, new)
        except (ClientError, BotoCoreError, Refusal) as error:
            raise Refusal(self.explained(error, call, "changing")) from error

    def delete(self, call: Call, identity: str) -> None:
        """Remove the resource; that it is gone already is fine."""
        try:
            self.kind.delete(call, identity)
        except ClientError as error:
            if not absent(error):
                raise Refusal(self.explained(error, call, "deleting")) from error
        except (BotoCoreError, Refusal) as error:
            raise Refusal(self.explained(error, call, "deleting")) from error

    def explained(self, error: Exception, call: Call, verb: str) -> str:
        """The message for the user."""
        doing = f"{verb} {self.kind.token} {call.name}"
        if isinstance(error, ClientError):
            return told(error, doing, call.action(error))
        if isinstance(error, BotoCoreError):
            return told(error, doing, self.kind.service)
        return f"{doing}: {error}"

    def _found(self, call: Call, identity: str) -> Mapping[str, Any] | None:
        try:
            found = self.kind.read(call, identity)
        except ClientError as error:
            if absent(error):
                return None
            raise Refusal(self.explained(error, call, "reading")) from error
        except BotoCoreError as error:
            raise Refusal(self.explained(error, call, "reading")) from error
        strange = set(found or {}) - set(self.schema.outputs) - {"tags"}
        if strange:
            raise TypeError(f"{self.kind.token} reads {sorted(strange)}, which {SDK} has not")
        return found

    def _outputs(self, call: Call, identity: str, inputs: Inputs) -> Outputs:
        found = self._found(call, identity)
        if found is None:
            raise Refusal(f"AWS has taken it and has nothing under its id {identity!r} now")
        return self._shown(found, inputs)

    def _shown(self, found: Mapping[str, Any], inputs: Inputs) -> Outputs:
        outputs = dict(inputs)
        for name, value in found.items():
            outputs[name] = merged(inputs[name], value) if name in inputs else value
        tags = found.get("tags")
        outputs |= self._common(inputs, self.tags(inputs) if tags is None else _users(tags))
        if "tags" in inputs:
            outputs["tags"] = inputs["tags"]
        else:
            outputs.pop("tags", None)
        return outputs

    def _common(self, inputs: Inputs, tags: Json) -> Outputs:
        common: Outputs = {"region": self.region(inputs), "tagsAll": tags}
        # A prefix that was not given is empty, not missing.
        common |= {
            name: ""
            for name in self.schema.promised
            if name.endswith("Prefix") and name not in inputs
        }
        return {name: value for name, value in common.items() if name in self.schema.outputs}

    def _own(self, tags: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
        default = self.configuration.default_tags
        return {
            name: value
            for name, value in _users(tags).items()
            if name in given or default.get(name) != value
        }


_COMMON = ("region", "tags")


def _users(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that are not AWS's own."""
    return {name: value for name, value in tags.items() if not name.startswith("aws:")}


def _without(values: Mapping[str, Any], *names: str) -> Outputs:
    return {name: value for name, value in values.items() if name not in names}


def _with_own(new: object, state: object, old: object) -> object:
    """An object of the inputs with what AWS has added to it in `state`, where `old` did not ask for it."""
    if not (isinstance(new, dict) and isinstance(state, dict)):
        return cast("object", new)
    wanted, known = cast("Inputs", new), cast("Inputs", state)
    asked: Inputs = cast("Inputs", old) if isinstance(old, dict) else {}
    added = {name: value for name, value in known.items() if name not in asked}
    merged = {name: _with_own(wanted[name], known.get(name), asked.get(name)) for name in wanted}
    return {**added, **merged}
