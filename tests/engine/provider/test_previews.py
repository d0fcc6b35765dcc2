"""What a preview tells before anything is changed."""

from collections.abc import Callable

import pytest

from tests import ports
from tests.engine.control_plane import CONTEXT, ControlPlane
from tests.engine.stack import Project

pytestmark = pytest.mark.engine

SERVICE = """
k8s.core.v1.Service(
    "front",
    metadata={{"name": "front", "namespace": "default"}},
    spec={{"ports": [{{"port": {port}}}]}},
)
"""

CUSTOM = """
definition = k8s.apiextensions.v1.CustomResourceDefinition(
    "definition",
    metadata={"name": "robots.example.org"},
    spec={
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"plural": "robots", "singular": "robot", "kind": "Robot"},
        "versions": [{
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": {
                "type": "object",
                "properties": {"spec": {
                    "type": "object", "properties": {"arms": {"type": "integer"}},
                }},
            }},
        }],
    },
)
"""

ROBOT = """
import pulumi_kubernetes as k8s
k8s.apiextensions.CustomResource(
    "robot",
    api_version="example.org/v1",
    kind="Robot",
    metadata={
        "name": "robot",
        "namespace": "default",
        # The garbage collector learns of a new kind within half a minute; nothing here waits for it.
        "annotations": {"pulumi.com/deletionPropagationPolicy": "background"},
    },
    spec={"arms": 2},
)
"""


def test_a_preview_shows_the_api_servers_own_error(project: Project) -> None:
    project.program(SERVICE.format(port=99999))
    preview = project.preview()
    assert preview.code != 0
    assert "spec.ports[0].port: Invalid value: 99999" in preview.output
    assert "must be between 1 and 65535" in preview.output


def test_a_preview_of_an_update_shows_the_api_servers_own_error(project: Project) -> None:
    project.program(SERVICE.format(port=80))
    project.deployed()
    project.program(SERVICE.format(port=99999))
    preview = project.preview()
    assert preview.code != 0
    assert "spec.ports[0].port: Invalid value: 99999" in preview.output


def test_a_name_that_kubernetes_refuses_is_named(project: Project) -> None:
    project.program('k8s.core.v1.ConfigMap("bad", metadata={"name": "Not_Allowed"}, data={})')
    preview = project.preview()
    assert preview.code != 0
    assert 'ConfigMap name "Not_Allowed" is refused by Kubernetes' in preview.output


def test_a_namespace_of_the_same_update_need_not_exist_yet(project: Project) -> None:
    project.program(
        """
        k8s.core.v1.Namespace("space", metadata={"name": "later"})
        k8s.core.v1.ConfigMap("inside", metadata={"name": "inside", "namespace": "later"}, data={})
        """
    )
    preview = project.preview()
    assert preview.code == 0, preview.output
    # Without depends_on both start at once; the one waits for the other.
    project.deployed()


def test_a_kind_of_the_same_update_need_not_be_defined_yet(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(CUSTOM + ROBOT)
    preview = project.preview()
    assert preview.code == 0, preview.output
    project.deployed()
    live = control_plane.get("robots.example.org", "robot", "default")
    assert live
    assert live["spec"] == {"arms": 2}


def test_a_kind_that_nobody_defines_is_refused_with_the_remedy(project: Project) -> None:
    project.program(ROBOT.replace("Robot", "Ghost"))
    update = project.up()
    assert update.code != 0
    assert "the cluster serves no kind Ghost in example.org/v1" in update.output
    assert "depends_on" in update.output


def test_unknown_values_are_unknown_and_not_made_up(project: Project) -> None:
    project.program(SERVICE.format(port=80).replace("k8s.core", "s = k8s.core"))
    text = (project.folder / "__main__.py").read_text()
    (project.folder / "__main__.py").write_text(
        text + 's.spec["clusterIP"].apply(lambda ip: print("known:", ip))\n'
    )
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert "known:" not in preview.output
    assert "known: 10.0.0." in project.deployed().output


def test_a_conflict_names_the_other_manager_and_the_remedy(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(SERVICE.format(port=80))
    project.deployed()
    control_plane.kubectl(
        "label", "service", "front", "team=red", "--overwrite", "--field-manager=red-team"
    )
    project.program(
        SERVICE.format(port=80).replace(
            '"namespace": "default"', '"namespace": "default", "labels": {"team": "blue"}'
        )
    )
    preview = project.preview()
    assert preview.code != 0
    assert 'conflict with "red-team"' in preview.output
    assert ".metadata.labels.team" in preview.output
    assert "pulumi.com/patchForce" in preview.output
    project.program(
        SERVICE.format(port=80).replace(
            '"namespace": "default"',
            '"namespace": "default", "labels": {"team": "blue"}, '
            '"annotations": {"pulumi.com/patchForce": "true"}',
        )
    )
    project.deployed()
    live = control_plane.get("service", "front", "default")
    assert live
    assert live["metadata"]["labels"]["team"] == "blue"


def test_somebody_elses_object_is_not_taken_over(
    project: Project, control_plane: ControlPlane
) -> None:
    control_plane.kubectl("create", "configmap", "theirs", "--from-literal=a=b")
    project.program('k8s.core.v1.ConfigMap("theirs", metadata={"name": "theirs"}, data={"a": "c"})')
    try:
        preview = project.preview()
        assert preview.code != 0
        assert "ConfigMap default/theirs exists already and is not of this stack" in preview.output
        assert "import" in preview.output
    finally:
        control_plane.kubectl("delete", "configmap", "theirs")


def test_an_unknown_context_is_refused_with_those_there_are(
    control_plane: ControlPlane, new_project: Callable[..., Project]
) -> None:
    project = new_project(control_plane.kubeconfig, kubernetes__context="elsewhere")
    project.program(SERVICE.format(port=80))
    preview = project.preview()
    assert preview.code != 0
    assert f'no context "elsewhere"; it has: {CONTEXT}' in preview.output


def test_a_cluster_that_does_not_answer_is_named(
    control_plane: ControlPlane, new_project: Callable[..., Project]
) -> None:
    (port,) = ports.free(1)
    text = control_plane.kubeconfig.read_text().replace(f":{control_plane.port}", f":{port}")
    broken = control_plane.folder / "broken-kubeconfig"
    broken.write_text(text)
    project = new_project(broken, kubernetes__context=CONTEXT)
    project.program(SERVICE.format(port=80))
    preview = project.preview()
    assert preview.code == 0, preview.output
    said = f"the cluster of context {CONTEXT!r} at https://127.0.0.1:{port} cannot be reached"
    assert said.replace("'", '"') in preview.output
    update = project.up()
    assert update.code != 0
    assert said.replace("'", '"') in update.output
