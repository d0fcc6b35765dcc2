"""Changes to the repository's program as pull requests make them, for previews of the real engine."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.scale import enlarged
from toolchain.paths import PROJECT
from toolchain.previews import sources
from toolchain.rehearsal import workspace

Change = Callable[[Path], None]
AGENTS: Final = 500


def tree(folder: Path, change: Change) -> Path:
    """The program as it is here, with a change, in a folder of its own."""
    workspace.copy(folder, PROJECT)
    for settings in PROJECT.glob("Pulumi.*.yaml"):
        shutil.copyfile(settings, folder / settings.name)
    for name in sources.PATHS:
        ignored = shutil.ignore_patterns("__pycache__", ".venv", "tests", ".*_cache")
        shutil.copytree(PROJECT / name, folder / name, ignore=ignored)
    change(folder)
    return folder


def nothing(_: Path) -> None:
    """No change at all."""


def another_runtime(folder: Path) -> None:
    """Code of the agent runtime changes, and with it the image of every agent."""
    file = folder / "app" / "src" / "agent_runtime" / "features.py"
    file.write_text(file.read_text() + "\n# A later version.\n")


def another_master(folder: Path) -> None:
    """The database's first user is renamed, which RDS cannot do in place; nothing protects it any more."""
    _replaced(
        folder / "components/stores/rds.py", 'MASTER: Final = "postgres"', 'MASTER: Final = "owner"'
    )
    _replaced(folder / "Pulumi.prod.yaml", "protect: true", "protect: false")


def writable_containers(folder: Path) -> None:
    """Containers may write to their own file system, which a policy forbids."""
    file = folder / "components" / "hardening.py"
    _replaced(file, "read_only_root_filesystem=True", "read_only_root_filesystem=False")


def no_agent(folder: Path) -> None:
    """The only agent goes."""
    for settings in folder.glob("Pulumi.*.yaml"):
        values = workspace.read_values(settings)
        stack = settings.name.split(".")[1]
        workspace.configure(folder, stack, {**values, "agent-platform:agents": []})


def many_agents(folder: Path) -> None:
    """Production with 500 agents, ten to a tenant."""
    values = workspace.read_values(folder / "Pulumi.prod.yaml")
    workspace.configure(folder, "prod", enlarged(values, AGENTS))


CHANGES: Final[Mapping[str, Change]] = {
    "nothing": nothing,
    "another-runtime": another_runtime,
    "replaced-database": another_master,
    "broken-policy": writable_containers,
    "no-agent": no_agent,
}
"""Each against the program as it is in the repository."""


def _replaced(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    if before not in text:
        raise ValueError(
            f"got no {before!r} in {file.name}, wanted it there: correct benchmarks/changes.py"
        )
    file.write_text(text.replace(before, after))
