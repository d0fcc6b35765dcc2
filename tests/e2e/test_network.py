"""e2e: who may talk to whom, by real connections from real pods, each pair tried.

A probe is a pod that carries the labels of the part it stands for, in that part's namespace, so
that the same policies govern it. It is never ready, so that no Service sends it requests.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import yaml

from components.edge.gateway import PODS as GATEWAY
from components.labels import access, selector
from tests.e2e.platform import AGENT, TENANT, agent_pods, get, kubectl, pods

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Source:
    """Where a connection starts."""

    namespace: str
    labels: dict[str, str]
    reaches: frozenset[str]
    """Everything it may reach; whatever is not named here has to be refused."""


OPEN = frozenset({"dns", "api server", "gateway http"})
SOURCES = {
    "agent": Source(
        TENANT,
        {**selector(AGENT, "agent"), **access("postgres", "redis")},
        frozenset({"dns", "postgres", "redis"}),
    ),
    "migration": Source(
        TENANT,
        {**selector(f"{AGENT}-migration", "job"), **access("postgres")},
        frozenset({"dns", "postgres"}),
    ),
    "stranger in the tenant": Source(TENANT, {"app": "stranger"}, frozenset()),
    "gateway": Source("gateway", GATEWAY, frozenset({"dns", "api server", "agent http"})),
    "store": Source("stores", selector("postgres", "store"), frozenset()),
    "monitoring": Source(
        "monitoring", {"app": "prometheus"}, OPEN | {"agent metrics", "gateway metrics"}
    ),
    "stranger elsewhere": Source("elsewhere", {"app": "stranger"}, OPEN),
    "impostor with a store's label": Source("elsewhere", access("postgres", "redis"), OPEN),
}
OTHERS = ("monitoring", "elsewhere")
TARGETS = (
    "dns",
    "api server",
    "agent http",
    "agent metrics",
    "gateway http",
    "gateway metrics",
    "postgres",
    "redis",
)
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


def _probe(name: str, source: Source, image: str) -> dict[str, object]:
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


def _targets() -> dict[str, tuple[str, int]]:
    (agent, *_) = agent_pods()
    (gateway, *_) = pods("gateway", "app.kubernetes.io/name=traefik")
    services = {
        (s["metadata"]["namespace"], s["metadata"]["name"]): s["spec"]["clusterIP"]
        for s in get("services", "--all-namespaces")
    }
    addresses = {
        "dns": (services["kube-system", "kube-dns"], 53),
        "api server": (services["default", "kubernetes"], 443),
        "agent http": (agent["status"]["podIP"], 8000),
        "agent metrics": (agent["status"]["podIP"], 9090),
        "gateway http": (gateway["status"]["podIP"], 8000),
        "gateway metrics": (gateway["status"]["podIP"], 9090),
        "postgres": (services["stores", "postgres"], 5432),
        "redis": (services["stores", "redis"], 6379),
    }
    assert tuple(addresses) == TARGETS
    return addresses


@pytest.fixture(scope="module")
def matrix() -> Iterator[dict[str, dict[str, bool]]]:
    """Per source, which targets took a connection."""
    (agent, *_) = agent_pods()
    image = agent["spec"]["containers"][0]["image"]
    probes = {f"probe-{n}": (name, each) for n, (name, each) in enumerate(SOURCES.items())}
    objects: list[dict[str, object]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in OTHERS
    ]
    objects += [_probe(name, source, image) for name, (_, source) in probes.items()]
    manifest = yaml.safe_dump_all(objects)
    kubectl("apply", "-f", "-", stdin=manifest)
    try:
        for name, (_, source) in probes.items():
            kubectl(
                "wait",
                "--for=jsonpath={.status.phase}=Running",
                "--timeout=120s",
                "-n",
                source.namespace,
                f"pod/{name}",
            )
        targets = json.dumps(_targets())

        def connect(name: str) -> dict[str, bool]:
            source = probes[name][1]
            shell = ("exec", "-n", source.namespace, name, "--", "python", "-c", CONNECT, targets)
            return json.loads(kubectl(*shell).stdout)

        with ThreadPoolExecutor(max_workers=4) as pool:
            results = list(pool.map(connect, probes))
        yield {name: seen for (name, _), seen in zip(probes.values(), results, strict=True)}
    finally:
        kubectl("delete", "--ignore-not-found", "-f", "-", stdin=manifest)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SOURCES)
def test_a_connection_goes_through_exactly_where_a_policy_allows_it(
    matrix: dict[str, dict[str, bool]], source: str, target: str
) -> None:
    assert matrix[source][target] is (target in SOURCES[source].reaches)
