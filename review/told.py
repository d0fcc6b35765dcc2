"""A report on a terminal: a line for each stack, what made it fail, and where the rest is."""

from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from review.gates import Verdict
from review.model import Level, Operation, Outcome, Review

COUNTED = (Operation.CREATE, Operation.UPDATE, Operation.REPLACE, Operation.DELETE)
MARKS = {Outcome.SUCCEEDED: "green", Outcome.FAILED: "bold red", Outcome.INCOMPLETE: "bold yellow"}


def show(reviews: Sequence[Review], verdict: Verdict, folder: Path, console: Console) -> None:
    """Print it."""
    right = "right"
    table = Table(
        "stack",
        "preview",
        *(Column(operation.value, justify=right) for operation in COUNTED),
        Column("cost a month", justify=right),
        "policies",
        "compared with",
        box=SIMPLE,
    )
    for review in reviews:
        mark = MARKS[review.outcome]
        table.add_row(
            escape(review.stack),
            f"[{mark}]{review.outcome}[/]",
            *(str(review.counts[operation] or "") for operation in COUNTED),
            _cost(review),
            _policies(review),
            escape(review.compared_with),
        )
    console.print(table)
    for review in reviews:
        for notice in review.notices[:3] if review.outcome is not Outcome.SUCCEEDED else ():
            console.print(f"{review.stack}: {escape(notice.text)}", soft_wrap=True)
    for hit in verdict.hits:
        console.print(f"[bold red]✗[/] {hit.stack}: {hit.gate}: {escape(hit.text)}", soft_wrap=True)
    names = ", ".join(str(folder / f"report.{suffix}") for suffix in ("md", "html", "json"))
    console.print(f"Report: {names}", soft_wrap=True)


def _cost(review: Review) -> str:
    if review.costs is None:
        return ""
    return f"{review.costs.difference:+,.2f} {review.costs.currency}"


def _policies(review: Review) -> str:
    if review.policies.failed:
        return "[bold red]not judged[/]"
    levels = [finding.level for finding in review.policies.findings]
    broken, advised = levels.count(Level.MANDATORY), levels.count(Level.ADVISORY)
    if not levels:
        return "[green]kept[/]"
    return f"[bold red]{broken} broken[/]" if broken else f"{advised} advisory"
