"""What a reader has to know of the report itself."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from review import findings
from review.model import Operation, Resource
from review.outcome import hides_deletions, lacking
from review.printed import Read
from review.steps import State, Step

_NAMED: Final = 8
"""Names in one remark; of more, their number is told."""
_TOUCHED: Final = {Operation.REPLACE: "replaced", Operation.UPDATE: "updated"}


def remarks_on(found: Read, told: Sequence[Resource]) -> Iterator[str]:
    """Remarks on what was read; the most important first."""
    yield from _sources(found)
    for word, number in sorted(lacking(found).items()):
        yield f"The engine counts {_number(number, 'resource')} more to {word} than are told here."
    yield from _strange(found)
    yield from _providers(told)
    yield from _option(found.steps, "Protected from deletion", lambda state: state.protect)
    yield from _option(found.steps, "Retained when deleted", lambda state: state.retained)
    if found.merged.leftovers:
        yield (
            f"Old copies are deleted that an earlier deployment left: {_list(found.merged.leftovers)}."
        )
    if found.log is not None:
        yield from findings.remarks(found.log)


def _sources(found: Read) -> Iterator[str]:
    digest, log = found.digest, found.log
    if digest is None:
        yield (
            "The engine's digest is not there: what depends on what, and where it is made, is not known."
        )
    elif not digest.whole:
        lost = (
            f", and {_number(digest.unreadable, 'step')} of it cannot be read"
            if digest.steps
            else ""
        )
        yield f"The engine's digest is not whole{lost}: what is told may not be all."
    if log is None:
        yield "The engine's log is not there: the stack's outputs and the policies' word are not known."
        if hides_deletions(found):
            yield "What is deleted along with a replaced resource that it depends on is told by the log only."
    elif log.summary is None and not log.closed:
        yield "The engine's log breaks off: what is told may not be all."
    if log is not None and log.unreadable:
        yield f"The engine's log lacks {_number(log.unreadable, 'line')}, or they cannot be read."


def _strange(found: Read) -> Iterator[str]:
    fields = Counter[str]()
    kinds = Counter[str]()
    if found.digest is not None:
        fields.update(found.digest.unknown)
    if found.log is not None:
        kinds.update(found.log.unknown_kinds)
        fields.update(found.log.unknown_fields)
    for what, counted in (
        ("operations", Counter(found.merged.unknown)),
        ("events", kinds),
        ("fields", fields),
    ):
        if counted:
            names = _list([f"{name} ({number})" for name, number in sorted(counted.items())])
            yield f"The engine tells of {what} that are not known here: {names}."


def _providers(told: Sequence[Resource]) -> Iterator[str]:
    for operation, word in _TOUCHED.items():
        names = [
            f"{one.identity.name} ({_list([each.path for each in one.properties])})"
            for one in told
            if one.operation is operation and one.identity.type.startswith("pulumi:providers:")
        ]
        if names:
            yield f"Providers are {word}, and with them where and how resources are made: {_list(names)}."


def _option(steps: Iterable[Step], what: str, given: Callable[[State], bool]) -> Iterator[str]:
    """Where an option is taken off, and then where it is put on: the engine calls neither a change."""
    on: list[str] = []
    off: list[str] = []
    for step in steps:
        if step.old is not None and step.new is not None and given(step.old) != given(step.new):
            (on if given(step.new) else off).append(step.urn)
    if off:
        yield f"No longer {what[0].lower()}{what[1:]}: {_list(off)}."
    if on:
        yield f"{what} from now on: {_list(on)}."


def _list(names: Sequence[str]) -> str:
    shown = [_name(name) for name in names[:_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _name(text: str) -> str:
    return text.split("::", 3)[3] if text.count("::") >= 3 else text


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
