"""What differs between two sets of inputs, and which of it takes a new resource."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from toolchain.providers.aws.paths import dotted, key, step
from toolchain.providers.aws.values import UNKNOWN, is_list, is_object

Kind = Literal["ADD", "DELETE", "UPDATE"]


@dataclass(frozen=True)
class Change:
    """One property that differs."""

    path: str
    kind: Kind
    replaces: bool = False

    def replaced_by(self, names: Iterable[str]) -> bool:
        """Whether it is one of `names`, inside one, or has taken one with it."""
        here = dotted(self.path)
        return any(
            here == name
            or here.startswith(f"{name}.")
            or (name.startswith(f"{here}.") and self.kind != "UPDATE")
            for name in names
        )


def changes(
    old: Mapping[str, Any], new: Mapping[str, Any], replaces: Iterable[str] = ()
) -> list[Change]:
    """What has to be done to get from `old` to `new`; `replaces` are paths without indices."""
    names = tuple(replaces)
    return [
        Change(change.path, change.kind, replaces=change.replaced_by(names))
        for change in _between(old, new, "")
    ]


def same(one: object, other: object) -> bool:
    """Whether two values mean the same: documents in JSON do so whatever their layout."""
    if one is UNKNOWN or other is UNKNOWN:
        return False
    if isinstance(one, str) and isinstance(other, str) and one != other:
        return _document(one) is not None and _document(one) == _document(other)
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _document(text: str) -> object:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _between(old: object, new: object, at: str) -> Iterator[Change]:
    if is_object(old) and is_object(new):
        for name in sorted(set(old) | set(new)):
            if name not in new:
                yield Change(key(at, name), "DELETE")
            elif name not in old:
                yield Change(key(at, name), "ADD")
            else:
                yield from _between(old[name], new[name], key(at, name))
    elif is_list(old) and is_list(new):
        yield from _lists(old, new, at)
    elif not same(old, new):
        yield Change(at, "UPDATE")


def _lists(old: Sequence[Any], new: Sequence[Any], at: str) -> Iterator[Change]:
    for index in range(max(len(old), len(new))):
        if index >= len(new):
            yield Change(step(at, index), "DELETE")
        elif index >= len(old):
            yield Change(step(at, index), "ADD")
        else:
            yield from _between(old[index], new[index], step(at, index))


def live(given: object, found: object) -> object:
    """The input as it is in AWS: `given` itself while it holds, else what was found in its place.

    What AWS adds of its own accord to an object, and the order of a list of plain values, are no
    drift.
    """
    return _settled(given, found, added=False)


def merged(given: object, found: object) -> object:
    """The output of an input: as `live`, with what AWS has added."""
    return _settled(given, found, added=True)


def _settled(given: object, found: object, *, added: bool) -> object:
    if is_object(given) and is_object(found):
        return {
            name: _settled(given[name], value, added=added) if name in given else value
            for name, value in found.items()
            if added or name in given
        }
    if is_list(given) and is_list(found):
        return _settled_list(given, found, added=added)
    return given if same(given, found) else found


def _settled_list(given: Sequence[Any], found: Sequence[Any], *, added: bool) -> Sequence[Any]:
    if not any(is_object(each) or is_list(each) for each in (*given, *found)):
        return given if sorted(map(repr, given)) == sorted(map(repr, found)) else found
    kept = [_settled(one, other, added=added) for one, other in zip(given, found, strict=False)]
    return [*kept, *found[len(kept) :]]
