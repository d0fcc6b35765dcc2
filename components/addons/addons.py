"""Everything that production adds to a cluster by Helm charts, each closed up in its own namespace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.helm.v3 import Release, ReleaseArgs, RepositoryOptsArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.account import Account
from components.addons import argo_rollouts, external_secrets, prometheus_operator
from components.addons.argo_rollouts import rollouts_values
from components.addons.charts import CHARTS, Addon
from components.addons.cluster_autoscaler import AUTOSCALER, autoscaler_values
from components.addons.external_secrets import secrets_values
from components.addons.load_balancer_controller import CONTROLLER, controller_values
from components.addons.network import Surroundings, govern
from components.addons.prometheus_operator import operator_values
from components.addons.traefik_crds import kinds_values
from components.addons.workload import Values, Workload
from components.identity import Identity
from components.labels import labels
from components.network.policy import default_deny
from components.tenancy import RESTRICTED

Caller = Literal["aws-load-balancer-controller", "external-secrets", "cluster-autoscaler"]
"""An add-on that calls AWS."""

WORKLOADS: Final[Mapping[Addon, tuple[Workload, ...]]] = {
    "aws-load-balancer-controller": (CONTROLLER,),
    "external-secrets": (
        external_secrets.CONTROLLER,
        external_secrets.WEBHOOK,
        external_secrets.CERTIFICATES,
    ),
    "cluster-autoscaler": (AUTOSCALER,),
    "traefik-crds": (),
    "argo-rollouts": (argo_rollouts.CONTROLLER,),
    "kube-prometheus-stack": (prometheus_operator.OPERATOR,),
}
"""What runs of each add-on."""
MINUTES: Final = 10
"""How long a chart's pods have to become ready; then what was begun is taken back."""
HISTORY: Final = 5
"""Releases that Helm keeps to go back to."""


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """What the add-ons are made from."""

    account: Account
    cluster: str
    """Name of the cluster."""
    version: str
    """Its minor version of Kubernetes, such as `1.34`."""
    vpc_id: pulumi.Input[str]
    around: Surroundings
    identities: Mapping[Caller, Identity]
    """Who each add-on is to AWS: the identity of its service account in its namespace."""


def values(addon: Addon, args: AddonsArgs) -> Values:
    """Values of the add-on's chart."""
    match addon:
        case "aws-load-balancer-controller":
            return controller_values(
                cluster=args.cluster,
                region=args.account.region,
                vpc_id=args.vpc_id,
                annotations=args.identities[addon].annotations,
            )
        case "external-secrets":
            return secrets_values(args.identities[addon].annotations)
        case "cluster-autoscaler":
            return autoscaler_values(
                cluster=args.cluster,
                version=args.version,
                region=args.account.region,
                annotations=args.identities[addon].annotations,
            )
        case "traefik-crds":
            return kinds_values()
        case "argo-rollouts":
            return rollouts_values()
        case "kube-prometheus-stack":
            return operator_values()


class Addons(pulumi.ComponentResource):
    """Helm releases at pinned versions, in namespaces under Pod Security *restricted* and default deny."""

    controller: Release
    """AWS Load Balancer Controller: to depend on before a TargetGroupBinding, and a gated pod, is made."""
    secrets: Release
    """External Secrets: to depend on before a SecretStore or an ExternalSecret is made."""
    routes: Release
    """Traefik's kinds: to depend on before the gateway and routes are made."""
    rollouts: Release
    """Argo Rollouts: to depend on before a Rollout is made."""
    monitors: Release
    """The Prometheus operator: to depend on before a Prometheus, a monitor or a rule is made."""
    autoscaler: Release

    def __init__(
        self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:addons:Addons", name, None, opts)
        self._name, self._args = name, args
        self.controller = self._install("aws-load-balancer-controller")
        self.secrets = self._install("external-secrets")
        self.autoscaler = self._install("cluster-autoscaler")
        self.routes = self._install("traefik-crds")
        self.rollouts = self._install("argo-rollouts")
        self.monitors = self._install("kube-prometheus-stack")
        self.register_outputs({"versions": {each: CHARTS[each].version for each in CHARTS}})

    def _install(self, addon: Addon) -> Release:
        chart = CHARTS[addon]
        name = f"{self._name}-{addon}"
        own = labels(addon, "addon")
        child = pulumi.ResourceOptions(parent=self)
        namespace = self._namespace(name, addon, own) if chart.owns_namespace else chart.namespace
        # There before the first pod: the CNI enforces it once the pod runs, some moments after its start.
        before: list[pulumi.Resource] = []
        if chart.owns_namespace:
            metadata = ObjectMetaArgs(namespace=namespace, labels=own)
            before.append(default_deny(f"{name}-default-deny", metadata, child))
        before += govern(
            self._name,
            WORKLOADS[addon],
            self._args.around,
            namespace=namespace,
            labels=own,
            opts=child,
        )
        identity = next((one for key, one in self._args.identities.items() if key == addon), None)
        if identity is not None:
            # Credentials are put into a pod as it is made, if they are there by then.
            before.append(identity)
        return self._release(name, addon, namespace, before)

    def _namespace(self, name: str, addon: Addon, own: Mapping[str, str]) -> pulumi.Output[str]:
        return Namespace(
            f"{name}-namespace",
            metadata=ObjectMetaArgs(name=CHARTS[addon].namespace, labels={**own, **RESTRICTED}),
            opts=pulumi.ResourceOptions(parent=self),
        ).metadata.name

    def _release(
        self,
        name: str,
        addon: Addon,
        namespace: pulumi.Input[str],
        before: Sequence[pulumi.Resource],
    ) -> Release:
        chart = CHARTS[addon]
        return Release(
            name,
            ReleaseArgs(
                name=addon,
                chart=addon,
                version=chart.version,
                repository_opts=RepositoryOptsArgs(repo=chart.repository),
                namespace=namespace,
                values=values(addon, self._args),
                atomic=True,
                cleanup_on_fail=True,
                timeout=MINUTES * 60,
                max_history=HISTORY,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(before)),
        )
