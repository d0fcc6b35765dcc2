"""The platform's network, key and registry on a rehearsed AWS, through the real engine."""

import pytest

from tests.engine.aws.platforms import NETWORK, left, write
from tests.engine.stack import Project
from tests.moto import Moto

pytestmark = pytest.mark.engine


def test_network_key_and_registry_come_stay_and_go_without_a_trace(
    project: Project, aws: Moto
) -> None:
    write(project, NETWORK)
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert set(preview.operations.values()) == {"create"}
    assert left(aws) == {}

    project.deployed()
    found = left(aws)
    assert (found["subnets"], found["NAT gateways"], found["endpoints"]) == (9, 3, 11)
    again = project.preview()
    assert set(again.operations.values()) == {"same"}, again.output
    refreshed = project.run("refresh", "--yes", "--skip-preview")
    assert set(refreshed.operations.values()) <= {"same", "refresh"}, refreshed.output
    after = project.preview()
    assert set(after.operations.values()) == {"same"}, after.output

    project.destroy()
    assert left(aws) == {}
