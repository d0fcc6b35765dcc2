"""EKS clusters: who reaches the API server, who is let in, what is kept secret and what is logged."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from ipaddress import ip_network
from typing import Final

from policies.resource import Props, Resource, Stack, at, document, items, refers, whole
from policies.rule import (
    Severity,
    cis,
    configured_rule,
    fsbp,
    of,
    option,
    rule,
    stack_rule,
)
from policies.selectors import some

CLUSTER: Final = "aws:eks/Cluster"
_ADDON: Final = "aws:eks/Addon"
_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_ADMINISTRATION: Final = ("AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy")


@rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy="set vpcConfig.endpointPrivateAccess to true.",
    reference=cis("5.4.1 Access to the control plane endpoint restricted"),
    everywhere=True,
)
def require_private_endpoint(cluster: Resource) -> Iterator[str]:
    """Nodes reach the API server without leaving their network."""
    if at(cluster.props, "vpcConfig", "endpointPrivateAccess") is not True:
        yield "vpcConfig.endpointPrivateAccess is not true"


@configured_rule(
    of(CLUSTER),
    severity=Severity.CRITICAL,
    remedy="list the address ranges that are yours in vpcConfig.publicAccessCidrs, or set "
    "vpcConfig.endpointPublicAccess to false.",
    reference=cis("5.4.1 Access to the control plane endpoint restricted"),
    everywhere=True,
    options={
        "shortest_prefix": option(
            "integer", 16, "Shortest prefix of an address range that may reach the API server"
        )
    },
)
def forbid_open_endpoint(cluster: Resource, settings: Props) -> Iterator[str]:
    """The internet at large does not reach the API server."""
    if at(cluster.props, "vpcConfig", "endpointPublicAccess") is False:
        return
    ranges = items(at(cluster.props, "vpcConfig", "publicAccessCidrs"))
    if not ranges:
        yield "vpcConfig.publicAccessCidrs is not set, which lets everybody try"
    shortest = whole(settings.get("shortest_prefix")) or 0
    for cidr in ranges:
        if ip_network(str(cidr), strict=False).prefixlen < shortest:
            yield f"{cidr} may reach the API server"


@rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy="set vpcConfig.endpointPublicAccess to false and deploy from inside the network.",
    reference=cis("5.4.2 Private endpoint enabled and public access disabled"),
)
def forbid_public_endpoint(cluster: Resource) -> Iterator[str]:
    """The API server has no address on the internet."""
    if at(cluster.props, "vpcConfig", "endpointPublicAccess") is not False:
        yield "vpcConfig.endpointPublicAccess is not false"


@rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy="set encryptionConfig with resources [secrets] and the ARN of a key of your own.",
    reference=cis("5.3.1 Secrets encrypted with customer keys"),
    everywhere=True,
)
def require_secrets_encryption(cluster: Resource) -> Iterator[str]:
    """Kubernetes' secrets are encrypted with a key of our own before they are stored."""
    if "secrets" not in items(at(cluster.props, "encryptionConfig", "resources")):
        yield "encryptionConfig.resources does not name secrets"
    elif not at(cluster.props, "encryptionConfig", "provider", "keyArn"):
        yield "encryptionConfig.provider.keyArn is not set"


@rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy=f"set enabledClusterLogTypes to {', '.join(_LOGS)}.",
    reference=cis("2.1.1 Audit logs enabled"),
    everywhere=True,
)
def require_control_plane_logs(cluster: Resource) -> Iterator[str]:
    """The control plane logs everything it can log."""
    enabled = tuple(items(cluster.props.get("enabledClusterLogTypes")))
    if missing := [kind for kind in _LOGS if kind not in enabled]:
        yield f"it does not log {', '.join(missing)}"


@rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy="set accessConfig.authenticationMode to API and make access entries.",
    reference=cis("4.1.7 Access managed by the cluster access API"),
    everywhere=True,
)
def require_access_entries(cluster: Resource) -> Iterator[str]:
    """Who is let in stands in access entries, not in a ConfigMap that any administrator can change."""
    mode = at(cluster.props, "accessConfig", "authenticationMode")
    if mode != "API":
        yield f"accessConfig.authenticationMode is {mode or 'not set'}"


@rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy="set accessConfig.bootstrapClusterCreatorAdminPermissions to false and give the role that "
    "deploys an access entry.",
    reference=cis("4.1.1 cluster-admin only where required"),
    everywhere=True,
)
def forbid_creator_admin(cluster: Resource) -> Iterator[str]:
    """Whoever happens to create the cluster gets no lasting rights that nobody sees."""
    if at(cluster.props, "accessConfig", "bootstrapClusterCreatorAdminPermissions") is not False:
        yield "accessConfig.bootstrapClusterCreatorAdminPermissions is not false"


@rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy="set deletionProtection to true (cluster.protect in the stack file).",
)
def require_cluster_protection(cluster: Resource) -> Iterator[str]:
    """A cluster is deleted in two steps, so that one mistake is not enough."""
    if cluster.props.get("deletionProtection") is not True:
        yield "deletionProtection is not true"


@configured_rule(
    of(CLUSTER),
    severity=Severity.HIGH,
    remedy="set version to one of those, or bring `versions` of this rule up to date in "
    "policies/environments/.",
    reference=fsbp("EKS.2 Clusters on a supported Kubernetes version"),
    options={
        "versions": option(
            "strings",
            ["1.34", "1.35"],
            "Minor versions of Kubernetes that AWS still supports as part of the price",
        )
    },
)
def require_supported_version(cluster: Resource, settings: Props) -> Iterator[str]:
    """Clusters run a version of Kubernetes that still gets security fixes."""
    version = cluster.props.get("version")
    supported = tuple(items(settings.get("versions")))
    if version not in supported:
        yield f"version is {version or 'not set'}, wanted {', '.join(supported)}"


@rule(
    of("aws:eks/AccessEntry"),
    severity=Severity.CRITICAL,
    remedy="name a group of your own and bind to it what is needed.",
    reference=cis("4.1.1 cluster-admin only where required"),
    everywhere=True,
)
def forbid_masters_entry(entry: Resource) -> Iterator[str]:
    """No access entry joins a group that Kubernetes itself gives rights to."""
    for group in items(entry.props.get("kubernetesGroups")):
        if str(group).startswith("system:"):
            yield f"kubernetesGroups has {group}"


@configured_rule(
    of("aws:eks/AccessPolicyAssociation"),
    severity=Severity.CRITICAL,
    remedy="give another policy, or name the role in `principals` of this rule in "
    "policies/environments/.",
    reference=cis("4.1.1 cluster-admin only where required"),
    everywhere=True,
    options={
        "principals": option(
            "strings", [], "ARNs of roles that may administer a cluster; * matches any part"
        )
    },
)
def require_named_admins(association: Resource, settings: Props) -> Iterator[str]:
    """Clusters are administered by the roles that the environment names, and by no others."""
    policy = str(association.props.get("policyArn")).rpartition("/")[2]
    if policy not in _ADMINISTRATION:
        return
    principal = str(association.props.get("principalArn"))
    named = any(fnmatchcase(principal, str(entry)) for entry in items(settings.get("principals")))
    if not named or ":role/" not in principal:
        yield f"{principal} is given {policy}"


@stack_rule(
    CLUSTER,
    severity=Severity.HIGH,
    remedy="add the add-on vpc-cni to the cluster with enableNetworkPolicy in configurationValues.",
    reference=cis("4.3.1 CNI plugin supports network policies"),
    everywhere=True,
)
def require_policy_engine(cluster: Resource, stack: Stack) -> Iterator[str]:
    """Network policies are enforced, not only accepted."""

    def enforces(addon: Resource) -> bool:
        if addon.props.get("addonName") != "vpc-cni" or not refers(addon, "clusterName", cluster):
            return False
        values = document(addon.props.get("configurationValues"))
        return str(values.get("enableNetworkPolicy")).lower() == "true"

    if not some(stack.of(_ADDON), enforces):
        yield "no add-on vpc-cni of it has enableNetworkPolicy"


@stack_rule(
    CLUSTER,
    severity=Severity.MEDIUM,
    remedy="add the add-on eks-pod-identity-agent, or an OpenID Connect provider for the cluster.",
    reference=cis("5.2.1 Dedicated service accounts"),
)
def require_workload_identity(cluster: Resource, stack: Stack) -> Iterator[str]:
    """Pods have roles of their own, so that none needs its node's."""

    def agent(addon: Resource) -> bool:
        name = addon.props.get("addonName")
        return name == "eks-pod-identity-agent" and refers(addon, "clusterName", cluster)

    federated = any(
        cluster.urn in provider.links.get("url", ())
        for provider in stack.of("aws:iam/OpenIdConnectProvider")
    )
    if not federated and not some(stack.of(_ADDON), agent):
        yield "neither the add-on eks-pod-identity-agent nor an OpenID Connect provider goes with it"


RULES: Final = (
    require_private_endpoint,
    forbid_open_endpoint,
    forbid_public_endpoint,
    require_secrets_encryption,
    require_control_plane_logs,
    require_access_entries,
    forbid_creator_admin,
    require_cluster_protection,
    require_supported_version,
    forbid_masters_entry,
    require_named_admins,
    require_policy_engine,
    require_workload_identity,
)
