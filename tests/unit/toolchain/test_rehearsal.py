"""Unit: what makes a rehearsal fail, and what it makes of a stack's settings."""

from pathlib import Path

import pytest
import yaml

from policies.cost import estimate
from toolchain.cli.events import Tally
from toolchain.cli.rehearsed import Report
from toolchain.rehearsal.leftovers import left
from toolchain.rehearsal.rehearsal import IRREPLACEABLE, Rehearsal, RehearsalError, cleared, kept
from toolchain.rehearsal.report import write
from toolchain.rehearsal.resources import by_component, by_type, parse
from toolchain.rehearsal.workspace import (
    CLUSTER,
    CREDENTIALS,
    PLACEHOLDER,
    NotRehearsableError,
    Settings,
    make,
    rotated,
    unprotected,
)

STACK = "urn:pulumi:prod::agent-platform"


def test_what_was_there_before_is_not_left_over() -> None:
    before = {"VPC": ("vpc-default",), "role": ()}
    after = {"VPC": ("vpc-default", "vpc-1"), "role": (), "key": ("k-1",)}
    assert left(before, after) == {"VPC": ("vpc-1",), "key": ("k-1",)}
    assert left(before, before) == {}


def test_an_account_is_cleared_when_all_that_came_has_gone() -> None:
    before = {"VPC": ("vpc-default",), "role": (), "key": ()}
    standing = {"VPC": ("vpc-1", "vpc-default"), "role": ("a", "b"), "key": ()}
    assert cleared(before, standing, before) == {"VPC": 1, "role": 2, "key": 0}
    with pytest.raises(RehearsalError, match="got role: b left in the account"):
        cleared(before, standing, {**before, "role": ("b",)})


def test_what_nobody_saw_come_is_left_over_all_the_same() -> None:
    with pytest.raises(RehearsalError, match="volume: vol-1"):
        cleared({}, {"volume": ()}, {"volume": ("vol-1",)})


def test_the_report_says_what_was_looked_at(tmp_path: Path) -> None:
    done = Rehearsal(
        stack="prod",
        acts=(),
        resources=(),
        estimate=estimate(()),
        cleared={"VPC": 1, "role": 12, "volume": 0},
    )
    told = write(done, tmp_path).read_text()
    assert (
        "13 things of 2 kinds had come with the stack, and were gone again: 1 VPC, 12 role." in told
    )
    assert "nothing is proved of them: volume." in told
    shown = Report.model_validate_json((tmp_path / "rehearsal.json").read_text())
    assert shown.cleared == done.cleared


@pytest.mark.parametrize("kind", sorted(IRREPLACEABLE))
def test_an_update_that_would_lose_data_fails(kind: str) -> None:
    with pytest.raises(RehearsalError, match=f"replace {kind} postgres"):
        kept(Tally(touched=["update Role reader", f"replace {kind} postgres"]))


def test_an_update_may_replace_what_is_named_after_its_content() -> None:
    tally = Tally(touched=["replace RandomPassword login", "replace Job provision"])
    assert kept(tally) is tally


def test_a_stack_on_another_cluster_is_not_rehearsed() -> None:
    with pytest.raises(NotRehearsableError, match="make up"):
        Settings.read("dev")


def test_secrets_of_the_team_are_replaced_by_placeholders() -> None:
    values = {"agent-platform:model_key": {"secure": "v1:abc"}, CLUSTER: {"kind": "eks"}}
    settings = Settings(stack="prod", values=values)
    assert settings.plain["agent-platform:model_key"] == PLACEHOLDER
    assert settings.rehearsed("http://127.0.0.1:1")[CLUSTER]["endpoint"] == "http://127.0.0.1:1"
    assert values[CLUSTER] == {"kind": "eks"}


def test_each_tenant_with_a_cluster_of_its_own_gets_a_stand_in() -> None:
    tenants = [{"name": "a"}, {"name": "b", "isolation": "physical"}]
    values = {CLUSTER: {"kind": "eks", "name": "agents"}, "agent-platform:tenants": tenants}
    assert Settings(stack="prod", values=values).clusters == ("agents", "agents-b")


def test_the_changes_of_a_rehearsal_are_one_each() -> None:
    values = {CREDENTIALS: {"rotation_days": 90}, CLUSTER: {"protect": True}}
    assert rotated(values)[CREDENTIALS] == {"rotation_days": 90, "generation": 1}
    assert rotated(values)[CLUSTER] == values[CLUSTER]
    assert unprotected(values)[CLUSTER] == {"protect": False}
    assert unprotected(values)[CREDENTIALS] == values[CREDENTIALS]


def test_a_rehearsal_needs_no_image_to_be_built(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("Pulumi.yaml", "__main__.py", "config.py", "versions.yaml"):
        (project / name).write_text("")
    for name in ("components", "policies", ".venv"):
        (project / name).mkdir()
    make(tmp_path / "stage", project)
    lock = yaml.safe_load((tmp_path / "stage" / "images.lock.yaml").read_text())
    assert all("@sha256:" in reference for reference in lock["images"].values())
    assert {"agent-runtime", "postgres", "traefik"} <= lock["images"].keys()


def test_resources_are_counted_by_the_component_they_belong_to() -> None:
    key = f"{STACK}::agents:secrets:Key::a::key"
    listed = [
        {"urn": f"{STACK}::pulumi:pulumi:Stack::prod", "type": "pulumi:pulumi:Stack"},
        {"urn": key, "type": "agents:secrets:Key", "parent": f"{STACK}::pulumi:pulumi:Stack::prod"},
        {
            "urn": f"{STACK}::agents:secrets:Key$aws:kms/key:Key::a::key-key",
            "type": "aws:kms/key:Key",
            "parent": key,
            "custom": True,
        },
        {
            "urn": f"{STACK}::random:index/randomId:RandomId::id",
            "type": "random:index/randomId:RandomId",
            "parent": f"{STACK}::pulumi:pulumi:Stack::prod",
            "custom": True,
        },
    ]
    found = parse({"deployment": {"resources": listed}})
    assert by_type(found).total() == 2
    assert [each.name for each in by_component(found)["Key a::key"]] == ["a::key-key"]
    assert [each.name for each in by_component(found)["stack"]] == ["id"]
