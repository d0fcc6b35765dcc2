"""Tier e2e: the simulated cluster, a real control plane whose pods KWOK plays."""

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.platform import eventually
from toolchain import builds
from toolchain.cluster.layout import Layout
from toolchain.cluster.network import ports_in_a_row
from toolchain.cluster.settings import Settings
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.paths import Paths

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PATHS = Paths.from_environment()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[SimulatedCluster]:
    builds.build("kwok", print)
    root = tmp_path_factory.mktemp("simulated")
    settings = Settings(api_port=ports_in_a_row(8))
    made = SimulatedCluster(Layout(root, PATHS.bin), settings, builds.module_dir, "it is a test")
    made.up(print)
    try:
        yield made
    finally:
        made.clean(print)
        assert not root.exists()


def kubectl(cluster: SimulatedCluster, *arguments: str, stdin: object = None) -> str:
    command = [str(PATHS.bin / "kubectl"), f"--kubeconfig={cluster.kubeconfig}", *arguments]
    done = subprocess.run(
        command,
        input=json.dumps(stdin) if stdin else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def database() -> dict[str, Any]:
    """A stateful set with a claim: the shape of the platform's stores."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    pod = {"containers": [{"name": "main", "image": "localhost/x@sha256:0"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "database", "namespace": "default"},
        "spec": {
            "serviceName": "database",
            "replicas": 1,
            "selector": {"matchLabels": {"app": "database"}},
            "template": {"metadata": {"labels": {"app": "database"}}, "spec": pod},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        },
    }


def test_a_workload_with_a_volume_becomes_ready(cluster: SimulatedCluster) -> None:
    kubectl(cluster, "apply", "-f", "-", stdin=database())
    kubectl(cluster, "rollout", "status", "statefulset/database", "--timeout=60s")
    phase = kubectl(cluster, "get", "pvc", "data-database-0", "-o", "jsonpath={.status.phase}")
    assert phase == "Bound"


def test_a_job_completes(cluster: SimulatedCluster) -> None:
    kubectl(cluster, "create", "job", "once", "--image=localhost/x@sha256:0")
    kubectl(cluster, "wait", "--for=condition=complete", "job/once", "--timeout=60s")


def test_the_status_says_that_nothing_really_runs(cluster: SimulatedCluster) -> None:
    status = cluster.status()
    assert status.running
    assert status.kind == "simulated"
    assert any("SIMULATED" in note and "it is a test" in note for note in status.notes)
    assert {row.state for row in status.components} == {"running"}


def test_the_gateways_definitions_are_there(cluster: SimulatedCluster) -> None:
    assert "ingressroutes.traefik.io" in kubectl(cluster, "get", "crd", "-o", "name")


def test_no_program_outlives_its_supervisor(cluster: SimulatedCluster, tmp_path: Path) -> None:
    record = json.loads((cluster.kubeconfig.parent / "node.json").read_text())
    os.kill(record["pid"], 9)
    eventually("no process left", lambda: not processes(cluster))
    cluster.up(print)
    assert cluster.status().running
    name = kubectl(cluster, "get", "statefulset", "-o", "name")
    assert name.strip() == "statefulset.apps/database"


def test_the_end_leaves_no_process(cluster: SimulatedCluster) -> None:
    cluster.down(print)
    assert processes(cluster) == []
    assert not cluster.status().running
    cluster.down(print)  # a second time is no error


def processes(cluster: SimulatedCluster) -> list[int]:
    root = str(cluster.kubeconfig.parent)
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if root in " ".join(process.info["cmdline"] or [])
    ]
