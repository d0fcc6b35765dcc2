"""What differs between two values, property by property, down to what cannot be taken apart."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from review.model import PropertyChange
from review.paths import ByName, Path
from review.paths import shown as as_text
from review.values import Document, Masked, Value, is_list, is_mapping, same

_MANY: Final = 400
"""Parts of a list from which on only its begin and end are matched; to match all takes too long."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One property that differs."""

    path: Path
    """Where it stands, as reports show it."""
    places: tuple[Path, Path]
    """Where it stood and where it will stand: the same but in lists."""
    change: PropertyChange
    before: Value = None
    after: Value = None

    @property
    def name(self) -> str:
        return as_text(self.path)


@dataclass(frozen=True)
class _At:
    """A place in both values."""

    path: Path = ()
    old: Path = ()
    new: Path = ()

    def down(self, name: str) -> "_At":
        return _At((*self.path, name), (*self.old, name), (*self.new, name))

    def item(self, old: int, new: int, name: str | None = None) -> "_At":
        shown = new if name is None else ByName(name)
        return _At((*self.path, shown), (*self.old, old), (*self.new, new))

    def tell(self, change: PropertyChange, before: Value, after: Value) -> Difference:
        return Difference(
            path=self.path,
            places=(self.old, self.new),
            change=change,
            before=before,
            after=after,
        )


def differences(old: Mapping[str, Value], new: Mapping[str, Value]) -> list[Difference]:
    """What differs, by path. Texts that are documents are compared inside."""
    return list(_mappings(old, new, _At()))


def leaves(value: Mapping[str, Value], change: PropertyChange) -> list[Difference]:
    """All of a value, as what is added or removed as a whole."""
    return list(_leaves(value, change, ()))


def _leaves(value: Value, change: PropertyChange, path: Path) -> Iterator[Difference]:
    if is_mapping(value) and value:
        for name in sorted(value):
            yield from _leaves(value[name], change, (*path, name))
    elif is_list(value) and value:
        for index, part in enumerate(value):
            yield from _leaves(part, change, (*path, index))
    elif path:
        added = change is PropertyChange.ADDED
        at = _At(path, path, path)
        yield at.tell(change, None if added else value, value if added else None)


def _values(old: Value, new: Value, at: _At) -> Iterator[Difference]:
    if is_mapping(old) and is_mapping(new):
        yield from _mappings(old, new, at)
    elif is_list(old) and is_list(new):
        yield from _lists(old, new, at)
    elif not same(old, new):
        found: list[Difference] = []
        if isinstance(old, Document) and isinstance(new, Document):
            found = list(_values(old.tree, new.tree, at))
        # Where only their writing differs, the texts themselves are shown.
        yield from found or [at.tell(PropertyChange.CHANGED, old, new)]


def _mappings(old: Mapping[str, Value], new: Mapping[str, Value], at: _At) -> Iterator[Difference]:
    for name in sorted({*old, *new}):
        there = at.down(name)
        if name not in new:
            yield there.tell(PropertyChange.REMOVED, old[name], None)
        elif name not in old:
            yield there.tell(PropertyChange.ADDED, None, new[name])
        else:
            yield from _values(old[name], new[name], there)


def _lists(old: Sequence[Value], new: Sequence[Value], at: _At) -> Iterator[Difference]:
    names = _names(old), _names(new)
    if names[0] is not None and names[1] is not None:
        yield from _named(
            dict(zip(names[0], old, strict=True)), dict(zip(names[1], new, strict=True)), at
        )
        return
    for old_begin, old_end, new_begin, new_end in _blocks(old, new):
        paired = min(old_end - old_begin, new_end - new_begin)
        for step in range(paired):
            here = at.item(old_begin + step, new_begin + step)
            yield from _values(old[old_begin + step], new[new_begin + step], here)
        for index in range(old_begin + paired, old_end):
            yield at.item(index, index).tell(PropertyChange.REMOVED, old[index], None)
        for index in range(new_begin + paired, new_end):
            yield at.item(index, index).tell(PropertyChange.ADDED, None, new[index])


def _names(values: Sequence[Value]) -> list[str] | None:
    """The names of a list's parts, as Kubernetes has them; None if one has none, or two have the same."""
    names: list[str] = []
    for value in values:
        name = value.get("name") if is_mapping(value) else None
        if not isinstance(name, str):
            return None
        names.append(name)
    return names if len(set(names)) == len(names) else None


def _named(old: Mapping[str, Value], new: Mapping[str, Value], at: _At) -> Iterator[Difference]:
    before = {name: index for index, name in enumerate(old)}
    after = {name: index for index, name in enumerate(new)}
    gone, come = before.keys() - after, after.keys() - before
    # A number is enough where it is the same in both; where parts have moved, only the name tells.
    moved = bool(gone and come) or any(
        before[name] != after.get(name, before[name]) for name in old
    )
    for name in [*before, *(name for name in after if name in come)]:
        was, will_be = before.get(name, after.get(name, 0)), after.get(name, before.get(name, 0))
        here = at.item(was, will_be, name if moved else None)
        if name in gone:
            yield here.tell(PropertyChange.REMOVED, old[name], None)
        elif name in come:
            yield here.tell(PropertyChange.ADDED, None, new[name])
        else:
            yield from _values(old[name], new[name], here)
    if not gone and not come and list(before) != list(after):
        yield at.tell(PropertyChange.CHANGED, list(before), list(after))


def _blocks(old: Sequence[Value], new: Sequence[Value]) -> Iterator[tuple[int, int, int, int]]:
    """Where two lists differ, as ranges of both."""
    if len(old) == len(new):
        yield 0, len(old), 0, len(new)
        return
    ours, theirs = [_key(part) for part in old], [_key(part) for part in new]
    if max(len(ours), len(theirs)) <= _MANY:
        matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
        for tag, *block in matcher.get_opcodes():
            if tag != "equal":
                yield block[0], block[1], block[2], block[3]
        return
    shorter = min(len(ours), len(theirs))
    begin = next((i for i in range(shorter) if ours[i] != theirs[i]), shorter)
    left = shorter - begin
    end = next((i for i in range(left) if ours[-1 - i] != theirs[-1 - i]), left)
    yield begin, len(ours) - end, begin, len(theirs) - end


def _key(value: Value) -> str:
    """The same for values that are the same."""
    return json.dumps(_told_apart(value), sort_keys=True)


def _told_apart(value: Value) -> object:
    if isinstance(value, Masked | Document):
        return [value.shown, repr(value.was)]
    if is_mapping(value):
        return {name: _told_apart(part) for name, part in value.items()}
    return [_told_apart(part) for part in value] if is_list(value) else value
