"""Nodes of a group, as objects in the control plane that stands in for its cluster; KWOK plays them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolchain.providers.aws.stand_ins import Api

GROUP = "eks.amazonaws.com/nodegroup"
"""Label with the name of a node's group."""
NODES = "/api/v1/nodes"
MANY_CORES = 30
"""From this many on EKS lets 250 pods on a node instead of 110."""
EFFECTS = {
    "NO_EXECUTE": "NoExecute",
    "NO_SCHEDULE": "NoSchedule",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
"""Effects of taints: EKS's words, and Kubernetes'."""

Manifest = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What an instance type has."""

    type: str
    cores: int
    memory_mib: int
    architecture: str
    """As images of containers call it."""
    disk_gib: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """Nodes that are alike."""

    arn: str
    name: str
    version: str
    """Minor version of Kubernetes."""
    size: int
    zones: Sequence[str]
    """Zones of its subnets; nodes go to them in turn."""
    machine: Machine
    capacity_type: str
    labels: Mapping[str, str]
    taints: Sequence[Mapping[str, str]]
    """As EKS has them."""


def capacity(machine: Machine) -> dict[str, str]:
    """What a machine has, in Kubernetes' units."""
    return {
        "cpu": str(machine.cores),
        "memory": f"{machine.memory_mib}Mi",
        "ephemeral-storage": f"{machine.disk_gib}Gi",
        "pods": str(_pods(machine)),
    }


def allocatable(machine: Machine) -> dict[str, str]:
    """What is left for pods.

    EKS keeps 255 MiB and 11 MiB for each pod that fits, 100 MiB before it evicts, and of the
    processor 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest.
    """
    shares = [60, 10, 5, 5, *[2.5] * machine.cores]
    kept = 255 + 11 * _pods(machine) + 100
    return {
        **capacity(machine),
        "cpu": f"{int(machine.cores * 1000 - sum(shares[: machine.cores]))}m",
        "memory": f"{machine.memory_mib - kept}Mi",
    }


def _pods(machine: Machine) -> int:
    return 110 if machine.cores < MANY_CORES else 250


def manifests(group: Group) -> list[Manifest]:
    """All nodes of the group."""
    return [_manifest(group, index) for index in range(group.size)]


def _manifest(group: Group, index: int) -> Manifest:
    zone = group.zones[index % len(group.zones)]
    region = zone[:-1]
    instance = "i-" + hashlib.sha256(f"{group.arn}/{index}".encode()).hexdigest()[:17]
    name = f"{instance}.{region}.compute.internal"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": group.machine.architecture,
                "node.kubernetes.io/instance-type": group.machine.type,
                "topology.kubernetes.io/region": region,
                "topology.kubernetes.io/zone": zone,
                "eks.amazonaws.com/capacityType": group.capacity_type,
                GROUP: group.name,
                **group.labels,
            },
        },
        "spec": {"providerID": f"aws:///{zone}/{instance}", "taints": taints(group.taints)},
        "status": {
            "capacity": capacity(group.machine),
            "allocatable": allocatable(group.machine),
            "nodeInfo": _info(group),
        },
    }


def _info(group: Group) -> dict[str, str]:
    version = f"v{group.version}.0-eks-simulated"
    return {
        "architecture": group.machine.architecture,
        "containerRuntimeVersion": "simulated://",
        "kubeletVersion": version,
        "kubeProxyVersion": version,
        "operatingSystem": "linux",
        "osImage": "simulated",
        # KWOK keeps them; the API server wants all.
        **dict.fromkeys(("bootID", "kernelVersion", "machineID", "systemUUID"), ""),
    }


def taints(given: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Taints in Kubernetes' words."""
    return [
        {"key": each["key"], "value": each.get("value", ""), "effect": EFFECTS[each["effect"]]}
        for each in given
    ]


def settle(api: Api, group: Group, former: Group | None = None) -> None:
    """Make the nodes of the cluster those of the group; `former` says what the group was before.

    Nodes that stay are changed in place, where EKS would put new ones beside them.
    """
    wanted = {each["metadata"]["name"]: each for each in manifests(group)}
    present = {each["metadata"]["name"]: each for each in members(api, group.name)}
    for name in sorted(set(present) - set(wanted)):
        api.ask("DELETE", f"{NODES}/{name}")
    for name, node in wanted.items():
        if name not in present:
            api.ask("POST", NODES, node)
        else:
            api.ask("PATCH", f"{NODES}/{name}", _patch(present[name], node, former))
            api.ask("PATCH", f"{NODES}/{name}/status", {"status": {"nodeInfo": _info(group)}})


def _patch(present: Manifest, node: Manifest, former: Group | None) -> Manifest:
    labels: dict[str, str | None] = dict.fromkeys(former.labels if former else ())
    own = [*(taints(former.taints) if former else ()), *node["spec"]["taints"]]
    keys = {(each["key"], each["effect"]) for each in own}
    # Others put taints on nodes too: on one that is not ready, on one that is being emptied.
    foreign = [
        each
        for each in present["spec"].get("taints", ())
        if (each["key"], each["effect"]) not in keys
    ]
    return {
        "metadata": {"labels": labels | node["metadata"]["labels"]},
        "spec": {"taints": [*foreign, *node["spec"]["taints"]]},
    }


def leave(api: Api, group: str) -> None:
    """Remove all nodes of the group with this name."""
    for node in members(api, group):
        api.ask("DELETE", f"{NODES}/{node['metadata']['name']}")


def members(api: Api, group: str) -> list[Manifest]:
    """The nodes of the group with this name."""
    found = api.ask("GET", NODES, labelSelector=f"{GROUP}={group}") or {"items": []}
    return found["items"]


def ready(api: Api, group: Group) -> bool:
    """Whether all nodes have joined and say that they are ready."""
    present = members(api, group.name)
    return len(present) == group.size and all(map(_ready, present))


def _ready(node: Manifest) -> bool:
    conditions: Sequence[Mapping[str, str]] = node.get("status", {}).get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
