"""Engine: production from nothing to nothing, with tenants of every isolation, on a simulated AWS."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from toolchain import builds
from toolchain.paths import Paths
from toolchain.rehearsal.rehearsal import Rehearsal, perform
from toolchain.rehearsal.resources import Resource, by_type
from toolchain.rehearsal.workspace import CLUSTER, TENANTS, Settings

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

AGENTS = "agent-platform:agents"
NODES = {
    "architecture": "arm64",
    "instance_types": ["m7g.xlarge"],
    "min": 2,
    "max": 4,
    "disk_gib": 50,
}
PERMISSION = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::documents/*"]}
S3 = "s3.eu-central-1.amazonaws.com"


def enlarged(settings: Settings) -> Settings:
    """Production with a tenant on nodes of its own, another on a cluster of its own, and their agents."""
    (tenant,), (agent,) = settings.values[TENANTS], settings.values[AGENTS]

    def own(name: str, isolation: str) -> dict[str, Any]:
        return {
            **tenant,
            "name": name,
            "isolation": isolation,
            "nodes": [{**NODES, "name": f"{name}-nodes"}],
            "domains": [f"{name}.example.com"] if isolation == "physical" else [],
        }

    def another(name: str, owner: str, **more: object) -> dict[str, Any]:
        return {**agent, "name": name, "tenant": owner, "routes": [{"path": f"/{name}"}], **more}

    return replace(
        settings,
        values={
            **settings.values,
            # What production is not set to: the other ways are to work as well.
            CLUSTER: {
                **settings.values[CLUSTER],
                "identity": "irsa",
                "network": {**settings.values[CLUSTER]["network"], "nat": "single"},
            },
            TENANTS: [tenant, own("finance", "dedicated"), own("legal", "physical")],
            AGENTS: [
                {**agent, "permissions": [PERMISSION], "egress": [S3]},
                another("planner", "finance"),
                another("reader", "legal"),
            ],
        },
    )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rehearsal") / "stage"


@pytest.fixture(scope="module")
def rehearsal(stage: Path) -> Rehearsal:
    paths = Paths.from_environment()
    builds.build("kwok", lambda _: None, paths=paths)
    builds.build("pulumi-resource-kubernetes", lambda _: None, paths=paths)
    lines: list[str] = []
    return perform(enlarged(Settings.read("prod")), paths, lines.append, stage)


def found(resources: Sequence[Resource], kind: str, name: str = "") -> list[Resource]:
    return [r for r in resources if r.type.endswith(f":{kind}") and r.custom and name in r.name]


def test_production_is_deployed_unchanged_changed_and_removed(rehearsal: Rehearsal) -> None:
    titles = [act.title for act in rehearsal.acts]
    assert titles == [
        "preview",
        "up",
        "refresh",
        "preview again",
        "rotation",
        "protection off",
        "destroy",
    ]
    by_title = {act.title: act for act in rehearsal.acts}
    assert by_title["preview again"].summary.startswith("no change")
    assert "replaced" in by_title["rotation"].summary
    assert "updated" in by_title["protection off"].summary


def test_what_came_into_the_account_was_seen_there_and_is_gone(rehearsal: Rehearsal) -> None:
    # That none is left is what `perform` itself insists on.
    made = by_type(rehearsal.resources)
    for kind, token in (
        ("VPC", "aws:ec2/vpc:Vpc"),
        ("EKS cluster", "aws:eks/cluster:Cluster"),
        ("bucket", "aws:s3/bucket:Bucket"),
        ("key", "aws:kms/key:Key"),
        ("database", "aws:rds/instance:Instance"),
        ("role", "aws:iam/role:Role"),
    ):
        assert rehearsal.cleared[kind] >= made[token] > 0, kind


def test_no_policy_finds_anything_against_it(rehearsal: Rehearsal) -> None:
    for act in rehearsal.acts[1:5]:
        assert [f for f in act.findings if "policy" in f] == []


def test_a_dedicated_tenant_gets_tainted_nodes_and_a_physical_one_a_cluster(
    rehearsal: Rehearsal,
) -> None:
    (group,) = found(rehearsal.resources, "NodeGroup", "finance")
    assert group.inputs["taints"][0]["value"] == "finance"
    names = {each.inputs["name"] for each in found(rehearsal.resources, "Cluster")}
    assert names == {"agents-prod", "agents-prod-legal"}


def test_an_agent_with_permissions_is_somebody_in_aws(rehearsal: Rehearsal) -> None:
    accounts: dict[str, dict[str, str]] = {
        each.inputs["metadata"]["name"]: each.inputs["metadata"].get("annotations") or {}
        for each in found(rehearsal.resources, "ServiceAccount")
    }
    assert "eks.amazonaws.com/role-arn" in accounts["feature-extractor"]
    assert accounts["planner"] == accounts["reader"] == {}


def test_charts_are_recorded_and_said_to_be(rehearsal: Rehearsal) -> None:
    number = by_type(rehearsal.resources)["kubernetes:helm.sh/v3:Release"]
    assert number == 12
    said = [f for act in rehearsal.acts for f in act.findings if "recorded, not installed" in f]
    assert said


def test_it_costs_what_the_table_of_prices_knows(rehearsal: Rehearsal) -> None:
    assert rehearsal.estimate.monthly > 1000
    assert rehearsal.estimate.unpriced == ()


def test_nothing_of_it_is_left_on_the_machine(rehearsal: Rehearsal, stage: Path) -> None:
    assert rehearsal.acts
    assert not stage.exists()
    commands = [
        " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])
    ]
    assert [each for each in commands if str(stage) in each] == []
