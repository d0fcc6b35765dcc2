"""A graph as shapes with their places: what the template writes as SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from review.html.graph import Box, Cell, Graph
from review.html.placing import WIDTH, Arrangement, Point, arranged
from review.html.text import WORDS, counted, fitted
from review.model import QUIET, Operation

ROOM: Final = 1280
"""Width for which rows of what stands alone are made: that of a page on a common screen."""
MARGIN: Final = 10
HEAD: Final = 40
"""Height of a box's name and kind."""
CELL: Final = 22
COLUMNS: Final = 6
WIDE: Final = 3
"""Columns that a cell with a number takes."""
IN_BOTH: Final = "both"
"""Of what is there before and after."""
SIDES: Final = {
    Operation.CREATE: "after",
    Operation.IMPORT: "after",
    Operation.DELETE: "before",
    Operation.FORGET: "before",
}
"""Operation → the only side on which the resource belongs to the stack; others are on both."""


@dataclass(frozen=True)
class DrawnCell:
    x: float
    y: float
    symbol: str
    side: str
    number: int
    """How many resources it stands for."""
    target: str
    """Identifier of what a click leads to."""
    query: str
    """What to search for instead where it stands for several; empty if it does not."""
    text: str


@dataclass(frozen=True)
class DrawnBox:
    number: int
    x: float
    y: float
    height: float
    name: str
    """As much of it as fits."""
    kind: str
    text: str
    """What it is and what happens to it, in full."""
    state: str
    """Operation that colours its frame: one that all its resources have, or `changed`, or `same`."""
    side: str
    target: str
    query: str
    cells: tuple[DrawnCell, ...]


@dataclass(frozen=True)
class DrawnLine:
    path: str
    start: int
    """Number of the box that is needed."""
    end: int
    """Number of the box that needs it."""
    side: str


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[DrawnBox, ...]
    lines: tuple[DrawnLine, ...]
    left_out: int
    box_of: Mapping[str, int]
    """URN of a component → number of its box."""


def drawing(picture: Graph, anchors: Mapping[str, str]) -> Drawing:
    """Place everything. `anchors` are identifiers in the page, by URN of resource or component."""
    heights = [_height(box) for box in picture.boxes]
    geometry = arranged(heights, [line.ends for line in picture.lines], ROOM - 2 * MARGIN)
    return Drawing(
        width=round(geometry.width) + 2 * MARGIN,
        height=round(geometry.height) + 2 * MARGIN,
        boxes=tuple(
            _drawn(number, box, geometry.corners[number], heights[number], anchors)
            for number, box in enumerate(picture.boxes)
        ),
        lines=_lines(picture, geometry),
        left_out=picture.left_out,
        box_of={
            part.urn: number for number, box in enumerate(picture.boxes) for part in box.components
        },
    )


def _height(box: Box) -> float:
    rows = _places(box.cells)[-1][1] + 1
    return HEAD + rows * CELL + 8


def _places(cells: tuple[Cell, ...]) -> list[tuple[int, int]]:
    """Column and row of each cell: from left to right, then the next row."""
    places: list[tuple[int, int]] = []
    column = row = 0
    for cell in cells:
        span = WIDE if len(cell.resources) > 1 else 1
        if column + span > COLUMNS:
            column, row = 0, row + 1
        places.append((column, row))
        column += span
    return places


def _drawn(
    number: int, box: Box, corner: Point, height: float, anchors: Mapping[str, str]
) -> DrawnBox:
    x, y = corner.x + MARGIN, round(corner.y, 1) + MARGIN
    cells = tuple(
        _cell(box, cell, x + 10 + column * CELL, y + HEAD + row * CELL, anchors)
        for cell, (column, row) in zip(box.cells, _places(box.cells), strict=True)
    )
    sides = {cell.side for cell in cells}
    changed = box.operations - QUIET
    state = next(iter(box.operations)) if len(box.operations) == 1 else "changed"
    one = box.components[0]
    return DrawnBox(
        number=number,
        x=x,
        y=y,
        height=height,
        name=fitted(box.name, WIDTH - 18, 12),
        kind=fitted(box.kind, WIDTH - 18, 10.5),
        text=f"{box.name} ({box.kind}): {_told(box)}",
        state=state if changed else Operation.SAME,
        side=sides.pop() if len(sides) == 1 else IN_BOTH,
        target=anchors.get(one.urn, ""),
        query=_common(box) if len(box.components) > 1 else "",
        cells=cells,
    )


def _told(box: Box) -> str:
    numbers = dict.fromkeys(Operation, 0)
    for cell in box.cells:
        numbers[cell.operation] += len(cell.resources)
    return ", ".join(f"{number:,} {WORDS[op]}" for op, number in numbers.items() if number)


def _common(box: Box) -> str:
    """What finds the resources of a box: its component's name, or the type of several."""
    types = {part.type for part in box.components}
    if len(box.components) == 1:
        return box.components[0].name
    return types.pop() if len(types) == 1 else ""


def _cell(box: Box, cell: Cell, x: float, y: float, anchors: Mapping[str, str]) -> DrawnCell:
    word = WORDS[cell.operation]
    first = cell.resources[0]
    alone = len(cell.resources) == 1
    return DrawnCell(
        x=x,
        y=y,
        symbol=cell.operation,
        side=SIDES.get(cell.operation, IN_BOTH),
        number=len(cell.resources),
        target=anchors.get(first.urn) or anchors.get(box.components[0].urn, ""),
        query="" if alone else f"{_common(box)} {word}".strip(),
        text=f"{word}: {first.identity.name} ({first.identity.kind})"
        if alone
        else f"{word}: {counted(len(cell.resources), 'resource')}",
    )


def _lines(picture: Graph, geometry: Arrangement) -> tuple[DrawnLine, ...]:
    return tuple(
        DrawnLine(
            path=_path(geometry.routes[line.ends]),
            start=line.ends[0],
            end=line.ends[1],
            side=IN_BOTH if line.before and line.after else "before" if line.before else "after",
        )
        for line in picture.lines
    )


def _path(points: tuple[Point, ...]) -> str:
    """A smooth line: level where it leaves a box, passes a layer and arrives."""
    moved = [Point(round(p.x + MARGIN, 1), round(p.y + MARGIN, 1)) for p in points]
    steps = [f"M{moved[0].x:g} {moved[0].y:g}"]
    for a, b in pairwise(moved):
        middle = (a.x + b.x) / 2
        steps.append(
            f"L{b.x:g} {b.y:g}"
            if a.y == b.y
            else f"C{middle:g} {a.y:g} {middle:g} {b.y:g} {b.x:g} {b.y:g}"
        )
    return "".join(steps)
