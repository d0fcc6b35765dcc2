"""Tier e2e: the simulated cluster, a real control plane whose pods KWOK plays."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from toolchain import builds
from toolchain.cluster.layout import Layout
from toolchain.cluster.settings import Settings
from toolchain.cluster.simulated import SimulatedCluster
from toolchain.paths import Paths

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PATHS = Paths.from_environment()


def free_ports(number: int = 8) -> int:
    """The first of so many ports in a row that nobody listens on."""
    for first in range(20000 + os.getpid() % 5000, 60000, number):
        with closing(socket.socket()) as probe:
            if all(probe.connect_ex(("127.0.0.1", first + n)) for n in range(number)):
                return first
    raise AssertionError(f"no {number} free ports in a row")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[SimulatedCluster]:
    builds.build("kwok", print)
    root = tmp_path_factory.mktemp("simulated")
    settings = Settings(api_port=free_ports())
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


def wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.5)


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
    wait(lambda: not processes(cluster))
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
