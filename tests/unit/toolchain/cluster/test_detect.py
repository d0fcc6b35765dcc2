"""Which cluster is chosen, by what the machine answers."""

import stat
from pathlib import Path

import pytest

from toolchain.cluster import detect
from toolchain.cluster.existing import ExistingCluster, user_kubeconfig
from toolchain.cluster.kind import KindCluster
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.paths import Paths

KUBECONFIG = """\
apiVersion: v1
kind: Config
contexts:
- name: staging
  context: {cluster: staging, user: me}
"""


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def no_containers(_: Path) -> str:
    return "it is a test"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it, and no kubeconfig."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setattr(detect, "reason_against_containers", no_containers)
    return folder


def choose(tmp_path: Path, context: str | None = None) -> tuple[object, str]:
    lines: list[str] = []
    return detect.choose(context, lines.append, Paths(tmp_path)), "\n".join(lines)


def test_a_context_that_the_user_has_is_used(machine: Path, tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    cluster, said = choose(tmp_path, "staging")
    assert isinstance(cluster, ExistingCluster)
    assert "staging" in said


def test_a_context_that_nobody_has_is_ours_to_make(machine: Path, tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    cluster, _ = choose(tmp_path, "production")
    assert isinstance(cluster, SimulatedCluster)


def test_kind_is_used_where_the_engine_answers(machine: Path, tmp_path: Path) -> None:
    program(machine, "kind", "exit 0")
    program(machine, "docker", "echo 27.3.1")
    cluster, _ = choose(tmp_path)
    assert isinstance(cluster, KindCluster)


@pytest.mark.parametrize(
    "docker",
    ["echo 'Cannot connect to the Docker daemon' >&2; exit 1", "echo ''; exit 0"],
    ids=["it-fails", "it-ends-well-and-knows-no-server"],
)
def test_a_docker_client_without_an_engine_is_passed_over(
    machine: Path, tmp_path: Path, docker: str
) -> None:
    program(machine, "kind", "exit 0")
    program(machine, "docker", docker)
    cluster, _ = choose(tmp_path)
    assert isinstance(cluster, SimulatedCluster)


def test_the_reason_for_simulating_is_told(machine: Path, tmp_path: Path) -> None:
    _, said = choose(tmp_path)
    assert "it is a test" in said


def test_the_users_kubeconfig_is_the_first_that_the_environment_names() -> None:
    assert user_kubeconfig({"KUBECONFIG": "/a:/b"}) == Path("/a")
    assert user_kubeconfig({}).name == "config"
