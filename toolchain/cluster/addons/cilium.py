"""What the Cilium agent needs before it starts: its rights and its resource definitions."""

from toolchain.cluster.addons import objects
from toolchain.cluster.api import Manifest

USER = "agent-platform:cilium"
GROUP = "cilium.io"
_READ = ("get", "list", "watch")


def manifests() -> list[Manifest]:
    """The agent's rights: it reads policies and pods, and writes only its own kinds."""
    own = [
        "ciliumidentities",
        "ciliumendpoints",
        "ciliumnodes",
        "ciliumnodes/status",
        "ciliumendpoints/status",
        "ciliumnetworkpolicies/status",
        "ciliumclusterwidenetworkpolicies/status",
        "ciliuml2announcementpolicies/status",
    ]
    core = ["namespaces", "services", "pods", "endpoints", "nodes"]
    rules = [
        objects.rule(["networking.k8s.io"], ["networkpolicies"], _READ),
        objects.rule(["discovery.k8s.io"], ["endpointslices"], _READ),
        objects.rule([""], core, _READ),
        objects.rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], _READ),
        objects.rule([GROUP], ["*"], _READ),
        objects.rule([GROUP], own, ["create", "update", "patch", "delete"]),
    ]
    return [
        objects.cluster_role("cilium", rules),
        objects.cluster_role_binding("cilium", "cilium", objects.user_subject(USER)),
    ]
