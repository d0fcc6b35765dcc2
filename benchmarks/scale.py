"""How the preview of a production stack grows with the number of its agents.

The stack is that of the repository with more agents and tenants for them, previewed offline with the
policies. Each size is previewed in turn, so that whatever else the machine does meets all of them.
"""

import itertools
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, Report
from benchmarks.subject import Subject
from toolchain.cli.engine import policy_options
from toolchain.rehearsal import workspace
from toolchain.rehearsal.workspace import TENANTS, Settings

AGENTS = "agent-platform:agents"
STACK = "prod"
SIZES = (1, 10, 50, 200)
AGENTS_PER_TENANT = 10
ROUNDS = 3
BUDGET = 15.0
"""Seconds for the stack as it is in the repository, on two cores."""
PACK_BUDGET = 2.0
"""Seconds that the policies may add to it."""


def enlarged(values: workspace.Document, agents: int) -> workspace.Document:
    """The stack with so many agents, ten to a tenant, each like the first with a path of its own."""
    (tenant, *_), (agent, *_) = values[TENANTS], values[AGENTS]
    tenants = [f"team-{number}" for number in range(-(-agents // AGENTS_PER_TENANT))]
    quota: dict[str, Any] = {**tenant["quota"], "cpu": "40", "memory": "64Gi"}
    return {
        **values,
        TENANTS: [{**tenant, "name": name, "quota": quota} for name in tenants],
        AGENTS: [
            {
                **agent,
                "name": f"agent-{number}",
                "tenant": tenants[number // AGENTS_PER_TENANT],
                "routes": [{"path": f"/agents/{number}"}],
            }
            for number in range(agents)
        ],
    }


def subject(folder: Path, agents: int, *, policies: bool = True) -> Subject:
    """The program with so many agents, under a state of its own."""
    workspace.make(folder)
    values = Settings.read(STACK).plain
    workspace.configure(folder, STACK, values if agents == 1 else enlarged(values, agents))
    flags = tuple(policy_options(STACK, folder)) if policies else ()
    made = Subject(folder, STACK, flags, workspace.environment(folder))
    made.pulumi("stack", "init", STACK, "--no-select")
    return made


def main() -> int:
    """Measure in turn and report; 1 when the budget is not kept."""
    with tempfile.TemporaryDirectory() as name:
        subjects = {size: subject(Path(name) / str(size), size) for size in SIZES}
        bare = subject(Path(name) / "bare", 1, policies=False)
        subjects[1].preview()
        rounds = [{size: each.preview() for size, each in subjects.items()} for _ in range(ROUNDS)]
        without = statistics.median(bare.preview() for _ in range(ROUNDS))
    seconds = {size: statistics.median(one[size] for one in rounds) for size in SIZES}
    steps = list(itertools.pairwise(SIZES))
    report = Report(
        name="scale",
        title="Preview of the production stack by its number of agents",
        method=f"Medians of {ROUNDS} previews each, in turn, offline, with the policies.",
        figures=(
            Figure(what="the stack as it is", value=seconds[1], unit="s", budget=BUDGET),
            Figure(
                what="of that, the policies",
                value=seconds[1] - without,
                unit="s",
                budget=PACK_BUDGET,
            ),
            *(Figure(what=f"{size} agents", value=seconds[size], unit="s") for size in SIZES[1:]),
            *(
                Figure(
                    what=f"each agent more, from {less} to {more}",
                    value=1000 * (seconds[more] - seconds[less]) / (more - less),
                    unit="ms",
                )
                for less, more in steps
            ),
        ),
    )
    report.write()
    print(", ".join(f"{size} agents {seconds[size]:.1f} s" for size in SIZES))
    return 0 if report.kept else 1


if __name__ == "__main__":
    sys.exit(main())
