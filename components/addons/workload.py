"""What the pods of all add-ons have in common, in the words of charts' values.

It is what `components.hardening` gives the platform's own pods. Images are named by their charts, with
the charts' own registries and without digests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_kubernetes.networking.v1 import NetworkPolicyEgressRuleArgs

from components.hardening import Compute

Values = dict[str, Any]
"""Values of a chart; those that are not known yet may be outputs."""

ADDON: Final = "agents.platform/addon"
"""On the pods of an add-on: which of its workloads they belong to.

A label of ours, since charts differ in what they call theirs and YAML takes no key twice.
"""
PRIORITY: Final = "system-cluster-critical"
"""Before everything that only runs here: without add-ons, nothing new would come to run."""
REPLICAS: Final = 2
"""One leads and one waits; for a webhook, both answer."""
NOBODY: Final = 65534

POD_SECURITY: Final[Mapping[str, Any]] = {
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""For images that say themselves as which user they run."""
CONTAINER_SECURITY: Final[Mapping[str, Any]] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Pods of one Deployment of an add-on, and whom they talk to beyond the Kubernetes API."""

    name: str
    """Value of their label `ADDON`."""
    metrics: int
    """Port that Prometheus reads."""
    webhook: int | None = None
    """Port that the API server calls, if it does."""
    calls_aws: bool = False
    also: Sequence[NetworkPolicyEgressRuleArgs] = ()
    """Whom else they call."""

    @property
    def labels(self) -> dict[str, str]:
        """What the pods have beside their chart's labels; selects them."""
        return {ADDON: self.name}


def pod_security(user: int) -> Values:
    """The same, for images that would run as root otherwise."""
    return {**POD_SECURITY, "runAsUser": user, "runAsGroup": user, "fsGroup": user}


def resources(compute: Compute) -> Values:
    """Requests and limits as charts take them."""
    return {
        "requests": {"cpu": compute.cpu, "memory": compute.memory},
        "limits": {"cpu": compute.cpu_limit, "memory": compute.memory_limit},
    }


def spread(workload: Workload) -> list[Values]:
    """Over zones, then over nodes, as evenly as the cluster allows, never at the price of not running."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": workload.labels},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def placement(workload: Workload) -> Values:
    """Priority, spread and labels, which all charts call the same."""
    return {
        "priorityClassName": PRIORITY,
        "topologySpreadConstraints": spread(workload),
        "podLabels": workload.labels,
    }
