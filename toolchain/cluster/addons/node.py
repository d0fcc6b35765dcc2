"""The bundles of a real node: access first, for Cilium waits for it; then services; then the gateway."""

from pathlib import Path

from toolchain.cluster.addons import cilium, coredns, definitions, metrics_server, storage
from toolchain.cluster.addons.bundles import Bundle
from toolchain.cluster.addons.objects import SYSTEM, namespace
from toolchain.cluster.settings import Settings


def access(cilium_module: Path) -> Bundle:
    """What the network needs before it starts."""
    manifests = [
        # Node-level add-ons need more than any lower standard allows.
        namespace(SYSTEM, "privileged"),
        *cilium.manifests(),
        *definitions.cilium(cilium_module),
    ]
    return Bundle(name="access", manifests=manifests)


def services(
    settings: Settings, pki: Path, *, coredns_image: str, metrics_image: str, upstream: bool
) -> Bundle:
    """Volumes, names and figures."""
    manifests = [
        *storage.manifests(),
        *coredns.manifests(settings, coredns_image, upstream=upstream),
        *metrics_server.manifests(metrics_image, pki),
    ]
    return Bundle(name="services", manifests=manifests)


def gateway(traefik_module: Path) -> Bundle:
    """The gateway's own kinds."""
    return Bundle(name="gateway", manifests=definitions.traefik(traefik_module))
