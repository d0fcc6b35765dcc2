"""Secrets of pods on a rehearsed AWS: made, changed and called back as the components set them."""

import json

import pytest

from tests.engine.stack import Project
from tests.moto import Moto
from tests.policies.analyzer import ROOT

pytestmark = pytest.mark.engine

NAME = "agent-platform/prod/research/planner"
PROGRAM = """
from components.secrets.secrets_manager import RECOVERY_DAYS, protection
from rehearsal import aws, provider

here = pulumi.ResourceOptions(provider=provider)
key = aws.kms.Key("key", deletion_window_in_days=7, opts=here)
secret = aws.secretsmanager.Secret(
    "planner",
    name="{name}",
    description="Mounted by pods of research",
    kms_key_id=key.arn,
    recovery_window_in_days=RECOVERY_DAYS if {protect} else 0,
    opts=here,
)
policy = aws.secretsmanager.SecretPolicy(
    "planner-policy",
    secret_arn=secret.arn,
    policy=pulumi.Output.json_dumps(protection(["arn:aws:iam::123456789012:role/reader"])),
    block_public_policy=True,
    opts=here,
)
version = aws.secretsmanager.SecretVersion(
    "planner-version",
    secret_id=secret.id,
    secret_string=pulumi.Output.secret(pulumi.Output.json_dumps({{"key": "{value}"}})),
    opts=pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=[policy])),
)
pulumi.export("version", version.version_id)
"""


def write(project: Project, value: str, *, protect: bool = False) -> None:
    link = project.folder / "components"
    if not link.exists():
        link.symlink_to(ROOT / "components")
    project.program(PROGRAM.format(name=NAME, value=value, protect=protect))


def test_a_new_value_is_a_new_version_and_the_state_tells_none(project: Project, aws: Moto) -> None:
    manager = aws.client("secretsmanager")
    write(project, "the-first-value")
    project.deployed()
    first = project.outputs()["version"]
    assert set(project.preview().operations.values()) == {"same"}
    assert "the-first-value" not in json.dumps(project.state)

    write(project, "the-second-value")
    update = project.deployed()
    assert ("create-replacement", "planner-version") in update.steps
    assert "the-second-value" not in update.output
    second = project.outputs()["version"]
    assert second != first
    current = manager.get_secret_value(SecretId=NAME)
    assert (current["VersionId"], json.loads(current["SecretString"])) == (
        second,
        {"key": "the-second-value"},
    )
    previous = manager.get_secret_value(SecretId=NAME, VersionId=first)
    assert previous["VersionStages"] == ["AWSPREVIOUS"]
    project.run("refresh", "--yes", "--skip-preview")
    assert set(project.preview().operations.values()) == {"same"}
    project.destroy()
    assert manager.list_secrets(IncludePlannedDeletion=True)["SecretList"] == []


def test_a_protected_secret_can_be_called_back_and_keeps_its_name_until_then(
    project: Project, aws: Moto
) -> None:
    manager = aws.client("secretsmanager")
    write(project, "a-value", protect=True)
    project.deployed()
    project.destroy()
    (waiting,) = manager.list_secrets(IncludePlannedDeletion=True)["SecretList"]
    assert waiting["DeletedDate"]
    refused = project.up()
    assert refused.code != 0
    assert "a secret with this name is already scheduled for deletion" in refused.output
    manager.restore_secret(SecretId=NAME)
    assert json.loads(manager.get_secret_value(SecretId=NAME)["SecretString"]) == {"key": "a-value"}
