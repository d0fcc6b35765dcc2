"""The commands. Each is thin: what it does is in the module of its name."""

import os
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from toolchain.cli import checks, clean, logs, recipes, rehearsed, reported, status
from toolchain.cli.engine import Engine
from toolchain.cli.lock import alone
from toolchain.cli.reported import Wanted
from toolchain.cli.runner import Runner
from toolchain.cli.stack import named, on_eks
from toolchain.cli.steps import Step
from toolchain.cli.up import Platform
from toolchain.engine.environment import exports, own_backend
from toolchain.faults import MENDABLE, text
from toolchain.paths import PROJECT, Paths
from toolchain.previews.revision import NOTHING
from toolchain.rehearsal import stand_in
from toolchain.rehearsal.offline import offline

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The platform's commands.")
# A log has no width of its own; 80 columns would cut tables that a person can well read.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

StackName = Annotated[str, typer.Option("--stack", help="dev, prod, …: Pulumi.<stack>.yaml")]


def _platform(stack: str) -> Platform:
    return Platform(stack, Paths.from_environment(), console)


@app.command()
def up(stack: StackName = "dev") -> None:
    """From nothing to an answering agent."""
    with alone(Paths.from_environment(), "make up", console):
        _platform(stack).up()


@app.command()
def preview(stack: StackName = "dev") -> None:
    """What `up` would change, checked by the policies."""
    paths = Paths.from_environment()
    with alone(paths, "make preview", console):
        previewed = named(stack, paths)
        if on_eks(previewed) and own_backend(os.environ, paths):
            # What it would make in AWS is told by the program alone: no cluster, no credentials.
            runner = Runner(console=console, paths=paths, again=f"make preview STACK={stack}")
            runner.run(recipes.engine(paths))
            with offline(stack, paths) as engine:
                raise typer.Exit(engine.preview())
        if not on_eks(previewed):
            _platform(stack).ready()
        engine = Engine.ready(previewed, paths)
        engine.settle_lock(console.print)
        raise typer.Exit(engine.preview())


@app.command()
def rehearse(stack: StackName = "prod") -> None:
    """Production from nothing to nothing, on a simulated AWS."""
    paths = Paths.from_environment()
    with alone(paths, "make rehearse", console):
        again = "make rehearse" + ("" if stack == "prod" else f" STACK={stack}")
        runner = Runner(console=console, paths=paths, again=again)
        runner.run(recipes.rehearsal(stack, paths), closing=True)
    rehearsed.show(PROJECT / "reports", console)


FailOn = Annotated[
    str, typer.Option(envvar="FAIL_ON", help="Such as replace,delete,policy,cost:100.")
]
StackNames = Annotated[str, typer.Option(envvar="STACKS", help="Names, with spaces between.")]


@app.command("preview-report")
def preview_report(
    stacks: StackNames = "dev prod",
    base: Annotated[
        str,
        typer.Option(
            envvar="BASE", help="Branch or commit to compare with; `nothing` for an empty stack."
        ),
    ] = "",
    fail_on: FailOn = "",
) -> None:
    """What this change does to the stacks, for people: reports/preview/."""
    again = f'make preview-report STACKS="{stacks}"' + (f" BASE={base}" if base else "")
    wanted = Wanted(stacks=_names(stacks), base=base, fail_on=fail_on, again=again)
    raise typer.Exit(reported.on_change(wanted, console))


def _names(stacks: str) -> list[str]:
    if names := stacks.replace(",", " ").split():
        return list(dict.fromkeys(names))
    raise typer.BadParameter("got no name in STACKS, wanted at least one, such as STACKS=prod")


@app.command()
def policies(stacks: StackNames = "dev prod") -> None:
    """The policies on all that the stacks consist of; ends with 3 where one is broken: reports/policies/."""
    wanted = Wanted(
        stacks=_names(stacks),
        base=NOTHING,
        fail_on="policy",
        folder=reported.REPORTS / "policies",
        again="make policies",
    )
    raise typer.Exit(reported.on_change(wanted, console))


@app.command("drift-report")
def drift_report(stack: StackName = "prod", fail_on: FailOn = "") -> None:
    """What is there against what the program says: reports/drift/."""
    raise typer.Exit(reported.on_drift(stack, fail_on, console))


@app.command()
def images() -> None:
    """Build the images that a stack runs."""
    paths = Paths.from_environment()
    with alone(paths, "make images", console):
        Runner(console=console, paths=paths, again="make images").run(recipes.images(paths))


@app.command()
def down(
    stack: StackName = "dev",
    *,
    destroy: Annotated[bool, typer.Option(help="Remove the stack's resources first.")] = False,
) -> None:
    """Stop everything; data stays."""
    with alone(Paths.from_environment(), "make down", console):
        _platform(stack).down(destroy=destroy)


@app.command("status")
def show_status(
    stack: StackName = "dev",
    *,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """What runs, how big it is; ends with 0 only when all is well."""
    report = status.gather(_platform(stack))
    if json:
        typer.echo(status.as_json(report))
    else:
        status.show(report, console)
    raise typer.Exit(0 if report.ok else 1)


@app.command("logs")
def show_logs(
    stack: StackName = "dev",
    agent: Annotated[str | None, typer.Option(help="Of this agent.")] = None,
    component: Annotated[str | None, typer.Option(help="Of this part of the platform.")] = None,
    *,
    follow: Annotated[bool, typer.Option(help="Stay and show what is added.")] = False,
) -> None:
    """Logs of agents, or of one part."""
    logs.show(_platform(stack), agent, component, follow=follow, say=typer.echo)


@app.command("clean")
def remove(
    stack: StackName = "dev",
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove the cluster's data, the state and everything built."""
    platform = _platform(stack)
    found = clean.owned(platform.paths)
    total = sum(clean.size(path) for path in found)
    console.print(
        f"This removes {total / 2**30:.1f} GiB: the {platform.cluster.kind} cluster with its data, "
        f"the state of all stacks and everything built in {platform.paths.root}.\n"
        "Debian packages, .venv and app/.venv stay.",
        soft_wrap=True,
    )
    if platform.cluster.kind == "existing":
        console.print("What is deployed to your cluster stays there; before: make down DESTROY=1")
    if not yes:
        if not sys.stdin.isatty():
            _fail("got nobody to ask and no YES=1, wanted either; run: make clean YES=1")
        typer.confirm("Go on?", abort=True)
    with alone(platform.paths, "make clean", console):
        platform.cluster.clean(console.print)
        stand_in.sweep(platform.paths.root / "rehearsal", platform.paths, console.print)
        for path in found:
            clean.remove(path)
    console.print(f"Freed {total / 2**30:.1f} GiB.")


@app.command()
def env(stack: StackName = "dev") -> None:
    """Lines for a shell to evaluate."""
    paths = Paths.from_environment()
    engine = Engine.ready(named(stack, paths), paths)
    typer.echo(exports({**engine.variables, "PULUMI_STACK": stack}), nl=False)


@app.command()
def check() -> None:
    """Format, lint, types and the fast tests."""
    _prove(checks.fast(Paths.from_environment()), "check")


@app.command()
def test() -> None:
    """Everything that proves the code without a cluster."""
    _prove(checks.full(Paths.from_environment()), "test")


@app.command()
def e2e(stack: StackName = "dev") -> None:
    """`up`, then the tests against the running platform."""
    up(stack)
    paths = Paths.from_environment()
    engine = Engine.ready(named(stack, paths), paths)
    _prove([checks.end_to_end(engine.variables)], "e2e")


@app.command()
def bench(stack: StackName = "dev") -> None:
    """Measure, against baselines in the same run."""
    up(stack)
    paths = Paths.from_environment()
    engine = Engine.ready(named(stack, paths), paths)
    (PROJECT / "reports").mkdir(exist_ok=True)
    steps = list(checks.benchmarks(engine.variables))
    Runner(console=console, paths=paths, again="make bench").run(steps, closing=True)
    console.print("Reports are in reports/.")


def _prove(steps: list[Step], command: str) -> None:
    runner = Runner(console=console, paths=Paths.from_environment(), again=f"make {command}")
    runner.run(steps, keep_going=True, closing=True)


def _fail(message: str) -> NoReturn:
    console.print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True)
    raise SystemExit(1)


def main() -> None:
    """Run; what a person can mend is shown as one message, without a traceback."""
    try:
        app()
    except MENDABLE as error:
        _fail(text(error))
