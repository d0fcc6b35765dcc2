"""External Secrets: it brings secrets from Secrets Manager into namespaces, and never the other way."""

from collections.abc import Mapping
from typing import Final

import pulumi

from components.addons.charts import CHARTS
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

NAMESPACE: Final = CHARTS["external-secrets"].namespace
SERVICE_ACCOUNT: Final = "external-secrets"
CONTROLLER: Final = Workload(name=SERVICE_ACCOUNT, metrics=8080, calls_aws=True)
WEBHOOK: Final = Workload(name="external-secrets-webhook", metrics=8080, webhook=10250)
CERTIFICATES: Final = Workload(name="external-secrets-cert-controller", metrics=8080)

COMPUTE: Final = Compute(cpu="50m", memory="128Mi", cpu_limit="500m", memory_limit="512Mi")
_AIDE: Final = Compute(cpu="20m", memory="64Mi", cpu_limit="200m", memory_limit="128Mi")


def secrets_values(annotations: Mapping[str, pulumi.Input[str]]) -> Values:
    """Values of the chart."""
    return {
        "replicaCount": REPLICAS,
        "leaderElect": True,
        "serviceAccount": {"name": SERVICE_ACCOUNT, "annotations": dict(annotations)},
        "podDisruptionBudget": _BUDGET,
        "webhook": {
            "replicaCount": REPLICAS,
            "podDisruptionBudget": _BUDGET,
            # The API server checks fields by itself; what the webhook adds is not worth that nobody
            # can change a secret while it is away.
            "failurePolicy": "Ignore",
            **_pod(WEBHOOK, _AIDE),
        },
        # One: it looks every five minutes after a certificate that lasts for years.
        "certController": {"replicaCount": 1, **_pod(CERTIFICATES, _AIDE)},
        **_pod(CONTROLLER, COMPUTE),
        **_inward_only(),
        # With it on, the kinds could not be read while the webhook is away.
        "crds": {**_KINDS, "conversion": {"enabled": False}},
    }


_BUDGET: Final = {"enabled": True, "minAvailable": 1}
_KINDS: Final = {
    "createClusterExternalSecret": False,
    "createClusterSecretStore": False,
    "createClusterGenerator": False,
    "createClusterPushSecret": False,
    "createPushSecret": False,
}
"""What reaches beyond one namespace, or sends secrets out, is not there to be used."""


def _inward_only() -> Values:
    """The chart wants both said: that a kind is not made, and that nothing looks for it."""
    return {
        "processClusterExternalSecret": False,
        "processClusterStore": False,
        "processClusterGenerator": False,
        "processClusterPushSecret": False,
        "processPushSecret": False,
    }


def _pod(workload: Workload, compute: Compute) -> Values:
    return {
        "podSecurityContext": {"enabled": True, **POD_SECURITY},
        "securityContext": {"enabled": True, **CONTAINER_SECURITY, "runAsUser": 1000},
        "resources": resources(compute),
        **placement(workload),
    }
