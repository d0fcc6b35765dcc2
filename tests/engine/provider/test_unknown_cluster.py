"""A cluster of the same program: its kubeconfig is not known before the first update has made it."""

import base64
import json
import os
import socket
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml

from tests import ports
from tests.engine.control_plane import ControlPlane, Manifest
from tests.engine.stack import NAME, Project

pytestmark = pytest.mark.engine

# The random text stands for what AWS tells of a cluster once it is there.
PROGRAM = """
import pulumi_kubernetes as k8s
import pulumi_random as random

made = random.RandomId("cluster", byte_length=4, keepers={{"generation": "{generation}"}})
provider = k8s.Provider("provider", kubeconfig=made.hex.apply(lambda _: {kubeconfig!r}))
opts = pulumi.ResourceOptions(provider=provider)
space = k8s.core.v1.Namespace("space", metadata={{"name": "made-later"}}, opts=opts)
placed = {{"name": "made-later", "namespace": space.metadata.name}}
k8s.core.v1.ConfigMap("settings", metadata=placed, data={{"a": "b"}}, opts=opts)
k8s.apiextensions.CustomResource(
    "droid",
    api_version="example.com/v1",
    kind="Droid",
    metadata={{**placed, "annotations": {{"pulumi.com/deletionPropagationPolicy": "background"}}}},
    spec={{"arms": 2}},
    opts=opts,
)
release = k8s.helm.v3.Release(
    "release",
    chart="proxy",
    version="1.2.3",
    namespace=space.metadata.name,
    repository_opts={{"repo": "https://charts.example.org"}},
    opts=opts,
)
pulumi.export("release", release.status.namespace)
"""

DROID: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "droids.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "droids", "singular": "droid", "kind": "Droid"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {"type": "object", "properties": {"arms": {"type": "integer"}}}
                        },
                    }
                },
            }
        ],
    },
}


def kubeconfig(server: str, authority: bytes = b"", *arguments: str) -> str:
    """What EKS clusters are reached with: their address, their authority, and a command for a token."""
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", "agents", *arguments],
        "interactiveMode": "Never",
    }
    cluster = {
        "server": server,
        "certificate-authority-data": base64.b64encode(authority).decode(),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "eks", "cluster": cluster}],
        "users": [{"name": "eks", "user": {"exec": command}}],
        "contexts": [{"name": "eks", "context": {"cluster": "eks", "user": "eks"}}],
        "current-context": "eks",
    }
    return json.dumps(content)


@contextmanager
def ambient(folder: Path) -> Generator[tuple[Path, socket.socket]]:
    """A kubeconfig that is not meant, and the socket on which its server would be asked."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.setblocking(False)
        text = kubeconfig(f"http://127.0.0.1:{server.getsockname()[1]}")
        content = yaml.safe_load(text)
        content["users"][0]["user"] = {"token": "ambient"}
        file = folder / "config"
        file.write_text(json.dumps(content))
        yield file, server


@pytest.fixture
def eks(
    control_plane: ControlPlane,
    new_project: Callable[..., Project],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Generator[Project]:
    """A project whose `aws eks get-token` gives a token of the control plane, and records."""
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": control_plane.token},
    }
    aws.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    aws.chmod(0o755)
    control_plane.apply(DROID)
    monkeypatch.setenv("AGENT_PLATFORM_HELM", "record")
    project = new_project(tmp_path / "no-kubeconfig")
    path = f"{aws.parent}{os.pathsep}{project.environment['PATH']}"
    yield Project(
        folder=project.folder,
        pulumi=project.pulumi,
        environment={**project.environment, "PATH": path},
    )
    project.check("cancel", "--yes", "--stack", NAME)
    control_plane.kubectl("delete", "namespace", "made-later", "--ignore-not-found", "--wait=false")


def program(project: Project, text: str, generation: int = 1) -> None:
    """The program with the kubeconfig `text`, which is unknown while `generation` is a new one."""
    project.program(PROGRAM.format(kubeconfig=text, generation=generation))


def reached(plane: ControlPlane, *arguments: str) -> str:
    """A kubeconfig of the control plane; `arguments` change it and not where it leads."""
    return kubeconfig(plane.server, (plane.folder / "apiserver.crt").read_bytes(), *arguments)


@pytest.mark.parametrize("variable", ["KUBECONFIG", "HOME"])
def test_a_preview_before_the_cluster_exists_reaches_no_other(
    eks: Project, control_plane: ControlPlane, tmp_path: Path, variable: str
) -> None:
    (tmp_path / ".kube").mkdir()
    with ambient(tmp_path / ".kube") as (file, server):
        program(eks, reached(control_plane))
        where = {"KUBECONFIG": str(file)} if variable == "KUBECONFIG" else {"HOME": str(tmp_path)}
        preview = eks.run("preview", environment={"KUBECONFIG": "", **where})
        with pytest.raises(BlockingIOError):
            server.accept()
    assert preview.code == 0, preview.output
    wanted = dict.fromkeys(("cluster", "space", "settings", "droid", "release"), "create")
    assert preview.operations == wanted


def test_the_update_goes_to_the_cluster_it_made(eks: Project, control_plane: ControlPlane) -> None:
    program(eks, reached(control_plane))
    eks.deployed()
    live = control_plane.get("droids.example.com", "made-later", "made-later")
    assert live
    assert live["spec"] == {"arms": 2}
    assert eks.outputs() == {"release": "made-later"}
    assert set(eks.preview().operations.values()) == {"same"}
    # Another role to log in with: the text is another, the cluster the same.
    program(eks, reached(control_plane, "--role-arn", "deployer"))
    assert set(eks.deployed().operations.values()) == {"same"}
    # What the cluster's resource tells is unknown again while AWS changes it.
    program(eks, reached(control_plane), generation=2)
    preview = eks.preview()
    assert preview.code == 0, preview.output
    assert not {"replace", "delete", "delete-replaced"} & {
        operation for operation, name in preview.steps if name != "cluster"
    }
    after = {name: op for name, op in eks.deployed().operations.items() if name != "cluster"}
    assert set(after.values()) == {"same"}
    eks.destroy()
    assert control_plane.get("droids.example.com", "made-later", "made-later") is None


def test_a_cluster_that_is_gone_is_dropped_from_the_state_only_when_asked(
    eks: Project, control_plane: ControlPlane
) -> None:
    program(eks, reached(control_plane))
    eks.deployed()
    (port,) = ports.free(1)
    exported = eks.folder / "state.json"
    exported.write_text(json.dumps(eks.state).replace(f":{control_plane.port}", f":{port}"))
    eks.check("stack", "import", "--stack", NAME, "--file", str(exported))

    refused = eks.run("destroy", "--yes", "--skip-preview")
    assert refused.code != 0
    assert f'context "eks" at https://127.0.0.1:{port} cannot be reached' in refused.output
    assert "PULUMI_K8S_DELETE_UNREACHABLE=true" in refused.output
    assert eks.has("settings")

    dropped = eks.run(
        "destroy",
        "--yes",
        "--skip-preview",
        environment={"PULUMI_K8S_DELETE_UNREACHABLE": "true"},
    )
    assert dropped.code == 0, dropped.output
    assert "dropped from the state only" in dropped.output
    assert not eks.has("settings")
    assert control_plane.get("configmap", "made-later", "made-later")


def test_a_login_that_fails_is_not_a_cluster_that_is_gone(
    eks: Project, control_plane: ControlPlane
) -> None:
    program(eks, reached(control_plane))
    eks.deployed()
    aws = Path(eks.environment["PATH"].split(os.pathsep)[0]) / "aws"
    logged_in = aws.read_text()
    aws.write_text("#!/bin/sh\necho 'the session has expired' >&2\nexit 255\n")
    refused = eks.run(
        "destroy",
        "--yes",
        "--skip-preview",
        environment={"PULUMI_K8S_DELETE_UNREACHABLE": "true"},
    )
    assert refused.code != 0
    assert 'no credentials for the cluster of context "eks"' in refused.output
    assert eks.has("settings")
    aws.write_text(logged_in)
    eks.destroy()
