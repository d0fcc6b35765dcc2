"""e2e, run last (by its name): `pulumi destroy` leaves nothing of the stack in the cluster."""

import pytest

from tests.e2e.platform import Object, eventually, get, pulumi

pytestmark = pytest.mark.e2e
OWN = {"research", "stores", "gateway"}


def _volumes() -> list[Object]:
    return [v for v in get("persistentvolumes") if v["spec"]["claimRef"]["namespace"] in OWN]


def test_destroy_leaves_nothing() -> None:
    pulumi("destroy", "--yes", "--skip-preview")
    assert not OWN & {each["metadata"]["name"] for each in get("namespaces")}
    # The provisioner takes a volume away after its claim has gone, which the engine waits for.
    eventually("the volumes are gone", lambda: not _volumes())
    for kind in ("ingressroutes.traefik.io", "persistentvolumeclaims", "clusterrolebindings"):
        for each in get(kind, "--all-namespaces", "--show-managed-fields"):
            managers = {field["manager"] for field in each["metadata"].get("managedFields", [])}
            assert not [m for m in managers if m.startswith("pulumi-kubernetes")], each
