"""A rehearsal told to people, as Markdown, and to programs, as JSON."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolchain import atomic
from toolchain.rehearsal.rehearsal import Rehearsal
from toolchain.rehearsal.resources import Resource, by_component, by_type

RELEASE = "kubernetes:helm.sh/v3:Release"


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
        "Left in the account afterwards: "
        + ("nothing." if not rehearsal.left else json.dumps(rehearsal.left)),
        "",
        "## What was created, by component",
        "",
        *_table(
            ("component", "package", "resources"),
            (
                (component, package, str(number))
                for (component, package), number in sorted(
                    by_component(rehearsal.resources).items()
                )
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
        *(sorted({f"- {line}" for act in rehearsal.acts for line in act.findings}) or ["None."]),
    ]
    return "\n".join(lines) + "\n"


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
        "types": by_type(rehearsal.resources),
        "left": rehearsal.left,
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
    by_component = found.by(lambda line: line.component or "stack")
    rows = ((component, f"{monthly:,.2f}") for component, monthly in by_component.items())
    yield from _table(("component", f"{found.currency} a month"), rows)
    yield ""
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
