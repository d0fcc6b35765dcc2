"""A resource's properties that differ, as a report shows them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from review.differences import Difference, differences, leaves
from review.masking import Masking
from review.model import Operation, Property, PropertyChange
from review.paths import Path, Segment, parse, related
from review.redaction import Redactor
from review.steps import State, Step
from review.values import NOT_KNOWN, Document, Masked, Value, is_list, is_mapping, same, text

LONGEST: Final = 4_000
"""Characters of a value that are shown."""
_AROUND: Final = 400
"""Characters that are shown before the first difference of two long texts."""
_NOT_TOLD: Final = Masked("(not told)", None)
_SILENT: Final = frozenset({Operation.SAME, Operation.READ})


class Properties:
    """Tells what differs in resources."""

    def __init__(self, masking: Masking, redactor: Redactor) -> None:
        self._masking = masking
        self._redactor = redactor

    def of(self, step: Step) -> tuple[Property, ...]:
        """What becomes of the resource's properties; nothing of what stays as it is."""
        if step.operation in _SILENT:
            return ()
        if (
            step.old is None
            or step.new is None
            or step.operation in {Operation.DELETE, Operation.FORGET}
        ):
            return tuple(map(self._told, self._all(step)))
        if step.operation is Operation.CREATE:
            return tuple(map(self._told, self._all(replace(step, old=None))))
        names = _differing(step.old.inputs, step.new.inputs)
        old = self._masking.inputs(step.old.inputs, step.type, only=names)
        new = self._masking.inputs(step.new.inputs, step.type, only=names)
        found = differences(old, new)
        found += self._reported(step, found)
        replacing = _replacing(step)
        return tuple(self._told(one, replaces=_matches(one, replacing)) for one in found)

    def outputs(self, old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Property, ...]:
        """What differs in the stack's own outputs."""
        found = differences(self._masking.inputs(old), self._masking.inputs(new))
        return tuple(map(self._told, found))

    def _all(self, step: Step) -> list[Difference]:
        removed = step.new is None or step.operation in {Operation.DELETE, Operation.FORGET}
        state = step.old if removed else step.new
        if state is None:
            return []
        change = PropertyChange.REMOVED if removed else PropertyChange.ADDED
        return leaves(self._masking.inputs(state.inputs, step.type), change)

    def _reported(self, step: Step, found: list[Difference]) -> Iterator[Difference]:
        """What only the provider sees: a change of outputs, or of a secret."""
        for written, kind in sorted((step.diff or {}).items()):
            path = parse(written)
            if written.startswith("__") or any(
                related(path, place) for one in found for place in one.places
            ):
                continue
            change = _change(kind)
            before, after = self._at(path, step.old, step), self._at(path, step.new, step)
            if change is PropertyChange.CHANGED:
                before = _NOT_TOLD if before is None else before
                after = NOT_KNOWN if after is None else after
            yield Difference(
                path=path,
                places=(path, path),
                change=change,
                before=None if change is PropertyChange.ADDED else before,
                after=None if change is PropertyChange.REMOVED else after,
            )

    def _at(self, path: Path, state: State | None, step: Step) -> Value:
        """What stands there: what is asked for, or else what the provider made of it."""
        for values in (state.inputs, state.outputs) if state is not None else ():
            told = _within(
                self._masking.inputs(values, step.type, only=[str(part) for part in path[:1]]), path
            )
            if told is not None:
                return told
        return None

    def _told(self, one: Difference, *, replaces: bool = False) -> Property:
        before, after = _texts(one)
        return Property(
            path=self._redactor.name(one.name),
            change=one.change,
            before=before,
            after=after,
            replaces=replaces,
        )


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> frozenset[str]:
    """Names of properties that may differ. To Python 1 is true, but it is not written so."""
    return frozenset(
        name
        for name in {*old, *new}
        if name not in old
        or name not in new
        or old[name] != new[name]
        or repr(old[name]) != repr(new[name])
    )


def _texts(one: Difference) -> tuple[str | None, str | None]:
    """Both values as texts, cut where they are very long."""
    if one.change is PropertyChange.ADDED:
        return None, _cut(text(one.after), 0)
    if one.change is PropertyChange.REMOVED:
        return _cut(text(one.before), 0), None
    before, after = text(one.before), text(one.after)
    begin = 0
    if min(len(before), len(after)) > LONGEST and not same(one.before, one.after):
        alike = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
        begin = max(0, alike - _AROUND)
    return _cut(before, begin), _cut(after, begin)


def _cut(value: str, begin: int) -> str:
    left_out = len(value) - begin - LONGEST
    if begin == 0 and left_out <= 0:
        return value
    shown = value[begin : begin + LONGEST]
    front = f"({begin:,} characters left out) " if begin else ""
    return f"{front}{shown} ({left_out:,} more characters)" if left_out > 0 else front + shown


def _change(kind: str) -> PropertyChange:
    if kind.startswith("add"):
        return PropertyChange.ADDED
    return PropertyChange.REMOVED if kind.startswith("delete") else PropertyChange.CHANGED


def _replacing(step: Step) -> tuple[Path, ...]:
    """What cannot be changed in place: as exact as the provider tells it."""
    exact = [path for path, kind in (step.diff or {}).items() if kind.endswith("-replace")]
    return tuple(parse(path) for path in exact or step.replace_reasons)


def _matches(one: Difference, paths: Iterable[Path]) -> bool:
    return any(related(path, place) for path in paths for place in one.places)


def _within(value: Value, path: Iterable[Segment]) -> Value:
    for segment in path:
        if isinstance(value, Document):
            value = value.tree
        if isinstance(segment, str) and is_mapping(value):
            value = value.get(segment)
        elif isinstance(segment, int) and is_list(value) and segment < len(value):
            value = value[segment]
        else:
            return None
    return value
