"""The cluster: control plane, nodes, add-ons and who may use it."""

from components.cluster.autoscaling import autoscaler_statements
from components.cluster.eks import Cluster, ClusterArgs
from components.cluster.nodes import NodeGroup, NodeGroupArgs, autoscaling_role
from components.cluster.settings import (
    ClusterSettings,
    ContextSettings,
    EksSettings,
    NodeGroupSettings,
)
from components.cluster.versions import upgrade_fault

__all__ = [
    "Cluster",
    "ClusterArgs",
    "ClusterSettings",
    "ContextSettings",
    "EksSettings",
    "NodeGroup",
    "NodeGroupArgs",
    "NodeGroupSettings",
    "autoscaler_statements",
    "autoscaling_role",
    "upgrade_fault",
]
