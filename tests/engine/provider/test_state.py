"""What is kept in the state, and how it follows the cluster: refresh, import, secrets."""

import json

import pytest

from tests.engine.control_plane import ControlPlane
from tests.engine.stack import Project

pytestmark = pytest.mark.engine

CONFIG = """
k8s.core.v1.ConfigMap(
    "settings",
    metadata={"name": "settings", "namespace": "default"},
    data={"colour": "blue"},
)
"""

QUOTA = """
k8s.core.v1.ResourceQuota(
    "quota",
    metadata={"name": "quota", "namespace": "default"},
    spec={"hard": {"requests.memory": "1024Mi", "pods": "100"}},
)
"""

PASSWORD = "correct-horse-battery"
TOKEN = "staple-of-great-length"

SECRET = f"""
import pulumi_kubernetes as k8s
secret = k8s.core.v1.Secret(
    "secret",
    metadata={{"name": "secret", "namespace": "default"}},
    string_data={{"password": "{PASSWORD}"}},
)
k8s.core.v1.ConfigMap(
    "config",
    metadata={{"name": "config", "namespace": "default"}},
    data={{"token": pulumi.Output.secret("{TOKEN}"), "open": "yes"}},
)
pulumi.export("data", secret.data)
"""


def test_a_refresh_brings_in_what_changed_and_the_next_update_mends_it(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(CONFIG)
    project.check("config", "set", "kubernetes:enableConfigMapMutable", "true")
    project.deployed()
    control_plane.kubectl(
        "patch", "configmap", "settings", "--type=merge", "-p", '{"data":{"colour":"red"}}'
    )
    refresh = project.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.output
    assert project.resource("settings")["inputs"]["data"] == {"colour": "red"}
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "settings",
                "namespace": "default",
                "annotations": {"note": "an unrelated manager's"},
            },
        }
    )
    mended = project.preview()
    assert mended.diff("settings") == {"data.colour": "update"}


def test_a_refresh_of_an_untouched_object_changes_nothing(project: Project) -> None:
    # The API server writes 1024Mi as 1Gi; that is no drift.
    project.program(QUOTA)
    project.deployed()
    refresh = project.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.output
    assert project.resource("quota")["inputs"]["spec"]["hard"]["requests.memory"] == "1024Mi"
    assert project.deployed().operations == {"quota": "same"}


def test_a_refresh_forgets_what_is_gone(project: Project, control_plane: ControlPlane) -> None:
    project.program(CONFIG)
    project.deployed()
    control_plane.kubectl("delete", "configmap", "settings")
    refresh = project.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.output
    assert not project.has("settings")


def test_an_imported_object_is_kept_as_it_is(project: Project, control_plane: ControlPlane) -> None:
    control_plane.kubectl("create", "quota", "quota", "--hard=pods=100,requests.memory=1Gi")
    before = control_plane.get("resourcequota", "quota", "default")
    project.program(
        QUOTA.replace("},\n)", '},\n    opts=pulumi.ResourceOptions(import_="default/quota"),\n)')
    )
    update = project.deployed()
    assert update.operations["quota"] == "import"
    assert project.resource("quota")["id"] == "default/quota"
    after = control_plane.get("resourcequota", "quota", "default")
    assert before and after
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    project.program(QUOTA)
    assert project.deployed().operations == {"quota": "same"}


def test_importing_what_is_not_there_is_refused(project: Project) -> None:
    project.program(
        CONFIG.replace(
            '"blue"},\n', '"blue"},\n    opts=pulumi.ResourceOptions(import_="default/nothing"),\n'
        )
    )
    update = project.up()
    assert update.code != 0
    assert "'default/nothing' does not exist" in update.output


def test_an_object_can_be_read_without_being_managed(project: Project) -> None:
    project.program(
        """
        import pulumi_kubernetes as k8s
        space = k8s.core.v1.Namespace.get("system", "kube-system")
        pulumi.export("phase", space.status.phase)
        """
    )
    project.deployed()
    assert project.outputs() == {"phase": "Active"}


def test_secrets_are_encrypted_in_the_state_and_shown_nowhere(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(SECRET)
    update = project.deployed()
    live = control_plane.get("secret", "secret", "default")
    assert live
    encoded = live["data"]["password"]
    state = json.dumps(project.state)
    said = "".join(update.messages)
    for text in (PASSWORD, TOKEN, encoded):
        assert text not in state
        assert text not in update.output
        assert text not in said
    outputs = project.resource("config")["outputs"]
    assert outputs["data"]["open"] == "yes"
    assert "ciphertext" in outputs["data"]["token"]
    secret = json.loads(project.check("stack", "output", "--json", "--show-secrets"))
    assert secret["data"] == {"password": encoded}


def test_an_error_about_a_secret_does_not_quote_it(project: Project) -> None:
    project.program(
        f"""
        k8s.core.v1.ConfigMap(
            "bad",
            metadata={{"name": "bad", "labels": {{"l": pulumi.Output.secret("{PASSWORD}!")}}}},
        )
        """
    )
    update = project.up()
    assert update.code != 0
    assert "metadata.labels" in update.output
    assert PASSWORD not in update.output
    assert "[secret]" in update.output


def test_the_state_keeps_the_documented_minimum(project: Project) -> None:
    project.program(CONFIG)
    project.deployed()
    resource = project.resource("settings")
    outputs = resource["outputs"]
    assert resource["id"] == "default/settings"
    assert outputs["__initialApiVersion"] == "v1"
    assert outputs["__initialKind"] == "ConfigMap"
    assert outputs["__fieldManager"].startswith("pulumi-kubernetes-")
    assert outputs["__inputs"]["data"] == {"colour": "blue"}
    assert "managedFields" not in outputs["metadata"]
