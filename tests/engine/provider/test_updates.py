"""Creating, changing and removing objects through the real engine and a real API server."""

import pytest

from tests.engine.control_plane import ControlPlane
from tests.engine.stack import Project

pytestmark = pytest.mark.engine

CONFIG = """
k8s.core.v1.ConfigMap(
    "settings",
    metadata={{"name": "settings", "namespace": "default", "labels": {{"tier": "{tier}"}}}},
    data={{"colour": "{colour}"}},
)
"""

AUTONAMED = """
config = k8s.core.v1.ConfigMap("Fleet_Settings", data={{"colour": "{colour}"}})
pulumi.export("name", config.metadata["name"])
pulumi.export("namespace", config.metadata["namespace"])
"""

DEPLOYMENT = """
k8s.apps.v1.Deployment(
    "agent",
    metadata={{
        "name": "agent",
        "namespace": "default",
        "annotations": {{"pulumi.com/skipAwait": "true"}},
    }},
    spec={{
        "replicas": {replicas},
        "selector": {{"matchLabels": {{"app": "{app}"}}}},
        "template": {{
            "metadata": {{"labels": {{"app": "{app}"}}}},
            "spec": {{"containers": [{{"name": "agent", "image": "{image}"}}]}},
        }},
    }},
    opts=pulumi.ResourceOptions(ignore_changes={ignored}),
)
"""

POD = """
k8s.core.v1.Pod(
    "pod",
    metadata={{
        "name": "pod",
        "namespace": "default",
        "annotations": {{"pulumi.com/skipAwait": "true"}},
    }},
    spec={{"containers": [{{"name": "agent", "image": "agent", "command": ["{command}"]}}]}},
)
"""


def deployment(
    *, app: str = "agent", image: str = "agent:1", replicas: int = 1, ignored: str = "[]"
) -> str:
    return DEPLOYMENT.format(app=app, image=image, replicas=replicas, ignored=ignored)


def test_a_changed_label_updates_the_object_in_place(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(CONFIG.format(tier="one", colour="blue"))
    assert project.deployed().operations == {"settings": "create"}
    before = control_plane.get("configmap", "settings", "default")
    assert project.deployed().operations == {"settings": "same"}
    project.program(CONFIG.format(tier="two", colour="blue"))
    update = project.deployed()
    after = control_plane.get("configmap", "settings", "default")
    assert update.operations == {"settings": "update"}
    assert update.diff("settings") == {"metadata.labels.tier": "update"}
    assert before and after
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["labels"]["tier"] == "two"


def test_what_the_user_named_goes_before_its_replacement_comes(project: Project) -> None:
    project.program(CONFIG.format(tier="one", colour="blue"))
    project.deployed()
    project.program(CONFIG.format(tier="one", colour="red"))
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert preview.diff("settings") == {"data.colour": "update-replace"}
    steps = [operation for operation, _ in project.deployed().steps]
    assert steps.index("delete-replaced") < steps.index("create-replacement")


def test_what_the_provider_named_goes_after_its_replacement_came(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(AUTONAMED.format(colour="blue"))
    project.deployed()
    first = project.outputs()
    assert first["namespace"] == "default"
    assert first["name"].startswith("fleet-settings-")
    project.program(AUTONAMED.format(colour="red"))
    steps = [operation for operation, _ in project.deployed().steps]
    assert steps.index("create-replacement") < steps.index("delete-replaced")
    second = project.outputs()["name"]
    assert second != first["name"]
    assert control_plane.get("configmap", first["name"], "default") is None
    assert control_plane.get("configmap", second, "default") is not None


def test_mutable_config_maps_are_updated_in_place(project: Project) -> None:
    project.check("config", "set", "kubernetes:enableConfigMapMutable", "true")
    project.program(CONFIG.format(tier="one", colour="blue"))
    project.deployed()
    project.program(CONFIG.format(tier="one", colour="red"))
    assert project.deployed().operations == {"settings": "update"}


def test_a_new_selector_replaces_a_deployment(project: Project) -> None:
    project.program(deployment())
    project.deployed()
    project.program(deployment(app="other"))
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert preview.diff("agent")["spec.selector.matchLabels.app"] == "update-replace"
    assert project.deployed().operations["agent"] in {"replace", "create-replacement"}


def test_the_api_servers_own_refusal_asks_for_a_replacement(project: Project) -> None:
    project.program(POD.format(command="serve"))
    project.deployed()
    project.program(POD.format(command="work"))
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert preview.diff("pod") == {"spec.containers[0].command[0]": "update-replace"}
    project.deployed()


def test_replicas_left_to_an_autoscaler_stay_as_it_set_them(
    project: Project, control_plane: ControlPlane
) -> None:
    ignored = '["spec.replicas"]'
    project.program(deployment(replicas=2, ignored=ignored))
    project.deployed()
    control_plane.kubectl("scale", "deployment/agent", "--replicas=5")
    project.program(deployment(image="agent:2", replicas=2, ignored=ignored))
    assert project.deployed().operations == {"agent": "update"}
    live = control_plane.get("deployment", "agent", "default")
    assert live
    assert live["spec"]["replicas"] == 5
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "agent:2"


def test_a_field_taken_out_of_the_program_goes_from_the_object(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(CONFIG.format(tier="one", colour="blue"))
    project.deployed()
    project.program(
        CONFIG.format(tier="one", colour="blue").replace('"labels": {"tier": "one"}', "")
    )
    assert project.deployed().diff("settings") == {"metadata.labels": "delete"}
    live = control_plane.get("configmap", "settings", "default")
    assert live
    assert "labels" not in live["metadata"]


def test_an_object_removed_behind_our_back_is_made_anew(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(CONFIG.format(tier="one", colour="blue"))
    project.deployed()
    control_plane.kubectl("delete", "configmap", "settings")
    project.program(CONFIG.format(tier="two", colour="blue"))
    update = project.deployed()
    assert any("was not in the cluster any more" in message for message in update.messages)
    assert control_plane.get("configmap", "settings", "default") is not None


def test_what_is_gone_already_is_deleted_without_complaint(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(CONFIG.format(tier="one", colour="blue"))
    project.deployed()
    control_plane.kubectl("delete", "configmap", "settings")
    assert project.destroy().operations == {"settings": "delete"}


def test_a_namespace_is_gone_when_its_deletion_ends(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(
        """
        space = k8s.core.v1.Namespace("space", metadata={"name": "doomed"})
        k8s.core.v1.ConfigMap("inside", metadata={"namespace": space.metadata["name"]}, data={})
        """
    )
    project.deployed()
    project.destroy()
    assert control_plane.get("namespace", "doomed") is None
