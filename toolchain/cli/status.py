"""`make status`: what runs, how big it is, and whether all is well."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from toolchain.cli.engine import Engine, EngineError
from toolchain.cli.estimate import duration
from toolchain.cli.kubectl import CLUSTER, Workload
from toolchain.cli.up import Platform
from toolchain.cluster import ClusterError, Status

MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The stack as the engine keeps it."""

    resources: int
    last_update: str | None
    in_progress: bool
    result: str | None = "succeeded"
    """How the last update ended; None before the first."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything at one moment, and what is not as it should be."""

    stack: str
    cluster: Status
    deployed: Deployed | None
    workloads: tuple[Workload, ...]
    url: str | None
    faults: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        return not self.faults


def gather(platform: Platform) -> Report:
    """Ask the cluster, the engine and the API server."""
    found: list[str] = []
    status = platform.cluster.status()
    workloads: tuple[Workload, ...] = ()
    if not status.running:
        found.append("the cluster is not running; run: make up")
    else:
        try:
            workloads = tuple(platform.kubectl().workloads())
        except ClusterError as error:
            found.append(str(error))
    deployed = None
    try:
        deployed = _deployed(Engine.ready(platform.stack, platform.paths))
    except EngineError as error:
        found.append(str(error))
    found += faults(status, deployed, workloads)
    return Report(
        stack=platform.stack.name,
        cluster=status,
        deployed=deployed,
        workloads=workloads,
        url=platform.url,
        faults=tuple(found),
    )


def _deployed(engine: Engine) -> Deployed | None:
    found: list[dict[str, Any]] = json.loads(engine.listing())
    for entry in found:
        if entry["name"].rpartition("/")[2] == engine.stack.name:
            return Deployed(
                resources=int(entry.get("resourceCount") or 0),
                last_update=entry.get("lastUpdate"),
                in_progress=bool(entry.get("updateInProgress")),
                result=engine.last_result(),
            )
    return None


def faults(
    status: Status, deployed: Deployed | None, workloads: Sequence[Workload]
) -> Iterable[str]:
    """What is not as it should be, and what to do about it."""
    for component in status.components:
        if component.state not in {"running", "exited"}:
            yield f"{component.name} is {component.state}: make logs COMPONENT={component.name}"
    for node in status.nodes:
        if not node.ready:
            yield f"node {node.name} is not ready: {node.detail}"
    if deployed is None or not deployed.resources:
        yield "nothing is deployed; run: make up"
    elif deployed.result not in {"succeeded", "in-progress"}:
        yield f"the last update of the stack {deployed.result}; run: make up"
    elif status.running and all(workload.component == CLUSTER for workload in workloads):
        yield "the engine's state names resources, and the cluster has no workload; run: make up"
    for workload in workloads:
        if not workload.complete:
            yield (
                f"{workload.component} {workload.name} has {workload.ready} of {workload.wanted} "
                f"pods ready: make logs COMPONENT={workload.name}"
            )


def as_json(report: Report) -> str:
    """For programs."""
    return json.dumps({"ok": report.ok, **asdict(report)}, indent=2, default=str)


def show(report: Report, console: Console) -> None:
    """For people."""
    _show_cluster(report.cluster, console)
    if report.deployed:
        busy = ", an update is in progress" if report.deployed.in_progress else ""
        console.print(
            f"[bold]Stack {report.stack}[/]: {report.deployed.resources} resources, "
            f"last update {report.deployed.last_update or 'never'}{busy}"
        )
    if report.workloads:
        console.print(_workload_table(report.workloads))
    if report.url and report.cluster.running:
        console.print(f"[bold]Gateway[/]: {report.url}")
    for fault in report.faults:
        console.print(f"[red]✗[/] {escape(fault)}", soft_wrap=True)
    if report.ok:
        played = (
            ", as far as a simulated node can tell" if report.cluster.kind == "simulated" else ""
        )
        console.print(f"[green]✓[/] All is well{played}.")


def _show_cluster(status: Status, console: Console) -> None:
    versions = ", ".join(f"{name} {version}" for name, version in status.versions.items())
    state = "running" if status.running else "not running"
    console.print(f"[bold]Cluster[/]: {status.kind}, {state} {versions}")
    if status.components:
        table = Table("component", "state", *_figures("up", "memory", "cpu time"), box=SIMPLE)
        for one in status.components:
            table.add_row(
                one.name,
                one.state,
                duration(one.uptime_seconds) if one.uptime_seconds is not None else "",
                _mib(one.memory_bytes),
                f"{one.cpu_seconds:.1f} s" if one.cpu_seconds is not None else "",
            )
        total = sum(one.memory_bytes or 0 for one in status.components)
        table.add_row("together", "", "", _mib(total), "")
        console.print(table)
    for node in status.nodes:
        ready = "ready" if node.ready else "not ready"
        console.print(f"[bold]Node[/] {node.name}: {ready}, {node.version}, {node.runtime}")
    for note in status.notes:
        console.print(f"  {escape(note)}", soft_wrap=True)


def _workload_table(workloads: Iterable[Workload]) -> Table:
    image = Column("image", no_wrap=True)
    table = Table(
        "workload", "what", "tenant", *_figures("pods", "memory", "cpu"), image, box=SIMPLE
    )
    for one in sorted(workloads, key=lambda each: (each.component, each.name)):
        style = "" if one.complete else "red"
        table.add_row(
            one.name,
            one.component,
            one.tenant or "",
            f"{one.ready}/{one.wanted}",
            _mib(one.memory_bytes) if one.memory_bytes else "",
            f"{one.cpu_millicores:.0f}m" if one.memory_bytes else "",
            short_image(one.image),
            style=style,
        )
    return table


def short_image(reference: str) -> str:
    """`agent-runtime@sha256:1a2b3c4d5e6f`: enough to tell one from another."""
    name, _, digest = reference.partition("@sha256:")
    return f"{name.rpartition('/')[2]}@sha256:{digest[:12]}" if digest else reference


def _figures(*names: str) -> list[Column]:
    return [Column(name, justify="right") for name in names]


def _mib(size: int | None) -> str:
    return "" if size is None else f"{size / MIB:.0f} MiB"
