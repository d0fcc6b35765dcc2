"""Waiting until objects are ready, and what is told when they are not.

There is no node: the tests write the status of pods as a kubelet would.
"""

import signal
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager

import psutil
import pytest

from tests.engine.control_plane import ControlPlane, Manifest
from tests.engine.stack import Project
from toolchain.cluster.waiting import until

pytestmark = pytest.mark.engine

DEPLOYMENT = """
space = k8s.core.v1.Namespace(
    "space",
    metadata={{"name": "{namespace}", "labels": {{"pod-security.kubernetes.io/enforce": "{level}"}}}},
)
k8s.apps.v1.Deployment(
    "agent",
    metadata={{
        "name": "agent", "namespace": space.metadata["name"], "annotations": {annotations},
    }},
    spec={{
        "replicas": 2,
        "selector": {{"matchLabels": {{"app": "agent"}}}},
        "template": {{
            "metadata": {{"labels": {{"app": "agent"}}}},
            "spec": {{"containers": [{{"name": "agent", "image": "{image}"}}]}},
        }},
    }},
    opts=pulumi.ResourceOptions(
        custom_timeouts=pulumi.CustomTimeouts(create="{seconds}s", update="{seconds}s")
    ),
)
"""

READY: Manifest = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "True"}],
    "containerStatuses": [
        {
            "name": "agent",
            "image": "agent",
            "imageID": "",
            "ready": True,
            "restartCount": 0,
            "state": {"running": {}},
        }
    ],
}

PULLING: Manifest = {
    "phase": "Pending",
    "containerStatuses": [
        {
            "name": "agent",
            "image": "agent",
            "imageID": "",
            "ready": False,
            "restartCount": 0,
            "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}},
        }
    ],
}


def deployment(
    namespace: str,
    *,
    image: str = "agent:1",
    seconds: int = 120,
    level: str = "privileged",
    annotations: str = "{}",
) -> str:
    return DEPLOYMENT.format(
        namespace=namespace, image=image, seconds=seconds, level=level, annotations=annotations
    )


@contextmanager
def kubelet(plane: ControlPlane, namespace: str, status: Manifest) -> Generator[None]:
    """Gives every pod of the namespace, as it appears, this status."""
    done = threading.Event()
    seen: set[str] = set()

    def work() -> None:
        # The wait is the pace of a node's heartbeat: nothing tells a kubelet of pods without a node.
        while not done.wait(0.2):
            for pod in plane.every("pods", namespace):
                name = pod["metadata"]["name"]
                if name not in seen and "deletionTimestamp" not in pod["metadata"]:
                    plane.set_status("pod", name, namespace, status)
                    seen.add(name)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_deployment_is_done_when_its_pods_are_ready(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(deployment("waits-ready"))
    with kubelet(control_plane, "waits-ready", READY):
        update = project.deployed()
    assert update.operations == {"space": "create", "agent": "create"}
    live = control_plane.get("deployment", "agent", "waits-ready")
    assert live
    assert live["status"]["readyReplicas"] == 2


def test_a_wait_that_fails_says_why_and_keeps_the_object(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(deployment("waits-fails", seconds=6))
    with kubelet(control_plane, "waits-fails", PULLING):
        update = project.up()
    assert update.code != 0
    assert "Deployment waits-fails/agent is not ready after 6s: [0/2] waiting for 2 pods" in (
        update.output
    )
    assert "container agent: ImagePullBackOff: no such image" in update.output
    assert "kubectl -n waits-fails describe deployment agent" in update.output
    assert any("[0/2] waiting for 2 pods" in m and "ImagePullBackOff" in m for m in update.messages)
    assert project.resource("agent")["initErrors"]
    # The same program waits again, and is content once the pods are ready.
    with kubelet(control_plane, "waits-fails", READY):
        again = project.deployed()
    assert again.operations["agent"] == "update"
    assert "initErrors" not in project.resource("agent")


def test_pods_that_are_not_admitted_are_told_with_the_reason(project: Project) -> None:
    project.program(deployment("waits-refused", level="restricted", seconds=6))
    update = project.up()
    assert update.code != 0
    assert "no pod can be made" in update.output
    assert 'violates PodSecurity "restricted' in update.output


def test_the_timeout_annotation_ends_the_wait(project: Project) -> None:
    text = deployment("waits-annotated", annotations='{"pulumi.com/timeoutSeconds": "3"}')
    start = text.index("    opts=pulumi.ResourceOptions(\n        custom_timeouts")
    project.program(text[:start] + ")\n")
    update = project.up()
    assert update.code != 0
    assert "is not ready after 3s" in update.output


def test_skipping_the_wait_leaves_the_deployment_to_itself(project: Project) -> None:
    project.program(deployment("waits-skipped", annotations='{"pulumi.com/skipAwait": "true"}'))
    project.deployed()


def test_cancelling_ends_the_wait_at_once_and_keeps_the_object(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(deployment("waits-cancelled", seconds=600))
    with running_up(project) as up:
        until(
            lambda: bool(control_plane.get("deployment", "agent", "waits-cancelled")),
            seconds=90,
            what="deployment",
            explain=lambda: "",
        )
        psutil.Process(up.pid).send_signal(signal.SIGINT)
        output, _ = up.communicate(timeout=60)
    assert up.returncode != 0
    assert "the wait was cancelled" in output
    assert project.resource("agent")["initErrors"]


@contextmanager
def running_up(project: Project) -> Generator["subprocess.Popen[str]"]:
    process = project.start("up", "--yes", "--skip-preview", "--stack", "test")
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_second_update_is_refused_while_one_runs(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(deployment("waits-locked", seconds=600))
    with running_up(project) as up:
        until(
            lambda: bool(control_plane.get("deployment", "agent", "waits-locked")),
            seconds=90,
            what="deployment",
            explain=lambda: "",
        )
        second = project.up()
        assert second.code != 0
        assert "currently locked" in second.output
        psutil.Process(up.pid).send_signal(signal.SIGINT)
        up.communicate(timeout=60)


def test_a_failed_job_is_told_with_its_reason(
    project: Project, control_plane: ControlPlane
) -> None:
    project.program(
        """
        k8s.batch.v1.Job(
            "migrate",
            metadata={"name": "migrate", "namespace": "default"},
            spec={
                "backoffLimit": 0,
                "template": {"spec": {
                    "restartPolicy": "Never",
                    "containers": [{"name": "agent", "image": "agent"}],
                }},
            },
        )
        """
    )
    failed: Manifest = {
        "phase": "Failed",
        "containerStatuses": [
            {
                "name": "agent",
                "image": "agent",
                "imageID": "",
                "ready": False,
                "restartCount": 0,
                "state": {"terminated": {"exitCode": 3, "reason": "Error"}},
            }
        ],
    }
    with kubelet(control_plane, "default", failed):
        update = project.up()
    assert update.code != 0
    assert "Job default/migrate failed: the job failed: BackoffLimitExceeded" in update.output
    assert "container agent: last exit code 3 (Error)" in update.output


def test_a_service_waits_for_an_endpoint_and_says_what_it_misses(project: Project) -> None:
    project.program(
        """
        k8s.core.v1.Service(
            "front",
            metadata={"name": "front", "namespace": "default"},
            spec={"selector": {"app": "nobody"}, "ports": [{"port": 80}]},
            opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="3s")),
        )
        """
    )
    update = project.up()
    assert update.code != 0
    assert "waiting for an endpoint: no pod has the labels app=nobody" in update.output


def test_a_headless_service_waits_for_nothing(project: Project) -> None:
    project.program(
        """
        k8s.core.v1.Service(
            "headless",
            metadata={"name": "headless", "namespace": "default"},
            spec={"clusterIP": "None", "selector": {"app": "nobody"}, "ports": [{"port": 80}]},
        )
        """
    )
    project.deployed()
