"""The acts of a rehearsal: deploy, find nothing to change, change something, remove everything."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.catalogue import PROTECTION
from policies.cost import Estimate, estimate, resources_of
from toolchain.cli.engine import POLICIES, Engine, policy_options
from toolchain.cli.events import Tally
from toolchain.cluster.model import Progress
from toolchain.faults import MendableError
from toolchain.paths import Paths
from toolchain.providers.aws.aws import Aws
from toolchain.providers.aws.configuration import Configuration
from toolchain.rehearsal import aws, stand_in, workspace
from toolchain.rehearsal.leftovers import Inventory, inventory, left
from toolchain.rehearsal.offline import own_engine
from toolchain.rehearsal.prerequisites import provide
from toolchain.rehearsal.resources import Resource, parse
from toolchain.rehearsal.workspace import Settings

HELM = "AGENT_PLATFORM_HELM"
IRREPLACEABLE = frozenset(
    {"Cluster", "Instance", "Key", "LoadBalancer", "ReplicationGroup", "Repository", "Vault", "Vpc"}
)
"""Kinds of resources that no update of these may replace."""


class RehearsalError(MendableError):
    """Production would have failed; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """One operation of the engine."""

    title: str
    seconds: float
    summary: str
    findings: tuple[str, ...]
    """What the policies and the providers warn of."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a rehearsal has shown."""

    stack: str
    acts: tuple[Act, ...]
    resources: tuple[Resource, ...]
    """As they were when all was deployed."""
    estimate: Estimate
    """What they cost by the month."""
    cleared: Mapping[str, int]
    """Each kind that AWS was asked for → how many of it came with the deployment. None was left."""


def perform(settings: Settings, paths: Paths, progress: Progress, folder: Path) -> Rehearsal:
    """Rehearse a stack from nothing to nothing. Raises a `MendableError` where production would fail.

    `folder` is the rehearsal's own: what a killed one has left there is ended and removed.
    """
    stand_in.sweep(folder, paths, progress)
    shutil.rmtree(folder, ignore_errors=True)
    workspace.make(folder / "project")
    try:
        with (
            aws.running(folder, settings.account) as simulated,
            stand_in.running(folder, settings.clusters, paths, progress) as clusters,
        ):
            progress(f"simulated AWS at {simulated.endpoint}, account {settings.account}")
            stage = _Stage(settings, folder / "project", simulated.endpoint, progress)
            engine = stage.engine(paths, clusters)
            return _perform(stage, engine)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Stage:
    settings: Settings
    project: Path
    endpoint: str
    progress: Progress

    def engine(self, paths: Paths, clusters: stand_in.StandIns) -> Engine:
        more = {**aws.CREDENTIALS, **clusters.variables, HELM: "record"}
        return own_engine(self.project, self.settings.stack, paths, more, clusters.programs)

    def configure(self, values: workspace.Document) -> None:
        workspace.configure(self.project, self.settings.stack, values)

    @property
    def simulated(self) -> Aws:
        settings = self.settings
        return Aws(
            Configuration(region=settings.region, endpoint=self.endpoint, account=settings.account)
        )

    def inventory(self) -> Inventory:
        return inventory(self.simulated, self.settings.region)

    def act(self, title: str, operation: Callable[[], Tally]) -> Act:
        self.progress(f"{title} …")
        began = time.monotonic()
        tally = operation()
        done = Act(
            title=title,
            seconds=time.monotonic() - began,
            summary=tally.summary(),
            findings=tuple(dict.fromkeys(tally.warnings)),
        )
        self.progress(f"{title}: {done.summary} in {done.seconds:.0f} s")
        return done


def _perform(stage: _Stage, engine: Engine) -> Rehearsal:
    say = stage.progress
    policies = policy_options(stage.settings.stack, stage.project)
    values = provide(
        stage.settings.rehearsed(stage.endpoint), stage.simulated, stage.settings.region
    )
    before = stage.inventory()
    stage.configure(values)
    engine.query("stack", "init", "--no-select")
    forced = ("--yes", "--skip-preview")

    acts = [
        stage.act("preview", lambda: engine.change("preview", say, *policies)),
        stage.act("up", lambda: engine.change("up", say, *forced, *policies)),
    ]
    export: dict[str, Any] = json.loads(engine.query("stack", "export"))
    standing = stage.inventory()
    acts.append(stage.act("refresh", lambda: _as_it_was(engine, say)))
    acts.append(stage.act("preview again", lambda: _unchanged(engine, say, policies)))
    rotated = workspace.rotated(values)
    stage.configure(rotated)
    acts.append(stage.act("rotation", lambda: kept(engine.change("up", say, *forced, *policies))))
    stage.configure(workspace.unprotected(rotated))
    lenient = _lenient(stage)
    acts.append(
        stage.act("protection off", lambda: kept(engine.change("up", say, *forced, *lenient)))
    )
    acts.append(stage.act("destroy", lambda: engine.destroy(say)))
    return Rehearsal(
        stack=stage.settings.stack,
        acts=tuple(acts),
        resources=parse(export),
        estimate=estimate(resources_of(export)),
        cleared=cleared(before, standing, stage.inventory()),
    )


def _lenient(stage: _Stage) -> list[str]:
    """Options of the policies for an update that takes protection off: the rules that ask for it warn."""
    levels: dict[str, Any] = json.loads(
        (stage.project / POLICIES / "environments" / f"{stage.settings.stack}.json").read_text()
    )
    levels |= dict.fromkeys(PROTECTION, "advisory")
    file = stage.project / "unprotected.json"
    file.write_text(json.dumps(levels))
    return ["--policy-pack", POLICIES, "--policy-pack-config", str(file)]


def _as_it_was(engine: Engine, say: Progress) -> Tally:
    """AWS and the clusters are asked for everything; each answer has to be what was asked for."""
    tally = engine.change("refresh", say, "--yes", "--skip-preview")
    # The stack's own exports have come about since they were looked up.
    changed = [each for each in tally.touched if " StackReference " not in each]
    if changed:
        raise RehearsalError(
            f"got {tally.summary()} from a refresh right after the deployment, wanted no change: "
            f"what was given is read back as something else. It would {', '.join(changed)}"
        )
    return tally


def kept(tally: Tally) -> Tally:
    """An update that replaced nothing that has data in it, or an address that others know."""
    lost = [
        each
        for each in tally.touched
        if each.startswith("replace ") and each.split()[1] in IRREPLACEABLE
    ]
    if lost:
        raise RehearsalError(
            f"got an update that would {', '.join(lost)}, wanted these to stay: their data, or the "
            "address that others know, would be lost"
        )
    return tally


def cleared(before: Inventory, standing: Inventory, after: Inventory) -> dict[str, int]:
    """How many of each kind were `standing` and not there `before`, if none of any kind is left `after`.

    A kind of which none came says so with 0: of that, the look at the end proves nothing.
    """
    remaining = left(before, after)
    if remaining:
        listed = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in remaining.items())
        raise RehearsalError(
            f"got {listed} left in the account after destroy, wanted nothing: the program made it "
            "outside the engine's sight, or a provider does not remove it"
        )
    came = left(before, standing)
    return {kind: len(came.get(kind, ())) for kind in standing}


def _unchanged(engine: Engine, say: Progress, policies: list[str]) -> Tally:
    tally = engine.change("preview", say, *policies)
    if tally.changed or tally.exports_changed:
        raise RehearsalError(
            f"got {tally.summary()} from a second preview, wanted no change: an input differs from "
            "run to run, or a provider reads back something else than it was given. It would "
            f"{', '.join(tally.touched) or 'change what the stack exports'}"
        )
    return tally
