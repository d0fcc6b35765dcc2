"""The local cluster: the one the stack names, else kind, else one made of this machine itself."""

from toolchain.cluster.model import (
    Cluster,
    ClusterError,
    ComponentStatus,
    NodeStatus,
    Progress,
    Status,
)

__all__ = ["Cluster", "ClusterError", "ComponentStatus", "NodeStatus", "Progress", "Status"]
