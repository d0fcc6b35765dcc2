"""`python -m toolchain.cluster up|down|status|logs|clean`: the cluster alone, for people."""

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from toolchain.cluster import Cluster, ClusterError, Status
from toolchain.cluster.detect import choose
from toolchain.commands import CommandError
from toolchain.image_archive import ArchiveError

app = typer.Typer(help="The local cluster.", no_args_is_help=True, add_completion=False)
_console = Console()
_STARTED = time.monotonic()

Context = Annotated[
    str | None, typer.Option("--context", help="A context of your kubeconfig to use instead.")
]


def _progress(line: str) -> None:
    _console.print(f"[dim]{time.monotonic() - _STARTED:6.1f} s[/dim]  {line}", highlight=False)


def _cluster(context: str | None) -> Cluster:
    return choose(context, _progress)


@app.command()
def up(context: Context = None) -> None:
    """Start what is not running, and wait until it can be used."""
    cluster = _cluster(context)
    cluster.up(_progress)
    _console.print(f"export KUBECONFIG={cluster.kubeconfig}", soft_wrap=True)


@app.command()
def down(context: Context = None) -> None:
    """Stop it; its data stays."""
    _cluster(context).down(_progress)


@app.command()
def clean(context: Context = None) -> None:
    """Stop it and remove its data."""
    _cluster(context).clean(_progress)


@app.command()
def status(context: Context = None) -> None:
    """Components, sizes and the node. Ends with 1 when it is not running."""
    found = _cluster(context).status()
    _show(found)
    if not found.running:
        raise typer.Exit(1)


@app.command()
def logs(
    component: str,
    lines: Annotated[int, typer.Option(min=1)] = 100,
    context: Context = None,
) -> None:
    """The last lines of a component."""
    typer.echo(_cluster(context).logs(component, lines))


def _show(found: Status) -> None:
    state = "running" if found.running else "not running"
    _console.print(f"{found.kind} cluster: {state}")
    if found.components:
        table = Table("component", "state", "up", "memory", "cpu", "")
        for row in found.components:
            table.add_row(
                row.name,
                row.state,
                "" if row.uptime_seconds is None else f"{row.uptime_seconds:.0f} s",
                "" if row.memory_bytes is None else f"{row.memory_bytes / 2**20:.0f} MiB",
                "" if row.cpu_seconds is None else f"{row.cpu_seconds:.1f} s",
                row.detail,
            )
        total = sum(row.memory_bytes or 0 for row in found.components)
        table.add_row("total", "", "", f"{total / 2**20:.0f} MiB", "", "")
        _console.print(table)
    if found.versions:
        _console.print(", ".join(f"{name} {text}" for name, text in sorted(found.versions.items())))
    for node in found.nodes:
        ready = "ready" if node.ready else f"not ready: {node.detail}"
        _console.print(f"node {node.name}: {ready} ({node.version}, {node.runtime})")
    for note in found.notes:
        _console.print(note, soft_wrap=True)


def main() -> None:
    """Run, and show what a person can mend without a traceback."""
    try:
        app()
    except (ClusterError, CommandError, ArchiveError) as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
