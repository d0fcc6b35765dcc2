"""EKS clusters: the control plane and what it makes for itself in the network.

Where a control plane stands in for the cluster (`stand_ins`), the endpoint is its own.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws import records, stand_ins
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import code, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import pick, plain
from toolchain.providers.aws.types import cluster_rules as rules
from toolchain.providers.aws.types.dependencies import release_group
from toolchain.providers.aws.types.references import key
from toolchain.providers.aws.values import Inputs, Outputs

CLUSTERS = "aws:eks/cluster:Cluster"
DEFAULT_VERSION = "1.34"
"""Of a cluster for which nobody says one."""
_NETWORK = (
    *("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs"),
    *("securityGroupIds", "subnetIds"),
)
_DEFAULTS: Mapping[str, Any] = {
    "accessConfig": {
        "authenticationMode": "CONFIG_MAP",
        "bootstrapClusterCreatorAdminPermissions": True,
    },
    "deletionProtection": False,
    "upgradePolicy": {"supportType": "EXTENDED"},
    "zonalShiftConfig": {"enabled": False},
}
"""What moto does not keep, and the value of each that is not given. It is in the cluster's record."""


def _create(call: Call, inputs: Inputs) -> str:
    name = str(inputs["name"])
    network = rules.only(inputs, "vpcConfig", *_NETWORK)
    services = rules.only(inputs, "kubernetesNetworkConfig", "ipFamily", "serviceIpv4Cidr")
    found = rules.subnets(call, network["subnetIds"], "CreateCluster")
    rules.in_zones(found, "CreateCluster")
    rules.endpoints(network, "CreateCluster")
    rules.trusted(call, inputs["roleArn"], "eks.amazonaws.com", "CreateCluster")
    version = str(inputs.get("version", DEFAULT_VERSION))
    rules.minor(version, "CreateCluster")
    encryption = inputs.get("encryptionConfig")
    if encryption:
        key(call, encryption["provider"]["keyArn"], rules.INVALID, "CreateCluster")
    call.api.create_cluster(
        **pick(inputs, "name", "roleArn", "bootstrapSelfManagedAddons", *_DEFAULTS),
        version=version,
        resourcesVpcConfig=pick(network, *_NETWORK),
        kubernetesNetworkConfig=dict(services),
        logging=_logging(inputs),
        **({"encryptionConfig": [dict(encryption)]} if encryption else {}),
        tags=dict(call.tags),
    )
    call.made(name)
    group = _make_group(call, name, found[0]["VpcId"])
    _note(call, name, group=group, vpc=found[0]["VpcId"], **_kept(inputs))
    _settle(call, name, network["subnetIds"], group)
    _make_logs(call, name, inputs)
    return name


def _kept(inputs: Inputs) -> dict[str, Any]:
    kept = {name: inputs.get(name, default) for name, default in _DEFAULTS.items()}
    return {**kept, "accessConfig": {**_DEFAULTS["accessConfig"], **kept["accessConfig"]}}


def _note(call: Call, name: str, **more: object) -> None:
    records.write(call, name, {**(records.read(call, name) or {}), **more})


def _logging(inputs: Inputs) -> dict[str, Any]:
    types = inputs.get("enabledClusterLogTypes", [])
    return {"clusterLogging": [{"types": types, "enabled": bool(types)}]}


def _make_group(call: Call, name: str, vpc: str) -> str:
    """The group that EKS puts the control plane and the nodes into."""
    ec2 = call.client("ec2")
    suffix = hashlib.sha256(f"{call.arn(f'cluster/{name}')} {vpc}".encode()).hexdigest()[:8]
    group = str(
        ec2.create_security_group(
            GroupName=f"eks-cluster-sg-{name}-{suffix}",
            Description="EKS created security group applied to ENI that is attached to EKS Control "
            "Plane master nodes, as well as any managed workloads.",
            VpcId=vpc,
        )["GroupId"]
    )
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}],
    )
    named = {"Name": f"eks-cluster-sg-{name}-{suffix}", f"kubernetes.io/cluster/{name}": "owned"}
    ec2.create_tags(Resources=[group], Tags=[{"Key": k, "Value": v} for k, v in named.items()])
    return group


def _settle(call: Call, name: str, subnets: list[str], group: str) -> None:
    """Give the control plane an interface in each subnet, which is then in use; former ones go."""
    _unsettle(call, name)
    for subnet in subnets:
        call.client("ec2").create_network_interface(
            SubnetId=subnet, Groups=[group], Description=f"Amazon EKS {name}"
        )


def _unsettle(call: Call, name: str) -> None:
    ec2 = call.client("ec2")
    own = [{"Name": "description", "Values": [f"Amazon EKS {name}"]}]
    for each in ec2.describe_network_interfaces(Filters=own)["NetworkInterfaces"]:
        ec2.delete_network_interface(NetworkInterfaceId=each["NetworkInterfaceId"])


def _make_logs(call: Call, name: str, inputs: Inputs) -> None:
    """EKS makes the group of its logs where there is none: without an end, and nobody's to remove."""
    if not inputs.get("enabledClusterLogTypes"):
        return
    try:
        call.client("logs").create_log_group(logGroupName=f"/aws/eks/{name}/cluster")
    except ClientError as error:
        if code(error) != "ResourceAlreadyExistsException":
            raise


def describe(call: Call, name: str) -> dict[str, Any]:
    """The cluster as EKS has it; AWS's NotFound if it has none of this name."""
    cluster = call.client("eks").describe_cluster(name=name)["cluster"]
    # Others ask as well: node groups, and what is let in.
    own = records.read(replace(call, urn=f"urn:pulumi:-::-::{CLUSTERS}::{name}"), name)
    return {**cluster, **(own or {})}


def _read(call: Call, name: str) -> Outputs | None:
    cluster = describe(call, name)
    known = hashlib.sha256(f"{cluster['arn']} {cluster['createdAt']}".encode()).hexdigest()
    identity = known[:32].upper()
    stand_in = stand_ins.find(name)
    network = cluster["resourcesVpcConfig"]
    encryption = cluster.get("encryptionConfig") or [None]
    return {
        **pick(cluster, "name", "arn", "version", "roleArn", "status", "platformVersion"),
        **pick(cluster, *_DEFAULTS, "createdAt", "kubernetesNetworkConfig"),
        "endpoint": stand_in.endpoint
        if stand_in
        else f"https://{identity}.gr7.{call.region}.eks.amazonaws.com",
        "certificateAuthority": {
            "data": stand_in.authority if stand_in else cluster["certificateAuthority"]["data"]
        },
        # Moto has one issuer for all clusters.
        "identities": [
            {
                "oidcs": [
                    {"issuer": f"https://oidc.eks.{call.region}.amazonaws.com/id/{identity}"},
                ]
            }
        ],
        "vpcConfig": {
            "endpointPrivateAccess": False,
            "endpointPublicAccess": True,
            "securityGroupIds": [],
            **pick(network, *_NETWORK),
            "clusterSecurityGroupId": cluster.get("group", ""),
            "vpcId": cluster.get("vpc", ""),
        },
        "enabledClusterLogTypes": [
            name
            for each in cluster["logging"]["clusterLogging"]
            if each["enabled"]
            for name in each["types"]
        ],
        "encryptionConfig": plain(encryption[0]),
        "tags": cluster.get("tags", {}),
    }


def _change(call: Call, name: str, new: Inputs, old: Inputs) -> None:
    cluster = describe(call, name)
    version = new.get("version", cluster["version"])
    rules.upgrade(cluster["version"], version)
    network = rules.only(new, "vpcConfig", *_NETWORK)
    rules.endpoints(network, "UpdateClusterConfig")
    found = rules.subnets(call, network["subnetIds"], "UpdateClusterConfig")
    rules.in_zones(found, "UpdateClusterConfig")
    # Moto lacks UpdateClusterVersion, and all but the rest in UpdateClusterConfig.
    _note(call, name, version=version, **_kept(new))
    if new["vpcConfig"] != old.get("vpcConfig"):
        call.api.update_cluster_config(name=name, resourcesVpcConfig=pick(network, *_NETWORK))
    if set(network["subnetIds"]) != set(cluster["resourcesVpcConfig"]["subnetIds"]):
        _settle(call, name, network["subnetIds"], cluster["group"])
    if new.get("enabledClusterLogTypes") != old.get("enabledClusterLogTypes"):
        call.api.update_cluster_config(name=name, logging=_logging(new))
        _make_logs(call, name, new)


def _delete(call: Call, name: str) -> None:
    cluster = describe(call, name)
    if cluster.get("deletionProtection"):
        raise refused(
            "InvalidRequestException",
            f"Cluster {name} has deletion protection enabled. Disable it before deleting the "
            "cluster.",
            "DeleteCluster",
        )
    call.api.delete_cluster(name=name)
    _unsettle(call, name)
    records.remove(call, name)
    group = cluster.get("group")
    if group:
        _remove_group(call, group)


def _remove_group(call: Call, group: str) -> None:
    """EKS leaves the group behind if somebody uses it still."""
    try:
        release_group(call, group)
    except ClientError as error:
        if code(error) != "DependencyViolation":
            raise
    else:
        call.client("ec2").delete_security_group(GroupId=group)


def _tag(call: Call, name: str, changed: dict[str, str], removed: list[str]) -> None:
    arn = call.arn(f"cluster/{name}")
    if changed:
        call.api.tag_resource(resourceArn=arn, tags=changed)
    if removed:
        call.api.untag_resource(resourceArn=arn, tagKeys=removed)


CLUSTER = Type(
    CLUSTERS,
    service="eks",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=_tag,
    updates=(
        *("accessConfig", "deletionProtection", "enabledClusterLogTypes", "forceUpdateVersion"),
        *("upgradePolicy", "version", "vpcConfig", "zonalShiftConfig"),
    ),
    replaces=(
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
        "bootstrapSelfManagedAddons",
        "encryptionConfig",
        "kubernetesNetworkConfig",
        "name",
        "roleArn",
    ),
    autoname="name",
    autoname_limit=100,
    volatile=("platformVersion",),
    # Of clusters on Outposts, of EKS Auto Mode and of control planes of one's own size.
    absent=(
        "clusterId",
        "computeConfig",
        "controlPlaneScalingConfig",
        "kubeApiServerConfig",
        "kubeControllerManagerConfig",
        "kubeSchedulerConfig",
        "storageConfig",
    ),
)

TYPES = (CLUSTER,)
