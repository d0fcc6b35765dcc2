"""What a rehearsal has shown, on one screen; the rest is in its report."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from toolchain.paths import PROJECT


class Told(BaseModel):
    """A part of the report for programs; what is not shown here is left out."""

    model_config = ConfigDict(frozen=True)


class Act(Told):
    """One operation of the engine."""

    title: str
    seconds: float
    summary: str


class Component(Told):
    """What one component consists of, and costs in a month."""

    component: str
    resources: int
    aws: int
    monthly: float


class Cost(Told):
    """What all of it costs in a month."""

    currency: str
    total: float
    prices: str


class Report(Told):
    """The report."""

    acts: tuple[Act, ...]
    components: tuple[Component, ...]
    monthly: Cost
    cleared: dict[str, int]
    """Kind → number of what came into the account and was gone from it afterwards."""


def show(folder: Path, console: Console) -> None:
    """Print what was created, by component, what it costs, and how long each operation took."""
    report = Report.model_validate_json((folder / "rehearsal.json").read_text())
    right = "right"
    parts = Table(
        "component",
        Column("resources", justify=right),
        Column("in AWS", justify=right),
        Column(f"{report.monthly.currency} a month", justify=right),
        box=SIMPLE,
    )
    for part in report.components:
        cost = f"{part.monthly:,.2f}" if part.monthly else ""
        parts.add_row(part.component, str(part.resources), str(part.aws or ""), cost)
    console.print(parts)
    acts = Table("operation", Column("seconds", justify=right), "result", box=SIMPLE)
    for act in report.acts:
        acts.add_row(act.title, f"{act.seconds:.0f}", act.summary)
    console.print(acts)
    console.print(
        f"[bold green]Rehearsed[/]: about {report.monthly.total:,.0f} {report.monthly.currency} a month at "
        f"list prices of {report.monthly.prices}; of {sum(report.cleared.values())} things that came into "
        "the account none was left. AWS was simulated, pods were played and charts recorded: "
        f"{(folder / 'rehearsal.md').relative_to(PROJECT)}",
        soft_wrap=True,
    )
