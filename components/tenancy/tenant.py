"""A tenant's namespace with everything that keeps it apart from the others."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    LimitRange,
    LimitRangeItemArgs,
    LimitRangeSpecArgs,
    Namespace,
    ResourceQuota,
    ResourceQuotaSpecArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    PolicyRuleArgs,
    Role,
    RoleBinding,
    RoleRefArgs,
    SubjectArgs,
)

from components.labels import labels
from components.network.policy import default_deny
from components.tenancy.settings import Quota, TenantSettings

RESTRICTED = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")
}
"""Namespace labels that make the API server refuse a pod below the profile *restricted*."""


@dataclass(frozen=True, kw_only=True)
class TenantArgs:
    """What a tenant is made from."""

    settings: TenantSettings


def hard_limits(quota: Quota) -> dict[str, str]:
    """The quota in the words of a ResourceQuota. Requests are counted, for they are what is paid."""
    return {
        "requests.cpu": quota.cpu,
        "requests.memory": quota.memory,
        "requests.storage": quota.storage,
        # One more, so that the deployment that replaces another can stand beside it.
        "count/deployments.apps": str(quota.agents + 1),
        "services.nodeports": "0",
        "services.loadbalancers": "0",
    }


class Tenant(pulumi.ComponentResource):
    """Namespace under Pod Security *restricted*, quota, default limits, default deny, operators' role."""

    namespace: pulumi.Output[str]
    """Name of the tenant's namespace, known once it accepts objects."""

    def __init__(
        self, name: str, args: TenantArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:tenancy:Tenant", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        own = labels(settings.name, "tenant", settings.name)
        namespace = Namespace(
            f"{name}-namespace",
            metadata=ObjectMetaArgs(name=settings.name, labels={**own, **RESTRICTED}),
            opts=child,
        )
        self.namespace = namespace.metadata.name
        metadata = ObjectMetaArgs(namespace=self.namespace, labels=own)
        quota = ResourceQuota(
            f"{name}-quota",
            metadata=metadata,
            spec=ResourceQuotaSpecArgs(hard=hard_limits(settings.quota)),
            opts=child,
        )
        LimitRange(
            f"{name}-limits",
            metadata=metadata,
            spec=LimitRangeSpecArgs(
                limits=[
                    LimitRangeItemArgs(
                        type="Container",
                        default_request={"cpu": "50m", "memory": "64Mi"},
                        default={"cpu": "500m", "memory": "256Mi"},
                        max={"memory": settings.quota.memory},
                    )
                ]
            ),
            opts=child,
        )
        default_deny(f"{name}-default-deny", metadata, child)
        if settings.operators:
            self._operators(name, metadata, settings.operators, child)
        self.register_outputs({"namespace": self.namespace, "quota": quota.spec.hard})

    def _operators(
        self,
        name: str,
        metadata: ObjectMetaArgs,
        groups: tuple[str, ...],
        opts: pulumi.ResourceOptions,
    ) -> None:
        role = Role(
            f"{name}-operator",
            metadata=metadata,
            rules=[
                PolicyRuleArgs(
                    api_groups=["", "apps", "batch", "autoscaling", "policy", "networking.k8s.io"],
                    resources=[
                        "pods",
                        "pods/log",
                        "services",
                        "configmaps",
                        "events",
                        "deployments",
                        "replicasets",
                        "jobs",
                        "horizontalpodautoscalers",
                        "poddisruptionbudgets",
                        "networkpolicies",
                    ],
                    verbs=["get", "list", "watch"],
                ),
                # To restart is to delete pods: who may patch a pod template may mount any secret.
                PolicyRuleArgs(api_groups=[""], resources=["pods"], verbs=["delete"]),
            ],
            opts=opts,
        )
        RoleBinding(
            f"{name}-operators",
            metadata=metadata,
            role_ref=RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name=role.metadata.name
            ),
            subjects=[
                SubjectArgs(kind="Group", name=group, api_group="rbac.authorization.k8s.io")
                for group in groups
            ],
            opts=opts,
        )
