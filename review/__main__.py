"""`python -m review`: reports on previewed changes, and where they are posted."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from policies.secrets import logs_in, names_secret
from review import claim, drift, gates, told
from review.document import as_json, schema
from review.hosting.cli import app as posting
from review.html import html
from review.links import links
from review.markdown import markdown
from review.model import Review
from review.reading import Printed, read
from review.run import ERRORS, EVENTS, PLAN, Run, RunError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="What a change does to the stacks, told to the people who review it.",
)
app.add_typer(posting, name="post")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
REPORT: Final = "report.md"
FOLDERS: Final = frozenset({"PWD", "OLDPWD"})
"""Variables of a shell that are called as if they held a password."""
SHORTEST: Final = 8
"""Letters of the shortest value of the environment that is taken for a secret."""


@app.command()
def report(
    run: Annotated[list[Path], typer.Option(help="Folder of a preview; give one for each stack.")],
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("reports/preview"),
    fail_on: Annotated[str, typer.Option(help=gates.HELP)] = "",
) -> None:
    """Write report.md, report.html and report.json. Ends with 3 where --fail-on finds something."""
    try:
        asked = gates.parse(fail_on)
        reviews = [_review(folder) for folder in run]
    except (RunError, gates.GateError) as error:
        console.print(f"[bold red]error:[/] {error}", soft_wrap=True)
        raise typer.Exit(2) from error
    verdict = gates.judge(reviews, asked)
    reviews = [replace(each, stopped=_stopped(each, verdict)) for each in reviews]
    write(reviews, verdict, out)
    claim.write(out, os.environ)
    told.show(reviews, verdict, out, console)
    raise typer.Exit(verdict.code)


@app.command("drift")
def drift_command(
    folder: Annotated[Path, typer.Argument(help="Of a report on drift.")] = Path("reports/drift"),
) -> None:
    """Tell what has drifted in one issue of the repository, or close it where nothing has."""
    if not (folder / REPORT).exists():
        console.print(f"{folder} has no report, so there is nothing to tell", soft_wrap=True)
        return
    drifted = drift.drifted((folder / "report.json").read_text())
    posting([*("drift",), *([str(folder / REPORT)] if drifted else ["--none"])])


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of report.json."""
    typer.echo(json.dumps(schema(), indent=2))


def write(reviews: Sequence[Review], verdict: gates.Verdict, folder: Path) -> None:
    """The report in its three forms."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REPORT).write_text(markdown(reviews, links=links(os.environ)), encoding="utf-8")
    (folder / "report.html").write_text(html(reviews), encoding="utf-8")
    (folder / "report.json").write_text(as_json(reviews, verdict))


def _stopped(review: Review, verdict: gates.Verdict) -> tuple[str, ...]:
    """What the gates found in it; that a preview failed is told anyway."""
    found = [hit for hit in verdict.hits if hit.stack == review.stack]
    return tuple(f"{hit.gate}: {hit.text}" for hit in found if hit.gate != gates.PREVIEW)


def _review(folder: Path) -> Review:
    noted = Run.read(folder)
    errors = folder / ERRORS
    printed = Printed(
        events=_there(folder / EVENTS),
        digest=_there(folder / PLAN),
        code=noted.code,
        stderr=errors.read_text(errors="replace") if errors.exists() else "",
    )
    found = read(
        noted.stack,
        printed,
        compared_with=noted.compared_with,
        incomplete=noted.incomplete,
        remarks=noted.remarks,
        withheld=secrets_of(os.environ),
    )
    return replace(found, commit=noted.commit)


def secrets_of(environment: Mapping[str, str]) -> frozenset[str]:
    """Values of the environment that must not be told, whatever printed them."""
    return frozenset(
        value
        for name, value in environment.items()
        if (names_secret(name) or logs_in(name, value))
        and name not in FOLDERS
        and len(value) >= SHORTEST
    )


def _there(file: Path) -> Path | None:
    return file if file.exists() else None


if __name__ == "__main__":
    app()
