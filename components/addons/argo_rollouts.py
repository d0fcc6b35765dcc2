"""Argo Rollouts: it takes a release forward step by step, or back, by what Prometheus says."""

from typing import Final

from components.addons.charts import CHARTS
from components.addons.network import MONITORING
from components.addons.workload import (
    CONTAINER_SECURITY,
    POD_SECURITY,
    REPLICAS,
    Values,
    Workload,
    placement,
    resources,
)
from components.hardening import Compute
from components.network.policy import egress, pods_in, tcp

NAMESPACE: Final = CHARTS["argo-rollouts"].namespace
COMPUTE: Final = Compute(cpu="100m", memory="128Mi", cpu_limit="500m", memory_limit="512Mi")
PROMETHEUS: Final = 9090
CONTROLLER: Final = Workload(
    name="argo-rollouts", metrics=8090, also=(egress(pods_in(MONITORING), tcp(PROMETHEUS)),)
)
_OTHER_PROXIES: Final = (
    "ambassador",
    "apisix",
    "awsAppMesh",
    "awsLoadBalancerController",
    "contour",
    "gatewayAPI",
    "glooPlatform",
    "istio",
    "smi",
)


def rollouts_values() -> Values:
    """Values of the chart: the controller with rights over Traefik and no other proxy, no dashboard."""
    place = placement(CONTROLLER)
    return {
        # The chart has one for all pods.
        "podLabels": place.pop("podLabels"),
        "podSecurityContext": dict(POD_SECURITY),
        "containerSecurityContext": dict(CONTAINER_SECURITY),
        "providerRBAC": {
            "providers": {**dict.fromkeys(_OTHER_PROXIES, False), "traefik": True},
        },
        "dashboard": {"enabled": False},
        # A Rollout has to outlive the controller's own removal.
        "keepCRDs": True,
        "controller": {
            "replicas": REPLICAS,
            "pdb": {"enabled": True, "maxUnavailable": 1},
            "resources": resources(COMPUTE),
            # Its default is the group of Traefik 2.
            "extraArgs": [
                "--traefik-api-group=traefik.io",
                "--traefik-api-version=traefik.io/v1alpha1",
            ],
            **place,
        },
    }
