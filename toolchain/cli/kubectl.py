"""Questions to the cluster through kubectl, and the workloads of the platform in it."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.labels import TENANT
from toolchain.cluster import Cluster, ClusterError
from toolchain.paths import Paths

NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
CLUSTER = "cluster"
OURS = "app.kubernetes.io/part-of=agent-platform"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A Deployment or StatefulSet of the platform."""

    name: str
    namespace: str
    component: str
    """What it is: `agent`, `gateway`, `store` …, `cluster` for what the cluster itself needs."""
    tenant: str | None
    wanted: int
    ready: int
    image: str
    memory_bytes: int = 0
    cpu_millicores: float = 0

    @property
    def complete(self) -> bool:
        return self.ready == self.wanted


@dataclass(frozen=True)
class Kubectl:
    """kubectl for one cluster."""

    program: str
    kubeconfig: Path
    context: str
    """Named, never the current one: the file may be another stack's by now."""

    @classmethod
    def of(cls, cluster: Cluster, paths: Paths, context: str) -> "Kubectl":
        """The toolchain's kubectl, else the one on PATH."""
        built = paths.bin / "kubectl"
        program = str(built) if built.exists() else shutil.which("kubectl")
        if program is None:
            raise ClusterError("got no kubectl on PATH and none built, wanted either; run: make up")
        return cls(program, cluster.kubeconfig, context)

    def command(self, *arguments: str) -> list[str]:
        """The command line for these arguments."""
        cluster = (f"--kubeconfig={self.kubeconfig}", f"--context={self.context}")
        return [self.program, *cluster, *arguments]

    def ask(self, *arguments: str) -> dict[str, Any]:
        """The answer, read as JSON."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise ClusterError(f"`kubectl {' '.join(arguments)}`: {done.stderr.strip()}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def workloads(self) -> list[Workload]:
        """Everything that the stack runs, with what its pods use where that is measured."""
        kinds = "deployments,statefulsets"
        found = self.ask("get", kinds, "--all-namespaces", f"--selector={OURS}", "--output=json")
        used = self._usage()
        return [_workload(item, used) for item in found["items"]]

    def _usage(self) -> dict[tuple[str, str], tuple[int, float]]:
        """Memory and millicores by namespace and pod; empty while metrics are not served yet."""
        try:
            found = self.ask("get", "--raw", "/apis/metrics.k8s.io/v1beta1/pods")
        except ClusterError:
            return {}
        return {
            (item["metadata"]["namespace"], item["metadata"]["name"]): (
                sum(quantity(c["usage"]["memory"]) for c in item["containers"]),
                sum(quantity(c["usage"]["cpu"], 1000) for c in item["containers"]),
            )
            for item in found["items"]
        }


def _workload(
    item: Mapping[str, Any], used: Mapping[tuple[str, str], tuple[int, float]]
) -> Workload:
    meta, spec, status = item["metadata"], item["spec"], item.get("status", {})
    labels = meta["labels"]
    mine = list(_pods(meta["namespace"], meta["name"], used))
    return Workload(
        name=labels[NAME],
        namespace=meta["namespace"],
        component=labels.get(COMPONENT, CLUSTER),
        tenant=labels.get(TENANT),
        wanted=int(spec.get("replicas", 1)),
        ready=int(status.get("readyReplicas", 0)),
        image=str(spec["template"]["spec"]["containers"][0]["image"]),
        memory_bytes=sum(memory for memory, _ in mine),
        cpu_millicores=sum(cpu for _, cpu in mine),
    )


def _pods(
    namespace: str, workload: str, used: Mapping[tuple[str, str], tuple[int, float]]
) -> Iterator[tuple[int, float]]:
    for (where, pod), usage in used.items():
        if where == namespace and pod.startswith(f"{workload}-"):
            yield usage


UNITS = {
    **{f"{prefix}i": 1024.0**power for power, prefix in enumerate("KMGT", 1)},
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "": 1.0},
}


def quantity(text: str, scale: int = 1) -> int:
    """A Kubernetes quantity as a number: `64Mi`, `250m`, `12345n`."""
    number = text.rstrip("".join({*"".join(UNITS)}))
    return round(float(number) * UNITS[text[len(number) :]] * scale)
