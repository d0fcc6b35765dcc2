"""One step for each resource, whatever number of them the engine takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from review.model import QUIET, Operation
from review.steps import State, Step

_REPLACING: Final = ("replace", "create-replacement", "import-replacement")
_DELETING: Final = frozenset({"delete", "delete-replaced"})
_TAKING: Final = frozenset({*_REPLACING, "read-replacement"})
"""Steps that go with one that deletes what was there."""
_PLAIN: Final[Mapping[str, Operation]] = {
    "create": Operation.CREATE,
    "import": Operation.IMPORT,
    "update": Operation.UPDATE,
    "discard": Operation.FORGET,
    "read": Operation.READ,
    "same": Operation.SAME,
    "refresh": Operation.READ,
    # They touch what the engine knows and nothing else.
    "discard-replaced": Operation.OTHER,
    "remove-pending-replace": Operation.OTHER,
    "extend-parameterize": Operation.OTHER,
    "diff": Operation.OTHER,
}
"""Operation of a resource that has this one step; the gravest first."""
_KNOWN: Final = frozenset({*_REPLACING, *_PLAIN, "delete", "delete-replaced", "read-replacement"})
_GRAVITY: Final = (*_REPLACING, "read-replacement", "delete", *_PLAIN, "delete-replaced")
"""Which step of several tells what the resource was and becomes."""


@dataclass(frozen=True)
class Merged:
    """All resources, and what does not show in them."""

    steps: tuple[Step, ...]
    """One for each URN, by URN; left-over copies of a resource have URNs of their own."""
    unknown: tuple[str, ...]
    """Words for operations that this version does not know, one for each resource."""
    leftovers: tuple[str, ...]
    """URNs of which an old copy is still to be deleted, besides what happens to the resource."""


def merged(told: Iterable[Step], logged: Iterable[Step]) -> Merged:
    """Steps of the digest and steps of the log, in the order in which they are taken.

    The digest knows more of each resource, but as a rule leaves out how a replacement is done; the
    log has every step. Where one of them has nothing of a resource, the other is enough.
    """
    by_digest, by_log = _grouped(told), _grouped(logged)
    steps: list[Step] = []
    unknown: list[str] = []
    leftovers: list[str] = []
    for urn in sorted({*by_digest, *by_log}):
        described = by_digest.get(urn) or by_log[urn]
        ordered = by_log.get(urn) or by_digest[urn]
        words = [step.op for step in (*ordered, *described)]
        strange = [word for word in words if word not in _KNOWN]
        unknown += strange[:1]
        operation = _operation(words, (*described, *ordered))
        one = _one(described, ordered, operation, strange)
        copies = _copies(described, ordered, one)
        leftovers += [urn] * bool(copies)
        steps += [one, *copies]
    return Merged(_by_urn(steps), tuple(unknown), tuple(leftovers))


def _copies(described: Sequence[Step], ordered: Sequence[Step], one: Step) -> list[Step]:
    """Old copies that go besides what happens to the resource, each as a resource that is deleted.

    An earlier deployment has replaced them and did not get to delete them; they may hold data still.
    """
    words = {step.op for step in ordered}
    gone = [step for step in ordered if step.op == "delete-replaced"]
    told = [step for step in described if step.op == "delete-replaced"]
    if told:
        # The log is not asked for the states of what the digest describes, but has every step.
        gone = [*told, *told[-1:] * (len(gone) - len(told))]
    if gone and (words & _TAKING or words <= {"delete-replaced", "remove-pending-replace"}):
        # One is the resource itself, as it is now. The engine deletes the older ones first.
        own = [n for n, step in enumerate(gone) if _same_state(step.old, one.old)]
        del gone[own[-1] if own else -1]
    return [
        replace(
            step,
            operation=_deleted([step]),
            old=step.old and replace(step.old, leftover=True),
            new=None,
            parent=step.parent or one.parent,
            source=step.source or one.source,
        )
        for step in gone
    ]


def _same_state(one: State | None, other: State | None) -> bool:
    if one is None or other is None:
        return False
    return (one.inputs, one.outputs) == (other.inputs, other.outputs)


def _by_urn(steps: Iterable[Step]) -> tuple[Step, ...]:
    """By URN, each with one of its own: what has the URN of another is its old copy."""
    given = list(steps)
    taken = {step.urn for step in given}
    seen: set[str] = set()
    found: list[Step] = []
    for step in given:
        urn, number = step.urn, 1
        while step.urn in seen and urn in taken:
            urn = f"{step.urn} (old copy{f' {number}' * (number > 1)})"
            number += 1
        seen.add(step.urn)
        taken.add(urn)
        found.append(replace(step, urn=urn))
    return tuple(sorted(found, key=lambda step: step.urn))


def _grouped(steps: Iterable[Step]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.urn, []).append(step)
    return found


def _operation(words: Sequence[str], steps: Sequence[Step]) -> Operation:
    strange = any(word not in _KNOWN for word in words)
    if "read-replacement" in words:
        # Only what the stack itself had made is deleted then; what was read before stays.
        return Operation.REPLACE if "delete-replaced" in words else Operation.READ
    if any(word in words for word in _REPLACING) or {"delete", "create"} <= set(words):
        return Operation.REPLACE
    # What is deleted along with something that it depends on, and is not made again.
    only_deleted = set(words) - {"remove-pending-replace"} == {"delete-replaced"}
    if "delete" in words or only_deleted:
        return _deleted(steps)
    plain = next((_PLAIN[word] for word in _PLAIN if word in words), Operation.OTHER)
    return Operation.OTHER if strange and plain in QUIET else plain


def _deleted(steps: Iterable[Step]) -> Operation:
    deleted = [step.old for step in steps if step.op in _DELETING and step.old is not None]
    kept = bool(deleted) and all(old.retained for old in deleted)
    return Operation.FORGET if kept else Operation.DELETE


def _one(
    described: Sequence[Step], ordered: Sequence[Step], operation: Operation, strange: Sequence[str]
) -> Step:
    def gravity(step: Step) -> int:
        return _GRAVITY.index(step.op) if step.op in _KNOWN else len(_GRAVITY)

    ranked = sorted(described, key=gravity)
    main = ranked[0]
    with_diff = next((step for step in ranked if step.diff is not None), main)
    old = next((step.old for step in ranked if step.old is not None), None)
    if old is not None and operation is Operation.REPLACE:
        # The engine marks it as soon as there is a new one; until then it is the one that is used.
        old = replace(old, leftover=False)
    return replace(
        main,
        op=strange[0] if strange and operation is Operation.OTHER else main.op,
        operation=operation,
        old=old,
        new=next((step.new for step in ranked if step.new is not None), None),
        diff=with_diff.diff,
        replace_reasons=next((s.replace_reasons for s in ranked if s.replace_reasons), ()),
        source=next((step.source for step in ranked if step.source), ""),
        deletes_first=operation is Operation.REPLACE and _deletes_first(described, ordered),
    )


def _deletes_first(described: Sequence[Step], ordered: Sequence[Step]) -> bool:
    words = [step.op for step in ordered]
    made = [words.index(word) for word in _REPLACING[1:] if word in words]
    if "delete-replaced" in words and made:
        return words.index("delete-replaced") < min(made)
    return any(step.deletes_first for step in described)
