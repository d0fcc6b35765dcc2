"""e2e, run last (by its name): `pulumi destroy` leaves nothing of the stack in the cluster."""

import pytest

from tests.e2e.platform import get, pulumi

pytestmark = pytest.mark.e2e
OWN = {"research", "stores", "gateway"}


def test_destroy_leaves_nothing() -> None:
    pulumi("destroy", "--yes", "--skip-preview")
    assert not OWN & {each["metadata"]["name"] for each in get("namespaces")}
    volumes = [v for v in get("persistentvolumes") if v["spec"]["claimRef"]["namespace"] in OWN]
    assert volumes == []
    for kind in ("ingressroutes.traefik.io", "persistentvolumeclaims", "clusterrolebindings"):
        for each in get(kind, "--all-namespaces", "--show-managed-fields"):
            managers = {field["manager"] for field in each["metadata"].get("managedFields", [])}
            assert not [m for m in managers if m.startswith("pulumi-kubernetes")], each
