"""The resource graphs of dev and prod side by side, by what each component consists of.

Both are previewed with the same program. What a component has in one stack and not in the other is a
difference that somebody should be able to explain; the table shows all of them.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.report import FOLDER
from benchmarks.scale import STACK as PROD
from benchmarks.scale import subject
from benchmarks.subject import Subject
from policies.urn import Urn
from toolchain.engine.settings import without_salt
from toolchain.paths import PROJECT
from toolchain.rehearsal import workspace

DEV = "dev"
Graph = Mapping[tuple[str, str], int]
"""Number of resources by (type of component, kind of resource)."""


def graph(preview: str) -> Graph:
    """The graph in what `pulumi preview --json` prints."""
    states = [step["newState"] for step in json.loads(preview)["steps"] if "newState" in step]
    found: Counter[tuple[str, str]] = Counter()
    for state in states:
        if state.get("custom") and not state["type"].startswith("pulumi:"):
            one, above = Urn.parse(state["urn"]), Urn.parse(str(state.get("parent", "")))
            found[above.kind or "Stack", f"{one.package} {one.kind}"] += 1
    return found


def local(folder: Path) -> Subject:
    """The stack `dev` as if nothing of it were there, before the cluster that it is deployed to."""
    workspace.make(folder)
    file = f"Pulumi.{DEV}.yaml"
    (folder / file).write_text(without_salt((PROJECT / file).read_text()))
    variables = {**workspace.environment(folder), "KUBECONFIG": os.environ["KUBECONFIG"]}
    made = Subject(folder, DEV, variables=variables)
    made.pulumi("stack", "init", DEV, "--no-select")
    return made


def rows(dev: Graph, prod: Graph) -> Iterator[str]:
    """A line for each kind of resource in each kind of component."""
    shared = {component for component, _ in dev} & {component for component, _ in prod}
    for component, kind in sorted({*dev, *prod}):
        here, there = dev.get((component, kind), 0), prod.get((component, kind), 0)
        differs = component in shared and not (here and there)
        yield f"| {component} | {kind} | {here or ''} | {there or ''} | {'≠' if differs else ''} |"


def main() -> int:
    """Preview both and report."""
    with tempfile.TemporaryDirectory() as name:
        dev = graph(local(Path(name) / DEV).pulumi("preview", "--stack", DEV, "--json"))
        prod = graph(subject(Path(name) / PROD, 1).pulumi("preview", "--stack", PROD, "--json"))
    lines = [
        "# Resource graphs of dev and prod",
        "",
        "One program, previewed with the values of both stacks. ≠ marks what a component has in one stack "
        "only; components that only one stack has are those that its providers bring.",
        "",
        "| component | resource | dev | prod | |",
        "|---|---|---:|---:|---|",
        *rows(dev, prod),
    ]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "parity.md").write_text("\n".join(lines) + "\n")
    print(f"dev {sum(dev.values())} resources, prod {sum(prod.values())}: reports/parity.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
