"""Traefik's kinds. The proxy itself is `components.edge.Gateway`, the same in every stack."""

from components.addons.workload import Values


def kinds_values() -> Values:
    """Values of the chart. Kinds stay when it goes, for with them would go every route."""
    return {"traefik": True, "gatewayAPI": False, "hub": False, "deleteOnUninstall": False}
