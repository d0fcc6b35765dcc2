"""Helm releases: recorded in a rehearsal, refused otherwise."""

import json
from collections.abc import Generator

import pytest
import yaml

from tests.engine.control_plane import ControlPlane
from tests.engine.stack import Project

pytestmark = pytest.mark.engine

RECORD = {"AGENT_PLATFORM_HELM": "record"}
INSTALL = {"AGENT_PLATFORM_HELM": ""}
PASSWORD = "correct-horse-battery"

RELEASE = """
import pulumi_kubernetes as k8s
release = k8s.helm.v3.Release(
    "proxy",
    name="proxy",
    chart="proxy",
    version="{version}",
    namespace="charts",
    create_namespace=True,
    repository_opts={{"repo": "https://charts.example.org"}},
    values={{"replicas": {replicas}, "password": pulumi.Output.secret("correct-horse-battery")}},
    {more}
)
pulumi.export("status", release.status)
"""


def program(project: Project, version: str = "1.2.3", replicas: int = 2, more: str = "") -> None:
    project.program(RELEASE.format(version=version, replicas=replicas, more=more))


@pytest.fixture
def charts(project: Project, control_plane: ControlPlane) -> Generator[Project]:
    """The project; as with Helm, the namespace outlives the release and is removed for it."""
    yield project
    control_plane.kubectl("delete", "namespace", "charts", "--ignore-not-found")


def test_a_chart_is_previewed_and_its_installation_refused(project: Project) -> None:
    program(project)
    preview = project.run("preview", environment=INSTALL)
    assert preview.code == 0, preview.output
    assert preview.operations == {"proxy": "create"}
    for update in (preview, project.up(environment=INSTALL)):
        said = "chart proxy 1.2.3 from https://charts.example.org cannot be installed"
        assert said in update.output
        assert "pulumi plugin install resource kubernetes" in update.output
    assert not project.has("proxy")


@pytest.mark.parametrize(
    ("version", "more", "said"),
    [
        ("~1.2", "", 'got "~1.2", wanted one version such as 1.2.3'),
        ("1.2.3", "value_yaml_files=[pulumi.StringAsset('a: b')],", "reads no files"),
    ],
)
def test_what_would_not_be_reproducible_is_refused_in_a_preview(
    project: Project, version: str, more: str, said: str
) -> None:
    program(project, version=version, more=more)
    preview = project.preview()
    assert preview.code != 0
    assert said in preview.output


def test_a_rehearsal_records_what_would_be_installed(
    charts: Project, control_plane: ControlPlane
) -> None:
    program(charts)
    update = charts.up(environment=RECORD)
    assert update.code == 0, update.output
    said = "recorded, not installed: chart proxy 1.2.3 from https://charts.example.org"
    assert said in update.output
    assert PASSWORD not in update.output
    record = control_plane.get("configmap", "helm-release-proxy", "charts")
    assert record
    assert record["data"]["chart"] == "proxy"
    assert record["data"]["version"] == "1.2.3"
    assert yaml.safe_load(record["data"]["values"]) == {"replicas": 2, "password": "[secret]"}
    assert charts.outputs()["status"] == {
        "name": "proxy",
        "namespace": "charts",
        "chart": "proxy",
        "version": "1.2.3",
        "revision": 1,
        "status": "recorded",
    }
    assert charts.resource("proxy")["id"] == "charts/proxy"
    assert PASSWORD not in json.dumps(charts.state)


def test_a_record_follows_its_release(charts: Project, control_plane: ControlPlane) -> None:
    program(charts)
    assert charts.up(environment=RECORD).code == 0
    assert charts.up(environment=RECORD).operations == {"proxy": "same"}

    program(charts, version="1.3.0", replicas=3)
    update = charts.up(environment=RECORD)
    assert update.diff("proxy") == {"values.replicas": "update", "version": "update"}
    assert charts.outputs()["status"]["revision"] == 2
    record = control_plane.get("configmap", "helm-release-proxy", "charts")
    assert record
    assert record["data"]["version"] == "1.3.0"
    assert yaml.safe_load(record["data"]["values"])["replicas"] == 3

    # A refresh takes what the record says, and finds out when there is none.
    refresh = charts.run("refresh", "--yes", "--skip-preview")
    assert refresh.operations == {"proxy": "refresh"}
    assert charts.preview().operations == {"proxy": "same"}
    control_plane.kubectl("delete", "configmap", "helm-release-proxy", "--namespace=charts")
    charts.run("refresh", "--yes", "--skip-preview")
    assert not charts.has("proxy")

    assert charts.up(environment=RECORD).code == 0
    charts.destroy()
    assert control_plane.get("configmap", "helm-release-proxy", "charts") is None
    assert control_plane.get("namespace", "charts")
