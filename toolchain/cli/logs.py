"""`make logs`: of agents, of the platform's other workloads, and of the cluster's own programs."""

import subprocess
from collections.abc import Sequence

from toolchain.cli.kubectl import COMPONENT, NAME, Kubectl, Workload
from toolchain.cli.up import Platform
from toolchain.cluster import ClusterError
from toolchain.commands import OnLine

LINES = 100
AGENT = "agent"


def show(
    platform: Platform, agent: str | None, component: str | None, *, follow: bool, say: OnLine
) -> None:
    """The last lines of what is named, of all agents when nothing is; with `follow`, and on."""
    workloads: list[Workload] = []
    if platform.cluster.kind == "simulated":
        # Played pods say nothing; the local processes do, under the same names.
        component = component or AGENT
    elif platform.cluster.status().running:
        workloads = platform.kubectl().workloads()
    chosen = choose(workloads, agent, component)
    if chosen:
        kubectl = platform.kubectl()
        _stream([_command(kubectl, one, follow=follow) for one in chosen])
    elif component is None:
        raise ClusterError("got no running agent, wanted one; run: make up")
    elif follow and (file := platform.paths.cluster / "logs" / f"{component}.log").exists():
        _stream([["tail", f"--lines={LINES}", "--follow=name", str(file)]])
    else:
        say(platform.cluster.logs(component, LINES))


def choose(
    workloads: Sequence[Workload], agent: str | None, component: str | None
) -> list[Workload]:
    """The workloads meant; none where `component` is a program of the cluster itself."""
    agents = [one for one in workloads if one.component == AGENT]
    if component is not None:
        return [one for one in workloads if component in {one.name, one.component}]
    if agent is None:
        return agents
    chosen = [one for one in agents if one.name == agent]
    if not chosen:
        names = ", ".join(one.name for one in agents) or "none: nothing runs, see make status"
        raise ClusterError(f"got AGENT={agent}, wanted one of the running agents: {names}")
    return chosen


def _command(kubectl: Kubectl, workload: Workload, *, follow: bool) -> list[str]:
    labels = f"{NAME}={workload.name},{COMPONENT}={workload.component}"
    return kubectl.command(
        f"--namespace={workload.namespace}",
        *("logs", f"--selector={labels}", f"--tail={LINES}", "--prefix", "--all-containers"),
        "--max-log-requests=50",
        *(["--follow"] if follow else []),
    )


def _stream(commands: Sequence[Sequence[str]]) -> None:
    """Side by side, to our own output, until they end or somebody has seen enough."""
    processes = [subprocess.Popen(command, stdin=subprocess.DEVNULL) for command in commands]
    try:
        codes = [process.wait() for process in processes]
    except KeyboardInterrupt:
        # They got the same Ctrl-C.
        for process in processes:
            process.wait()
        return
    if any(codes):
        raise ClusterError(f"kubectl ended with {max(codes)}, wanted 0: its message is above")
