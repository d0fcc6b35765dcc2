"""The gateway's load balancer on a rehearsed AWS, from nothing to nothing, through the real engine."""

from collections.abc import Generator
from dataclasses import replace

import pytest

from tests.engine.aws.balancers import left, write, zone
from tests.engine.control_plane import CONTEXT, ControlPlane
from tests.engine.stack import Project, Update
from tests.moto import Moto
from toolchain.rehearsal.definitions import target_group_binding

pytestmark = pytest.mark.engine

CANARY = {"canary": "gateway-canary"}


def rules(stable: int, canary: int) -> tuple[dict[str, object], ...]:
    """One by path, host and header, with weights."""
    return (
        {
            "priority": 10,
            "hosts": ("agents.example.com",),
            "paths": ("/v1/*",),
            "headers": ({"name": "X-Preview", "values": ("yes",)},),
            "weights": {"stable": stable, "canary": canary},
        },
    )


@pytest.fixture
def project(project: Project, control_plane: ControlPlane) -> Generator[Project]:
    """A project with a cluster beside its AWS; what it made there is removed afterwards."""
    control_plane.apply(dict(target_group_binding()))
    control_plane.kubectl(
        "wait", "--for=condition=Established", "crd/targetgroupbindings.elbv2.k8s.aws"
    )
    environment = {**project.environment, "KUBECONFIG": str(control_plane.kubeconfig)}
    project = replace(project, environment=environment)
    project.check("config", "set", "kubernetes:context", CONTEXT)
    yield project
    project.clean()


def quiet(update: Update) -> bool:
    """Whether nothing is left to do."""
    assert update.code == 0, update.output
    return set(update.operations.values()) <= {"same", "refresh"}


def settled(project: Project) -> bool:
    """Whether everything is in AWS as the program has it."""
    refreshed = project.run("refresh", "--yes", "--skip-preview")
    return quiet(refreshed) and quiet(project.preview())


def changed(update: Update) -> dict[str, str]:
    """What was done, without what is the same."""
    return {name: step for name, step in update.operations.items() if step != "same"}


def test_an_application_balancer_is_made_changed_protected_and_removed_without_a_trace(
    project: Project, aws: Moto
) -> None:
    names = zone(aws)
    write(project, names, protect=True, settings={"rules": rules(9, 1)}, backend=CANARY)
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert left(aws, names) == {}

    project.deployed()
    there = left(aws, names)
    assert there["interfaces"] == 2
    assert there["target groups"] == 2
    assert settled(project)

    write(
        project,
        names,
        settings={"rules": rules(5, 5), "idle_timeout_seconds": 90},
        backend=CANARY,
        protect=True,
    )
    update = project.deployed()
    assert changed(update) == {"edge-balancer": "update", "edge-rule-10": "update"}
    assert update.diff("edge-balancer") == {"idleTimeout": "update"}
    assert settled(project)
    elb = aws.client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])
    assert {"Key": "idle_timeout.timeout_seconds", "Value": "90"} in attributes["Attributes"]

    refused = project.run("destroy", "--yes", "--skip-preview")
    assert refused.code != 0
    assert "deletion protection is enabled" in refused.output
    assert left(aws, names)["balancers"] == 1

    write(project, names, settings={"rules": rules(5, 5)}, backend=CANARY)
    project.deployed()
    project.destroy()
    assert left(aws, names) == {}


def test_a_network_balancer_is_made_changed_and_removed_without_a_trace(
    project: Project, aws: Moto
) -> None:
    names = zone(aws)
    write(project, names, kind="network")
    project.deployed()
    there = left(aws, names)
    assert there["balancers"] == there["target groups"] == 1
    assert there["interfaces"] == 2
    assert settled(project)

    write(project, names, kind="network", backend={"drain_seconds": 60})
    update = project.deployed()
    assert update.diff("edge-stable") == {"deregistrationDelay": "update"}
    assert settled(project)

    project.destroy()
    assert left(aws, names) == {}
