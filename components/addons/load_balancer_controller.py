"""AWS Load Balancer Controller: it registers the gateway's pods with target groups, and does no more.

Balancers, target groups and security groups are the stack's own resources. What would make others of
them (Ingresses, Services, the Gateway API) is switched off, and its identity could not do it either.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi

from components.account import Account
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
from components.identity.statements import Statement

NAMESPACE: Final = CHARTS["aws-load-balancer-controller"].namespace
SERVICE_ACCOUNT: Final = "aws-load-balancer-controller"
COMPUTE: Final = Compute(cpu="100m", memory="128Mi", cpu_limit="500m", memory_limit="256Mi")
CONTROLLER: Final = Workload(name=SERVICE_ACCOUNT, metrics=8080, webhook=9443, calls_aws=True)

READS: Final = (
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)
"""Calls without a resource: AWS allows them on everything or not at all."""
WRITES: Final = (
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:RegisterTargets",
)


def controller_statements(account: Account, target_groups: Sequence[str]) -> tuple[Statement, ...]:
    """For the identity of `SERVICE_ACCOUNT` in `NAMESPACE`.

    `target_groups` are what the names of the target groups it fills begin with. It compares security
    groups with what a binding wants and may change none: where they differ, the binding says so.
    """
    groups = tuple(
        account.arn("elasticloadbalancing", f"targetgroup/{prefix}-{role}-*/*")
        for prefix in target_groups
        # Not the prefix alone, with which the names of a tenant's own cluster begin, too.
        for role in ("stable", "canary")
    )
    return (
        Statement(sid="See", actions=READS, resources=("*",)),
        Statement(sid="FillTargetGroups", actions=WRITES, resources=groups),
    )


def controller_values(
    *,
    cluster: str,
    region: str,
    vpc_id: pulumi.Input[str],
    annotations: Mapping[str, pulumi.Input[str]],
) -> Values:
    """Values of the chart. Region and VPC are given: pods get no answer from a node's metadata service."""
    return {
        "clusterName": cluster,
        "region": region,
        "vpcId": vpc_id,
        "replicaCount": REPLICAS,
        "serviceAccount": {"name": SERVICE_ACCOUNT, "annotations": dict(annotations)},
        "podSecurityContext": dict(POD_SECURITY),
        "securityContext": dict(CONTAINER_SECURITY),
        "resources": resources(COMPUTE),
        "podDisruptionBudget": {"maxUnavailable": 1},
        **placement(CONTROLLER),
        # One that spreads over nodes alone, in place of ours.
        "configureDefaultAffinity": False,
        # A new certificate with each upgrade leaves webhooks unanswered until all pods have it.
        "keepTLSSecret": True,
        **_nothing_but_bindings(),
        **_webhooks(),
    }


def _nothing_but_bindings() -> Values:
    """Everything off that makes or changes resources of AWS."""
    return {
        "createIngressClassResource": False,
        "ingressClassParams": {"create": False},
        "disableIngressClassAnnotation": True,
        "defaultTargetType": "ip",
        "enableBackendSecurityGroup": False,
        "enableManageBackendSecurityGroupRules": False,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        "controllerConfig": {
            "featureGates": {
                "EnableServiceController": False,
                "ALBGatewayAPI": False,
                "NLBGatewayAPI": False,
            }
        },
    }


def _webhooks() -> Values:
    return {
        # They would refuse every Ingress and change every Service of the cluster, ours or not.
        "webhookConfig": {"disableIngressValidation": True},
        "enableServiceMutatorWebhook": False,
        # Asked in labelled namespaces only, the gateway's. A pod without its gate would take the place
        # of another before the balancer knows it; rather none than that one, until this is back.
        "podMutatorWebhookConfig": {"failurePolicy": "Fail"},
    }
