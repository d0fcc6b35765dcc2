"""Engine: the stack `dev`, as it is committed, before the pack that guards it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.engine.control_plane import ControlPlane
from tests.engine.stack import Document, Project, Update
from tests.policies.analyzer import PACK, ROOT

pytestmark = pytest.mark.engine

STACK = "dev"
DIGEST = "@sha256:" + "ab" * 32
IMAGES = ("agent-runtime", "postgres", "redis", "traefik")
PROGRAM = ("__main__.py", "config.py", "components", "versions.yaml", "Pulumi.yaml", ".venv")


@pytest.fixture
def platform(
    control_plane: ControlPlane, new_project: Callable[..., Project], tmp_path: Path
) -> Project:
    """The platform's program, on a control plane under the name that the stack gives its cluster."""
    settings: Document = yaml.safe_load((ROOT / f"Pulumi.{STACK}.yaml").read_text())
    context = settings["config"]["agent-platform:cluster"]["context"]
    kubeconfig: Document = yaml.safe_load(control_plane.kubeconfig.read_text())
    kubeconfig["contexts"][0]["name"] = kubeconfig["current-context"] = context
    renamed = tmp_path / "kubeconfig"
    renamed.write_text(yaml.safe_dump(kubeconfig))

    project = new_project(renamed)
    for name in PROGRAM:
        (project.folder / name).unlink(missing_ok=True)
        (project.folder / name).symlink_to(ROOT / name)
    settings.pop("encryptionsalt", None)
    (project.folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(settings))
    lock = {"images": {name: f"localhost/{name}{DIGEST}" for name in IMAGES}}
    (project.folder / "images.lock.yaml").write_text(yaml.safe_dump(lock))
    project.check("stack", "init", STACK)
    return project


def preview(platform: Project) -> Update:
    """Preview the stack with the pack, as `make preview` does."""
    environment = PACK / "environments" / f"{STACK}.json"
    options = ("--policy-pack", str(PACK), "--policy-pack-config", str(environment))
    log = platform.folder / "events.jsonl"
    arguments = ("preview", "--stack", STACK, "--event-log", str(log), *options)
    return Update(code=0, output=platform.check(*arguments), log=log)


def test_the_committed_stack_passes_the_pack(platform: Project) -> None:
    update = preview(platform)
    assert len(update.operations) > 50
    said = [event["policyEvent"] for event in update.events if "policyEvent" in event]
    # What a first preview cannot know is noted; there is nothing else to say.
    assert [each for each in said if "can't be known during preview" not in each["message"]] == []
    assert {each["policyName"] for each in said} <= {"forbid-secret-in-config-map"}
