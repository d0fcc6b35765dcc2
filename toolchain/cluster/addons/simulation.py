"""What KWOK plays: one node, the life of pods, and volumes that bind at once."""

from pathlib import Path

import yaml

from toolchain.cluster.addons.storage import storage_class
from toolchain.cluster.api import Manifest

FOLDERS = ("node/fast", "node/heartbeat-with-lease", "pod/fast", "volume/fast")
PROVISIONER = "kwok.x-k8s.io/volume"
_CLASS_OF_KWOK = "kwok-volume"


def stages(module: Path) -> str:
    """KWOK's own stages, read out of its module, for our storage class."""
    documents: list[Manifest] = []
    for folder in FOLDERS:
        for path in sorted((module / "kustomize" / "stage" / folder).glob("*.yaml")):
            text = path.read_text().replace(_CLASS_OF_KWOK, "standard")
            found = yaml.safe_load_all(text)
            documents += [one for one in found if one and one.get("kind") == "Stage"]
    return yaml.safe_dump_all(documents, sort_keys=False)


def manifests(node: str) -> list[Manifest]:
    """The node, labelled as what it is, and the default storage class."""
    size = {"cpu": "8", "memory": "16Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    simulated: Manifest = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node,
            "labels": {
                "kubernetes.io/hostname": node,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "agent-platform.dev/node": "simulated",
            },
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "status": {"allocatable": size, "capacity": size},
    }
    return [simulated, *storage()]


def storage() -> list[Manifest]:
    """The default storage class: volumes bind at once."""
    return [storage_class(PROVISIONER, binding="Immediate")]
