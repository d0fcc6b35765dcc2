"""The provider as the engine's plugin: its configuration, patches, imports by command, warnings."""

import json
from collections.abc import Callable

import pytest
import yaml

from tests.engine.control_plane import CONTEXT, ControlPlane
from tests.engine.stack import NAME, Project

pytestmark = pytest.mark.engine

PROVIDER = """
import pulumi_kubernetes as k8s
cluster = k8s.Provider("cluster", context="{context}", kubeconfig="{kubeconfig}"{more})
k8s.core.v1.ConfigMap(
    "settings",
    metadata={{"name": "settings"}},
    data={{"a": "b"}},
    opts=pulumi.ResourceOptions(provider=cluster),
)
"""


def test_another_name_for_the_same_cluster_replaces_nothing(
    project: Project, control_plane: ControlPlane
) -> None:
    config = yaml.safe_load(control_plane.kubeconfig.read_text())
    config["contexts"].append({**config["contexts"][0], "name": "renamed"})
    config["clusters"].append(
        {
            "name": "other",
            "cluster": {**config["clusters"][0]["cluster"], "server": "https://127.0.0.1:9"},
        }
    )
    config["contexts"].append({"name": "other", "context": {"cluster": "other", "user": CONTEXT}})
    file = control_plane.folder / "contexts"
    file.write_text(yaml.safe_dump(config))

    def program(context: str, more: str = "") -> None:
        project.program(PROVIDER.format(context=context, kubeconfig=file, more=more))

    program(CONTEXT)
    project.deployed()
    program("renamed")
    assert project.preview().operations == {"settings": "same"}
    program("other")
    assert project.preview().operations["settings"] in {"replace", "delete-replaced"}
    program(CONTEXT, ', namespace="kube-public"')
    assert project.preview().diff("settings") == {"metadata.namespace": "update-replace"}


def test_a_patch_changes_its_fields_and_gives_them_back(
    project: Project, control_plane: ControlPlane
) -> None:
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "shared", "namespace": "default"},
            "data": {"theirs": "1"},
        }
    )
    project.program(
        """
        import pulumi_kubernetes as k8s
        k8s.core.v1.ConfigMapPatch(
            "patch", metadata={"name": "shared", "namespace": "default"}, data={"ours": "2"}
        )
        """
    )
    project.deployed()
    live = control_plane.get("configmap", "shared", "default")
    assert live
    assert live["data"] == {"theirs": "1", "ours": "2"}
    project.destroy()
    live = control_plane.get("configmap", "shared", "default")
    assert live
    assert live["data"] == {"theirs": "1"}
    control_plane.kubectl("delete", "configmap", "shared")


def test_the_import_command_takes_an_object_in(
    project: Project, control_plane: ControlPlane
) -> None:
    control_plane.kubectl("create", "secret", "generic", "keys", "--from-literal=key=very-private")
    project.check(
        "import",
        "kubernetes:core/v1:Secret",
        "keys",
        "default/keys",
        f"--stack={NAME}",
        "--yes",
        "--generate-code=false",
        "--protect=false",
        "--skip-preview",
    )
    resource = project.resource("keys")
    assert resource["id"] == "default/keys"
    assert "ciphertext" in json.dumps(resource["inputs"]["data"])
    assert "__fieldManager" not in resource["outputs"]


def test_the_api_servers_warnings_are_shown_unless_suppressed(project: Project) -> None:
    project.program(
        """
        k8s.core.v1.Pod(
            "pod",
            metadata={
                "name": "pod", "namespace": "default",
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={
                "nodeSelector": {"beta.kubernetes.io/os": "linux"},
                "containers": [{"name": "agent", "image": "agent"}],
            },
        )
        """
    )
    assert "deprecated" in project.preview().output
    project.check("config", "set", "kubernetes:suppressDeprecationWarnings", "true")
    assert "deprecated" not in project.preview().output


def test_what_the_provider_cannot_do_is_said(
    control_plane: ControlPlane, new_project: Callable[..., Project]
) -> None:
    project = new_project(control_plane.kubeconfig, kubernetes__context=CONTEXT)
    project.program('import pulumi_kubernetes as k8s\nk8s.yaml.v2.ConfigGroup("group", yaml="{}")')
    preview = project.preview()
    assert preview.code != 0
    assert "not supported by this provider" in preview.output
    project.program('k8s.core.v1.ConfigMap("settings", data={})')
    project.check("config", "set", "kubernetes:enableServerSideApply", "false")
    preview = project.preview()
    assert preview.code != 0
    assert "this provider always applies on the server" in preview.output


def test_a_secret_in_a_deployments_environment_stays_secret(project: Project) -> None:
    project.program(
        """
        k8s.apps.v1.Deployment(
            "agent",
            metadata={
                "name": "agent", "namespace": "default",
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={
                "selector": {"matchLabels": {"app": "agent"}},
                "template": {
                    "metadata": {"labels": {"app": "agent"}},
                    "spec": {"containers": [{
                        "name": "agent", "image": "agent",
                        "env": [{"name": "KEY", "value": pulumi.Output.secret("top-secret-key")}],
                    }]},
                },
            },
        )
        """
    )
    update = project.deployed()
    assert "top-secret-key" not in update.output
    assert "top-secret-key" not in json.dumps(project.state)
    refresh = project.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.output
    assert "top-secret-key" not in json.dumps(project.state)
