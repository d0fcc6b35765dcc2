"""A rehearsal told to people, as Markdown, and to programs, as JSON."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from toolchain import atomic
from toolchain.rehearsal.rehearsal import Rehearsal
from toolchain.rehearsal.resources import Resource, by_component, by_type

RELEASE = "kubernetes:helm.sh/v3:Release"
UNKNOWN = "can't be known during preview"
"""What the policies' SDK says of a rule that has to wait."""


class Part(TypedDict):
    """What one component consists of."""

    component: str
    resources: int
    aws: int
    """Of them in AWS."""
    monthly: float


def components(rehearsal: Rehearsal) -> list[Part]:
    """Every component, the dearest first."""
    prices = rehearsal.estimate.by(lambda line: line.urn)
    parts = [
        Part(
            component=name,
            resources=len(found),
            aws=sum(each.provider == "aws" for each in found),
            monthly=sum(prices.get(each.urn, 0.0) for each in found),
        )
        for name, found in by_component(rehearsal.resources).items()
    ]
    return sorted(parts, key=lambda part: (-part["monthly"], part["component"]))


def markdown(rehearsal: Rehearsal) -> str:
    """The whole report."""
    lines = [
        f"# Rehearsal of stack {rehearsal.stack}",
        "",
        "The real engine ran the real program. AWS was moto on loopback, EKS a control plane of ours with "
        "played pods; docs/rehearsal.md says what that proves and what not.",
        "",
        *_table(
            ("operation", "seconds", "result"),
            ((act.title, f"{act.seconds:.0f}", act.summary) for act in rehearsal.acts),
        ),
        "",
        *_cleared(rehearsal.cleared),
        "",
        "## What was created, by component",
        "",
        *_table(
            ("component", "resources", "of them in AWS", "USD a month"),
            (
                (
                    each["component"],
                    str(each["resources"]),
                    str(each["aws"]),
                    f"{each['monthly']:,.2f}",
                )
                for each in components(rehearsal)
            ),
        ),
        "",
        "## By type",
        "",
        *_table(
            ("type", "resources"),
            ((kind, str(number)) for kind, number in sorted(by_type(rehearsal.resources).items())),
        ),
        "",
        "## Charts: recorded, not installed",
        "",
        *_table(("release", "chart", "version", "namespace"), releases(rehearsal.resources)),
        "",
        "## What it costs in a month",
        "",
        *_costs(rehearsal),
        "",
        "## Warnings",
        "",
        *_warnings(rehearsal),
    ]
    return "\n".join(lines) + "\n"


def _cleared(kinds: Mapping[str, int]) -> Iterator[str]:
    came = {kind: number for kind, number in kinds.items() if number}
    yield (
        "Left in the account: nothing. It was listed before, while the stack stood and after destroy, by "
        f"{len(kinds)} kinds. {sum(came.values())} things of {len(came)} kinds had come with the stack, and "
        "were gone again: " + ", ".join(f"{number} {kind}" for kind, number in came.items()) + "."
    )
    none = sorted(kinds.keys() - came.keys())
    if none:
        yield ""
        yield f"Of these kinds the stack had none, so nothing is proved of them: {', '.join(none)}."


def _warnings(rehearsal: Rehearsal) -> Iterator[str]:
    found = sorted({line for act in rehearsal.acts for line in act.findings})
    undecided = [line for line in found if UNKNOWN in line]
    yield from (f"- {line}" for line in found if UNKNOWN not in line)
    yield ""
    yield (
        f"Besides, {len(undecided)} times a rule met a value that the first preview could not know; it was "
        "judged before the resource was made."
    )


def releases(resources: Sequence[Resource]) -> Iterator[tuple[str, str, str, str]]:
    """The charts of the stack, with their pinned versions."""
    for each in resources:
        if each.type == RELEASE:
            values = each.inputs
            yield (
                str(values.get("name", each.name)),
                str(values.get("chart", "")),
                str(values.get("version", "")),
                str(values.get("namespace", "")),
            )


def write(rehearsal: Rehearsal, folder: Path) -> Path:
    """Write `rehearsal.md` and `rehearsal.json`; the path of the first."""
    folder.mkdir(exist_ok=True)
    file = folder / "rehearsal.md"
    atomic.write(file, markdown(rehearsal))
    document = {
        "stack": rehearsal.stack,
        "acts": [dataclasses.asdict(act) for act in rehearsal.acts],
        "components": components(rehearsal),
        "types": by_type(rehearsal.resources),
        "cleared": rehearsal.cleared,
        "monthly": {
            "currency": rehearsal.estimate.currency,
            "total": round(rehearsal.estimate.monthly, 2),
            "prices": rehearsal.estimate.as_of,
        },
    }
    atomic.write(folder / "rehearsal.json", json.dumps(document, indent=2) + "\n")
    return file


def _costs(rehearsal: Rehearsal) -> Iterator[str]:
    found = rehearsal.estimate
    yield from _table(
        ("resource", "what is paid for", f"{found.currency} a month"),
        ((line.resource, line.item, f"{line.monthly:,.2f}") for line in found.lines),
    )
    yield ""
    yield (
        f"In all about **{found.monthly:,.0f} {found.currency}** a month at list prices of {found.as_of} "
        "(policies/prices.yaml), without discounts; traffic as the table assumes it."
    )
    if found.unpriced:
        yield f"Without a price in the table: {', '.join(found.unpriced)}."


def _table(
    head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]
) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
