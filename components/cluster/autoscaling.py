"""What the cluster autoscaler may do: see every group of nodes, and change its own cluster's."""

from typing import Final

from components.account import Account
from components.identity.statements import Statement

NAMESPACE: Final = "kube-system"
SERVICE_ACCOUNT: Final = "cluster-autoscaler"

READS: Final = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
)
"""Calls without a resource: AWS allows them on everything or not at all."""
WRITES: Final = (
    "autoscaling:SetDesiredCapacity",
    "autoscaling:TerminateInstanceInAutoScalingGroup",
)


def owned(cluster: str) -> tuple[str, str]:
    """Key and value of the tag that EKS gives the groups of the cluster's nodes."""
    return f"k8s.io/cluster-autoscaler/{cluster}", "owned"


def autoscaler_statements(account: Account, cluster: str) -> tuple[Statement, ...]:
    """For the identity of `SERVICE_ACCOUNT` in `NAMESPACE`; `cluster` is the cluster's name.

    Labels and taints of a group without nodes are read from EKS, which is how a group grows from none.
    """
    key, value = owned(cluster)
    groups = account.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")
    return (
        Statement(sid="See", actions=READS, resources=("*",)),
        Statement(
            sid="SeeNodeGroups",
            actions=("eks:DescribeNodegroup",),
            resources=(account.arn("eks", f"nodegroup/{cluster}/*/*"),),
        ),
        Statement(
            sid="Scale",
            actions=WRITES,
            resources=(groups,),
            conditions={"StringEquals": {f"aws:ResourceTag/{key}": value}},
        ),
    )
