"""Connections from pods that stand for a part of the platform, each tried for real.

A probe is a pod that carries the labels of the part it stands for, in that part's namespace, so
that the same policies govern it. It is never ready, so that no Service sends it requests.
"""

import json
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import yaml

from tests.e2e.platform import Object, agent_pods, get, kubectl, pods

Address = tuple[str, int]
CONNECT = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def reachable(address):
    try:
        with socket.create_connection(address, timeout=4):
            return True
    except OSError:
        return False
targets = json.loads(sys.argv[1])
with ThreadPoolExecutor() as pool:
    print(json.dumps(dict(zip(targets, pool.map(reachable, map(tuple, targets.values()))))))
"""


@dataclass(frozen=True)
class Source:
    """Where a connection starts."""

    namespace: str
    labels: dict[str, str]
    reaches: frozenset[str]
    """Everything it may reach; whatever is not named here has to be refused."""


def targets() -> dict[str, Address]:
    """What the platform's pods listen on, by name."""
    (agent, *_) = agent_pods()
    (gateway, *_) = pods("gateway", "app.kubernetes.io/name=traefik")
    services = {
        (s["metadata"]["namespace"], s["metadata"]["name"]): s["spec"]["clusterIP"]
        for s in get("services", "--all-namespaces")
    }
    return {
        "dns": (services["kube-system", "kube-dns"], 53),
        "api server": (services["default", "kubernetes"], 443),
        "agent http": (agent["status"]["podIP"], 8000),
        "agent metrics": (agent["status"]["podIP"], 9090),
        "gateway http": (gateway["status"]["podIP"], 8000),
        "gateway metrics": (gateway["status"]["podIP"], 9090),
        "postgres": (services["stores", "postgres"], 5432),
        "redis": (services["stores", "redis"], 6379),
    }


@contextmanager
def connections(
    sources: Mapping[str, Source], targets: Mapping[str, Address], *, namespaces: tuple[str, ...]
) -> Generator[dict[str, dict[str, bool]]]:
    """Per source, which targets took a connection. `namespaces` are made, and removed afterwards."""
    (agent, *_) = agent_pods()
    image = agent["spec"]["containers"][0]["image"]
    probes = {f"probe-{n}": (name, each) for n, (name, each) in enumerate(sources.items())}
    objects: list[Object] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in namespaces
    ]
    objects += [_probe(name, source, image) for name, (_, source) in probes.items()]
    manifest = yaml.safe_dump_all(objects)
    kubectl("apply", "-f", "-", stdin=manifest)
    try:
        for name, (_, source) in probes.items():
            running = ("--for=jsonpath={.status.phase}=Running", "--timeout=120s")
            kubectl("wait", *running, "-n", source.namespace, f"pod/{name}")

        def connect(name: str) -> dict[str, bool]:
            shell = ("exec", "-n", probes[name][1].namespace, name, "--", "python", "-c", CONNECT)
            return json.loads(kubectl(*shell, json.dumps(targets)).stdout)

        with ThreadPoolExecutor(max_workers=4) as pool:
            results = list(pool.map(connect, probes))
        yield {name: seen for (name, _), seen in zip(probes.values(), results, strict=True)}
    finally:
        kubectl("delete", "--ignore-not-found", "-f", "-", stdin=manifest)


def _probe(name: str, source: Source, image: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": source.namespace, "labels": source.labels},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "probe",
                    "image": image,
                    "command": ["python", "-c", "import signal; signal.pause()"],
                    "resources": {"requests": {"cpu": "1m", "memory": "16Mi"}},
                    "readinessProbe": {"exec": {"command": ["false"]}},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }
