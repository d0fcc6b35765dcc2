"""`make up`, `make preview` and `make down`: run a recipe, then say what came of it."""

from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from toolchain.cli import clusters, recipes, sample, stack
from toolchain.cli.display import last_line
from toolchain.cli.estimate import duration
from toolchain.cli.kubectl import Kubectl
from toolchain.cli.runner import Run, Runner
from toolchain.cli.steps import Result, State, Step
from toolchain.cluster import Cluster
from toolchain.cluster.layout import Layout
from toolchain.cluster.network import require_free_port
from toolchain.cluster.settings import API_PORT, CONTEXT, EDGE_PORT, Settings
from toolchain.engine.cli import find_pulumi
from toolchain.paths import Paths

LOOKING = frozenset({"cluster", "load", "local-agent", "deploy", "answer"})
"""Steps that find out for themselves whether there is something to do."""


class Platform:
    """One stack on this machine, with everything that carries it."""

    def __init__(self, name: str, paths: Paths, console: Console) -> None:
        """Find out what there is. Raises `StackError` for a stack that is not there."""
        self.paths = paths
        self.console = console
        self.stack = stack.named(name, paths)
        self.cluster = clusters.of(self.stack, paths, self._note)
        self.settings = Settings.from_environment()
        self.official = find_pulumi(paths).official

    def _note(self, line: str) -> None:
        self.console.print(line, style="yellow", soft_wrap=True)

    def kubectl(self) -> Kubectl:
        """kubectl for the stack's own context."""
        return Kubectl.of(self.cluster, self.paths, stack.context(self.stack) or CONTEXT)

    @property
    def url(self) -> str | None:
        """Where the gateway answers on this machine; None where it does not."""
        return edge(self.cluster, self.settings)

    @property
    def _answer(self) -> Path:
        return self.paths.logs / "answer.json"

    def steps(self) -> list[Step]:
        """From nothing to an answering agent."""
        return recipes.deployment(
            self.cluster,
            self.stack.name,
            self.paths,
            official=self.official,
            url=self.url,
            answer=self._answer,
        )

    def up(self) -> None:
        """From nothing, or from wherever the last run stopped."""
        self._require_ports()
        self._answer.unlink(missing_ok=True)
        run = self._run("up", self.steps())
        if self._answer.exists():
            self._show_answer()
        self._show_result(run)

    def ready(self) -> None:
        """Everything but the deployment, so that one can be previewed."""
        self._require_ports()
        self._run("preview", [s for s in self.steps() if s.name not in LOOKING - {"cluster"}])

    def down(self, *, destroy: bool) -> None:
        """Stop the cluster; with `destroy`, the stack's resources are removed first."""
        run = self._run("down", recipes.teardown(self.stack.name, destroy=destroy))
        kept = "" if destroy else "; its data stays, `make up` goes on with it"
        self.console.print(f"Stopped in {duration(run.seconds)}{kept}.", soft_wrap=True)

    def _run(self, command: str, steps: Sequence[Step]) -> Run:
        again = f"make {command}" + (
            "" if self.stack.name == "dev" else f" STACK={self.stack.name}"
        )
        return Runner(console=self.console, paths=self.paths, again=again).run(steps)

    def _require_ports(self) -> None:
        # Asked at once: it would be a pity to learn of it when all has been built. With a node of
        # ours there, whole or half started, the ports are its own, and the cluster will see to it.
        node = Layout(self.paths.cluster, self.paths.bin).node_record
        if self.cluster.kind == "embedded" and not node.exists():
            require_free_port(self.settings.api_port, API_PORT)
            require_free_port(self.settings.edge_port, EDGE_PORT)

    def _show_answer(self) -> None:
        where = f"POST {self.url or ''}{sample.PATH}"
        self.console.print(f"\n[bold]{where}[/] with {sample.DOCUMENT.name}:\n", soft_wrap=True)
        self.console.print(sample.shown(sample.read(self._answer.read_text())))

    def _show_result(self, run: Run) -> None:
        done = [result for result in run.results if result.state is State.DONE]
        self.console.print()
        if any(result.step.name not in LOOKING for result in done):
            self.console.print("[bold]How long each part took[/] (they ran side by side)")
            self.console.print(times(done))
        deployed = last_line(self.paths.logs / "deploy.log")
        self.console.print(f"[bold green]Ready[/] after {duration(run.seconds)}: {deployed}")
        if self.cluster.kind == "simulated":
            self._note(
                "SIMULATED node: a local process answers on that port, no pod and no gateway."
            )
        if self.url:
            self.console.print(
                f"  agents    {self.url}/api/v1\n"
                f"  try       curl -s {self.url}{sample.PATH} -H 'content-type: application/json' "
                """-d '{"document": "…"}'\n"""
                """  more      make status, make logs, eval "$(make env)" for pulumi and kubectl""",
                soft_wrap=True,
            )
        else:
            self.console.print(
                "  agents    behind the gateway of your cluster: its Service `traefik`"
            )


def edge(cluster: Cluster, settings: Settings) -> str | None:
    """Where agents answer on this machine's loopback; None for a cluster that leads no port here."""
    if cluster.kind in {"embedded", "kind", "simulated"}:
        return f"http://127.0.0.1:{settings.edge_port}"
    return None


def times(results: Sequence[Result]) -> Table:
    """How long each part took; parts ran side by side, so the sum is more than the whole."""
    table = Table("part", Column("time", justify="right"), box=SIMPLE)
    for result in results:
        table.add_row(result.step.title, duration(result.seconds))
    return table
