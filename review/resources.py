"""Resources as a report shows them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from review.losses import irretrievable, loss
from review.model import Operation, Property, PropertyChange, Resource
from review.properties import Properties
from review.redaction import Redactor
from review.steps import State, Step

_CHANGING = frozenset({Operation.SAME, Operation.UPDATE, Operation.REPLACE})
_LEAVING = frozenset({Operation.REPLACE, Operation.DELETE, Operation.FORGET})


class Names:
    """URNs that may be told. Different ones stay different, whatever is taken out of them."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._told: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, urn: str) -> str:
        """The URN as it is told, here and everywhere else."""
        found = self._told.get(urn)
        if found is None:
            told = found = self._redactor.name(urn)
            number = 2
            while found in self._taken:
                found, number = f"{told} ({number})", number + 1
            self._told[urn] = found
            self._taken.add(found)
        return found


def resources(steps: Iterable[Step], properties: Properties, names: Names) -> tuple[Resource, ...]:
    """All of them, by URN. The stack is none of its own resources."""
    found = [_resource(step, properties, names) for step in steps if not step.is_stack]
    return tuple(sorted(_caused(found), key=lambda resource: resource.urn))


def _caused(found: Sequence[Resource]) -> list[Resource]:
    """With what takes each along that has no reason of its own: the engine names none then."""
    first = {
        each.urn for each in found if each.operation is Operation.REPLACE and each.deletes_first
    }
    return [
        replace(each, follows=min(each.needs_before & first, default=""))
        if each.operation is Operation.REPLACE and not any(p.replaces for p in each.properties)
        else each
        for each in found
    ]


def _resource(step: Step, properties: Properties, names: Names) -> Resource:
    leaves = step.operation in _LEAVING
    state = (step.old or step.new) if leaves else (step.new or step.old)
    lost = loss(step, step.operation)
    # A provider has none itself; a change of one is told in the remarks.
    custom = step.custom and not step.is_provider
    options = tuple(_options(step)) if custom else ()
    only_options = options and step.operation is Operation.SAME
    return Resource(
        urn=names.of(step.urn),
        parent=names.of(step.parent) if step.parent else "",
        custom=custom,
        operation=Operation.UPDATE if only_options else step.operation,
        operation_text=names.of(step.op),
        properties=(*properties.of(step), *options),
        deletes_first=step.deletes_first,
        protected=_protected(step, state),
        retained=state is not None and state.retained,
        loss=lost and names.of(lost),
        irretrievable=irretrievable(step, step.operation),
        source=names.of(step.source) if step.source else "",
        needs_before=frozenset(map(names.of, step.old.dependencies if step.old else ())),
        needs_after=frozenset(map(names.of, step.new.dependencies if step.new else ())),
    )


def _options(step: Step) -> Iterator[Property]:
    """What keeps it from being destroyed, where that changes: the engine calls this no change."""
    old, new = step.old, step.new
    if step.operation not in _CHANGING or old is None or new is None:
        return
    for name, before, after in (
        ("protect", old.protect, new.protect),
        ("retainOnDelete", old.retained, new.retained),
    ):
        if before is not after:
            yield Property(
                path=f"options.{name}",
                change=PropertyChange.CHANGED,
                before=str(before).lower(),
                after=str(after).lower(),
            )


def _protected(step: Step, state: State | None) -> bool:
    """Whether the engine keeps it: one that is replaced may be given free by the same change."""
    if step.operation is Operation.REPLACE and step.old is not None and step.new is not None:
        return step.old.protect and step.new.protect
    return state is not None and state.protect
