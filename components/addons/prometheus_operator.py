"""The Prometheus operator and its kinds, out of a chart that would bring a whole stack."""

from typing import Final

from components.addons.charts import CHARTS
from components.addons.workload import (
    CONTAINER_SECURITY,
    NOBODY,
    PRIORITY,
    Values,
    Workload,
    pod_security,
    resources,
)
from components.hardening import Compute

NAMESPACE: Final = CHARTS["kube-prometheus-stack"].namespace
COMPUTE: Final = Compute(cpu="50m", memory="128Mi", cpu_limit="200m", memory_limit="256Mi")
OPERATOR: Final = Workload(name="prometheus-operator", metrics=8080)
_PARTS: Final = (
    "alertmanager",
    "coreDns",
    "grafana",
    "kubeApiServer",
    "kubeControllerManager",
    "kubeDns",
    "kubeEtcd",
    "kubeProxy",
    "kubeScheduler",
    "kubeStateMetrics",
    "kubelet",
    "nodeExporter",
    "prometheus",
    "thanosRuler",
    "windowsMonitoring",
)
"""Parts of the chart that stay away: what is monitored, and by what, is the platform's own."""


def operator_values() -> Values:
    """Values of the chart.

    One replica: the operator elects no leader, and while it is away Prometheus goes on as it is. Its
    webhooks are off, and with them the jobs that make their certificates; the operator leaves out a
    rule that Prometheus could not read.
    """
    return {
        "crds": {"enabled": True},
        "defaultRules": {"create": False},
        **{part: {"enabled": False} for part in _PARTS},
        "prometheusOperator": {
            "podLabels": OPERATOR.labels,
            "priorityClassName": PRIORITY,
            "securityContext": pod_security(NOBODY),
            "containerSecurityContext": dict(CONTAINER_SECURITY),
            "resources": resources(COMPUTE),
            "admissionWebhooks": {"enabled": False, "patch": {"enabled": False}},
            "tls": {"enabled": False},
            # Writes to kube-system, for a monitor of the kubelet that is not used.
            "kubeletService": {"enabled": False},
        },
    }
