"""Questions to the API server, and manifests applied to it."""

import datetime as dt
import json
import math
import os
import ssl
import subprocess
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2

from toolchain.cluster.model import ClusterError, NodeStatus
from toolchain.image_archive import DIGEST

FIELD_MANAGER = "agent-platform-toolchain"

POD_SOURCES = (
    "/api/v1/pods",
    "/apis/apps/v1/replicasets",
    "/apis/apps/v1/statefulsets",
    "/apis/apps/v1/daemonsets",
    "/apis/batch/v1/jobs",
    "/apis/batch/v1/cronjobs",
)
"""Old replica sets too: a rollback needs their image."""

Manifest = Mapping[str, Any]


class Api:
    """The API server, asked with the administrator's certificate."""

    def __init__(self, server: str, pki: Path) -> None:
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(str(pki / "admin.crt"), str(pki / "admin.key"))
        # A proxy of the person's shell must not come between us and loopback.
        self._client = httpx2.Client(base_url=server, verify=context, timeout=5.0, trust_env=False)

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()

    def get(self, path: str) -> dict[str, Any] | None:
        """The object or list at `path`; None while it is not there or nobody answers."""
        try:
            answer = self._client.get(path)
        except httpx2.TransportError:
            return None
        if answer.status_code != HTTPStatus.OK:
            return None
        found: dict[str, Any] = answer.json()
        return found

    def ready(self) -> bool:
        """Whether the API server calls itself ready."""
        try:
            return self._client.get("/readyz").status_code == HTTPStatus.OK
        except httpx2.TransportError:
            return False

    def version(self) -> str | None:
        """Its version, such as `v1.34.4`."""
        found = self.get("/version")
        return str(found["gitVersion"]) if found else None

    def nodes(self) -> tuple[NodeStatus, ...]:
        """Every node; none while nobody answers."""
        found = self.get("/api/v1/nodes")
        return tuple(node_status(node) for node in found["items"]) if found else ()

    def node_ready(self, since: float) -> bool:
        """Whether every node said so itself, after it started; before, it is yesterday's news."""
        nodes = (self.get("/api/v1/nodes") or {"items": []})["items"]
        # Kubernetes tells whole seconds.
        fresh = all(heartbeat(node) >= int(since) for node in nodes)
        return bool(nodes) and fresh and all(_condition(node, "Ready") for node in nodes)

    def image_digests(self) -> set[str] | None:
        """Every digest that a pod or the template of one names; None when that cannot be told."""
        found: set[str] = set()
        for path in POD_SOURCES:
            answer = self.get(path)
            if answer is None:
                return None
            found |= set(DIGEST.findall(json.dumps(answer)))
        return found

    def stale_pods(self, since: float) -> list[str]:
        """Pods that are reported as running since before the node started: a report to come."""
        found = self.get("/api/v1/pods?fieldSelector=status.phase=Running")
        if found is None:
            return ["the API server does not answer"]
        return [str(pod["metadata"]["name"]) for pod in found["items"] if _oldest(pod) < int(since)]

    def unready_pods(self, namespace: str, selector: str) -> list[str] | None:
        """Names of the pods that are not ready; None while there are no pods at all."""
        found = self.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")
        pods = [pod for pod in (found or {"items": []})["items"] if not _leaving(pod)]
        if not pods:
            return None
        return [str(pod["metadata"]["name"]) for pod in pods if not _condition(pod, "Ready")]


def heartbeat(node: Mapping[str, Any]) -> float:
    """When the kubelet last said how the node is."""
    return max(
        (
            dt.datetime.fromisoformat(condition["lastHeartbeatTime"]).timestamp()
            for condition in node["status"].get("conditions", [])
            if condition["type"] == "Ready" and condition.get("lastHeartbeatTime")
        ),
        default=0.0,
    )


def node_status(node: Mapping[str, Any]) -> NodeStatus:
    """A node object, read."""
    info = node["status"]["nodeInfo"]
    message = next(
        (
            str(condition.get("message", ""))
            for condition in node["status"].get("conditions", [])
            if condition["type"] == "Ready"
        ),
        "the kubelet has not reported yet",
    )
    ready = _condition(node, "Ready")
    return NodeStatus(
        name=str(node["metadata"]["name"]),
        ready=ready,
        version=str(info["kubeletVersion"]),
        runtime=str(info["containerRuntimeVersion"]),
        detail="" if ready else message,
    )


def _oldest(pod: Mapping[str, Any]) -> float:
    """When the oldest of its running containers started."""
    states = (status["state"] for status in pod["status"].get("containerStatuses", []))
    running = (state["running"]["startedAt"] for state in states if "running" in state)
    return min(
        (dt.datetime.fromisoformat(started).timestamp() for started in running), default=math.inf
    )


def _leaving(found: Mapping[str, Any]) -> bool:
    return "deletionTimestamp" in found["metadata"]


def _condition(found: Mapping[str, Any], kind: str) -> bool:
    return any(
        condition["type"] == kind and condition["status"] == "True"
        for condition in found.get("status", {}).get("conditions", [])
    )


def apply(kubectl: Path, kubeconfig: Path, manifests: Iterable[Manifest]) -> None:
    """Server-side apply; fields that others own are taken over, everything else is left alone."""
    items = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
    command = [str(kubectl), f"--kubeconfig={kubeconfig}", "apply", "--server-side"]
    flags = ["--force-conflicts", f"--field-manager={FIELD_MANAGER}", "--validate=false", "-f", "-"]
    done = subprocess.run(
        [*command, *flags],
        input=json.dumps(items),
        capture_output=True,
        text=True,
        check=False,
        # Neither a proxy nor another configuration of the person's shell plays a part.
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(kubeconfig.parent)},
    )
    if done.returncode:
        raise ClusterError(
            f"the API server refused an add-on of the cluster, wanted it applied: "
            f"{done.stderr.strip() or done.stdout.strip()}"
        )
