"""Which charts the platform installs, and at which versions: one table.

Each version is the newest of its chart that was found in public repositories when the table was last
checked, on 2026-11-21; `seen` says where, and the day if it is known. A newer one is entered after its
values were compared with those that the add-on's own module gives, because Helm takes values that a
chart does not know without a word. Helm installs the kinds in a chart's folder `crds/` once and never
upgrades them: with a new version of aws-load-balancer-controller its kinds are applied first, by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from components.cluster.autoscaling import NAMESPACE as AUTOSCALER_NAMESPACE

Addon = Literal[
    "aws-load-balancer-controller",
    "external-secrets",
    "cluster-autoscaler",
    "traefik-crds",
    "argo-rollouts",
    "kube-prometheus-stack",
]
"""An add-on, by the name of its chart."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One version of one chart, and where it is installed. The release has the chart's name."""

    repository: str
    """Address of the repository."""
    version: str
    namespace: str
    seen: str
    """Where the version was found, and of what day that is."""

    @property
    def owns_namespace(self) -> bool:
        """Whether the add-on has a namespace of its own, which is made for it."""
        return self.namespace != SYSTEM


SYSTEM: Final = "kube-system"
"""There in every cluster."""

CHARTS: Final[Mapping[Addon, Chart]] = {
    "aws-load-balancer-controller": Chart(
        repository="https://aws.github.io/eks-charts",
        version="3.6.0",
        namespace="aws-load-balancer-controller",
        seen="a Terraform module that lists all its values; 3.5.0 is of 2026-08-03",
    ),
    "external-secrets": Chart(
        repository="https://charts.external-secrets.io",
        version="2.11.0",
        namespace="external-secrets",
        seen="linode/apl-core, 2026-09-22, where only images differ from 2.10.0",
    ),
    "cluster-autoscaler": Chart(
        repository="https://kubernetes.github.io/autoscaler",
        version="9.59.1",
        namespace=AUTOSCALER_NAMESPACE,
        seen="Chart.yaml in kubernetes/autoscaler; 9.59.0 is of 2026-08-03",
    ),
    # Kinds of Traefik 3.7. Ours is 3.6: it reads all the kinds it knows and no field that is new.
    "traefik-crds": Chart(
        repository="https://traefik.github.io/charts",
        version="1.18.0",
        namespace=SYSTEM,
        seen="its release in traefik/traefik-helm-chart, 2026-05-06",
    ),
    "argo-rollouts": Chart(
        repository="https://argoproj.github.io/argo-helm",
        version="2.41.0",
        namespace="argo-rollouts",
        seen="adfinis/helm-charts, 2026-07-01",
    ),
    "kube-prometheus-stack": Chart(
        repository="https://prometheus-community.github.io/helm-charts",
        version="91.2.1",
        namespace="prometheus-operator",
        seen="its release in prometheus-community/helm-charts, 2026-09-13",
    ),
}
"""Every add-on's chart."""
