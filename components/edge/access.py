"""What the gateway may read of a namespace: its routes, the addresses behind them, its certificates."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.core.v1 import ServiceAccount
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs, Role, RoleBinding, RoleRefArgs, SubjectArgs

_READ = ("get", "list", "watch")


def watch(
    name: str,
    namespace: pulumi.Input[str],
    gateway: ServiceAccount,
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> RoleBinding:
    """Lets `gateway` read what it routes by in `namespace`, through a role there, not in the cluster.

    Traefik's watch on Secrets cannot be narrowed to certificates (its informers list them all), so
    the gateway's service account is as sensitive as the tenants' own.
    """
    metadata = ObjectMetaArgs(name="gateway", namespace=namespace, labels=dict(labels))
    role = Role(
        f"{name}-role",
        metadata=metadata,
        rules=[
            PolicyRuleArgs(
                api_groups=[""],
                # ConfigMaps may hold authorities of backends; without the watch it serves no route.
                resources=["services", "secrets", "configmaps"],
                verbs=list(_READ),
            ),
            PolicyRuleArgs(
                api_groups=["discovery.k8s.io"], resources=["endpointslices"], verbs=list(_READ)
            ),
            PolicyRuleArgs(
                api_groups=["traefik.io"],
                resources=[
                    "ingressroutes",
                    "ingressroutetcps",
                    "ingressrouteudps",
                    "middlewares",
                    "middlewaretcps",
                    "serverstransports",
                    "serverstransporttcps",
                    "tlsoptions",
                    "tlsstores",
                    "traefikservices",
                ],
                verbs=list(_READ),
            ),
        ],
        opts=opts,
    )
    return RoleBinding(
        f"{name}-binding",
        metadata=metadata,
        role_ref=RoleRefArgs(
            api_group="rbac.authorization.k8s.io", kind="Role", name=role.metadata.name
        ),
        subjects=[
            SubjectArgs(
                kind="ServiceAccount",
                name=gateway.metadata.name,
                namespace=gateway.metadata.namespace,
            )
        ],
        opts=opts,
    )
