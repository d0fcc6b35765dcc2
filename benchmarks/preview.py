"""How long `pulumi preview` of the dev stack with its policies takes, beside an empty program.

Both run in turn, so that whatever else the machine does meets both. Reported are medians; their ratio
tells what the program costs, whatever the machine.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.report import Figure, Report
from benchmarks.subject import Subject
from toolchain.cli.engine import policy_options
from toolchain.paths import PROJECT

ROUNDS = 7
BUDGET = 8.0
"""Seconds for the dev stack, on two cores."""


def empty(folder: Path) -> Subject:
    """A project without a resource, on the same interpreter, with a backend that ends with it."""
    options = {"virtualenv": str(PROJECT / ".venv")}
    project = {"name": "empty", "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / "__main__.py").write_text("import pulumi\n")
    state = folder / "state"
    state.mkdir()
    subject = Subject(folder, "empty", variables={"PULUMI_BACKEND_URL": state.as_uri()})
    subject.pulumi("stack", "init", "empty", "--no-select")
    return subject


def main() -> int:
    """Measure in turn and report; 1 when the budget is not kept."""
    platform = Subject(PROJECT, "dev", tuple(policy_options("dev", PROJECT)))
    with tempfile.TemporaryDirectory() as name:
        baseline = empty(Path(name))
        # The first of each fills caches of the system: not what a person meets all day.
        platform.preview()
        baseline.preview()
        rounds = [(platform.preview(), baseline.preview()) for _ in range(ROUNDS)]
    ours = statistics.median(one for one, _ in rounds)
    bare = statistics.median(other for _, other in rounds)
    report = Report(
        name="preview",
        title="Preview of the dev stack",
        method=f"Medians of {ROUNDS} previews each, in turn, after one that is not counted.",
        figures=(
            Figure(what="dev stack with policies", value=ours, unit="s", budget=BUDGET),
            Figure(what="dev stack, slowest", value=max(one for one, _ in rounds), unit="s"),
            Figure(what="empty program", value=bare, unit="s"),
            Figure(what="ratio", value=ours / bare, unit="x"),
        ),
    )
    report.write()
    print(f"dev stack {ours:.2f} s, empty program {bare:.2f} s, ratio {ours / bare:.1f}")
    return 0 if report.kept else 1


if __name__ == "__main__":
    sys.exit(main())
