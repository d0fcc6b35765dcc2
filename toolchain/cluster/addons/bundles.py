"""Add-ons in the order in which they are needed, applied only when they changed."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from toolchain.cluster import api
from toolchain.cluster.addons import objects
from toolchain.cluster.api import Api, Manifest

LEDGER = "agent-platform-addons"
"""Config map in kube-system: bundle → hash of what was applied."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Manifests that are applied together."""

    name: str
    manifests: list[Manifest]

    @property
    def digest(self) -> str:
        """Changes with any of the manifests."""
        return hashlib.sha256(json.dumps(self.manifests, sort_keys=True).encode()).hexdigest()[:16]


def apply(asked: Api, kubectl: Path, kubeconfig: Path, made: Bundle) -> bool:
    """Apply the bundle unless the cluster holds it already; True when it was applied."""
    known = asked.get(f"/api/v1/namespaces/{objects.SYSTEM}/configmaps/{LEDGER}-{made.name}")
    if known and known.get("data", {}).get("digest") == made.digest:
        return False
    api.apply(kubectl, kubeconfig, made.manifests)
    # Last, so that an interrupted bundle is applied again.
    ledger = objects.config_map(f"{LEDGER}-{made.name}", {"digest": made.digest})
    api.apply(kubectl, kubeconfig, [ledger])
    return True
