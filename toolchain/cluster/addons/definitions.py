"""Custom resource definitions, read out of the modules that the tools were built from."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from toolchain.cluster.api import Manifest
from toolchain.cluster.model import ClusterError

CILIUM_FOLDER = "pkg/k8s/apis/cilium.io/client/crds"
TRAEFIK_MODULE = "github.com/traefik/traefik/v3"
TRAEFIK_FOLDER = "docs/content/reference/dynamic-configuration"


def read(folder: Path) -> list[Manifest]:
    """Every CustomResourceDefinition in the YAML files of a folder and below, once each."""
    found = {
        str(document["metadata"]["name"]): document
        for path in sorted(folder.rglob("*.y*ml"))
        for document in _documents(path)
        if document.get("kind") == "CustomResourceDefinition"
    }
    if not found:
        raise ClusterError(
            f"got no custom resource definitions in {folder}, wanted those of the module: "
            "build the tool again, so that its module is downloaded"
        )
    return list(found.values())


def traefik(module: Path) -> list[Manifest]:
    """Traefik's own definitions, without those of the Gateway API."""
    return _of_group(read(module / TRAEFIK_FOLDER), "traefik.io")


def cilium(module: Path) -> list[Manifest]:
    """Cilium's definitions."""
    return _of_group(read(module / CILIUM_FOLDER), "cilium.io")


def _of_group(definitions: Iterable[Manifest], group: str) -> list[Manifest]:
    return [one for one in definitions if one["spec"]["group"] == group]


def _documents(path: Path) -> Iterable[Manifest]:
    # The C loader reads these 100 KB files in a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for document in yaml.load_all(path.read_text(), Loader=loader):
        if isinstance(document, dict):
            yield document
