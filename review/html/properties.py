"""Properties before and after, as the page lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.html.affording import PROPERTIES
from review.html.differing import LONG, Pieces, compared, whole
from review.html.text import clipped, counted, spaced
from review.model import Property, PropertyChange


@dataclass(frozen=True)
class PropertyRow:
    path: str
    change: str
    before: Pieces | None
    after: Pieces | None
    replaces: bool


@dataclass(frozen=True)
class PropertyTable:
    rows: tuple[PropertyRow, ...]
    gist: str
    """What a reader sees who does not unfold it."""
    before: bool
    """Something was there before; else there is nothing to show in that column."""
    after: bool
    left_out: int
    """Properties that the page has no room for."""


def table(properties: Sequence[Property], in_full: bool = True) -> PropertyTable | None:
    """All of them, those that force a replacement first; None if there is none."""
    if not properties:
        return None
    order = sorted(properties, key=lambda prop: not prop.replaces)
    shown = order[:PROPERTIES] if in_full else []
    rest = len(order) - len(shown)
    return PropertyTable(
        rows=tuple(map(_row, shown)),
        gist=_gist(order),
        before=any(prop.before is not None for prop in shown),
        after=any(prop.after is not None for prop in shown),
        left_out=rest,
    )


def _row(prop: Property) -> PropertyRow:
    before, after = prop.before, prop.after
    if before is not None and after is not None:
        old, new = compared(before, after)
    else:
        old = None if before is None else whole(before)
        new = None if after is None else whole(after)
    return PropertyRow(clipped(prop.path, LONG), prop.change, old, new, prop.replaces)


def _gist(properties: Sequence[Property], number: int = 2) -> str:
    """What changes, in a line; what is all new or all gone is only counted."""
    if len({prop.change for prop in properties} - {PropertyChange.CHANGED}) == 1 and not any(
        prop.change is PropertyChange.CHANGED for prop in properties
    ):
        return counted(len(properties), "property", "properties")
    said = [_short(prop) for prop in properties[:number]]
    if len(properties) > number:
        said.append(f"{len(properties) - number:,} more")
    return "; ".join(said)


def _short(prop: Property) -> str:
    path = clipped(spaced(prop.path), 60)
    before = "nothing" if prop.before is None else prop.before
    after = "nothing" if prop.after is None else prop.after
    if before == after or len(before) + len(after) > 40 or "\n" in before + after:
        return path
    return f"{path}: {before} → {after}"
