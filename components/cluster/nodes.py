"""Nodes: groups that EKS manages, from machines that keep their credentials from the pods on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
from pulumi_aws import ec2, eks, iam

from components.account import Account
from components.cluster.instances import ami_type, volumes
from components.cluster.settings import NodeGroupSettings
from components.identity import Statement, by_service, policy, role_name
from components.labels import TENANT

GROUP: Final = "agents.platform/node-group"
"""Label of nodes: the name of their group in the stack file."""
UNAVAILABLE_PERCENT: Final = 33
"""How much of a group is replaced at a time: a third, as one of three zones."""
MANAGED_POLICIES: Final = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
"""To ask for pods' credentials, and to pull images. What pods need, they have of their own."""
TAGGED: Final = ("instance", "volume", "network-interface")
"""What a machine brings along. Tags of the provider do not reach it: EC2 makes it, not Pulumi."""


@dataclass(frozen=True, kw_only=True)
class NodeHome:
    """What all node groups of one cluster share."""

    cluster: str
    """Name of the cluster."""
    version: pulumi.Input[str]
    """Minor version of Kubernetes, known once the control plane runs it."""
    role_arn: pulumi.Input[str]
    subnets: Sequence[pulumi.Input[str]]
    """Ids of the private subnets, one for each zone."""
    security_group: pulumi.Input[str]
    """Id of the cluster's security group."""
    key_arn: pulumi.Input[str]
    """Key of the volumes. Its own policy has to let `autoscaling_role` use it."""
    after: Sequence[pulumi.Resource] = ()
    """What a node needs in order to become ready: network add-on, permissions."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupArgs:
    """What a node group is made from."""

    settings: NodeGroupSettings
    home: NodeHome
    tenant: str | None = None
    """The only tenant whose pods run here, if any: they have to tolerate the taint `TENANT`."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of machines, their volumes and their network interfaces: who pays."""


def autoscaling_role(account: Account) -> str:
    """ARN of the role under which Auto Scaling starts machines. No policy can be attached to it.

    It is made when an account first uses Auto Scaling, and KMS takes no policy that names it before.
    """
    path = "aws-service-role/autoscaling.amazonaws.com"
    return account.arn("iam", f"role/{path}/AWSServiceRoleForAutoScaling", regional=False)


def node_labels(group: str, tenant: str | None = None) -> dict[str, str]:
    """Labels of the nodes of a group."""
    return {GROUP: group} if tenant is None else {GROUP: group, TENANT: tenant}


def node_permissions(account: Account, cluster: str) -> tuple[Statement, ...]:
    """What a node asks AWS at its start: its name and limits, and the address of its cluster.

    Bottlerocket (`pluto`) and Amazon Linux (`nodeadm`) both stop before the kubelet without them.
    """
    return (
        Statement(
            sid="Itself",
            actions=("ec2:DescribeInstances", "ec2:DescribeInstanceTypes"),
            resources=("*",),
        ),
        Statement(
            sid="Cluster",
            actions=("eks:DescribeCluster",),
            resources=(account.arn("eks", f"cluster/{cluster}"),),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class NodeRoleArgs:
    """What the nodes' role is made from."""

    account: Account
    cluster: str
    """Name of the cluster."""


class NodeRole(pulumi.ComponentResource):
    """The role that every node of a cluster has."""

    arn: pulumi.Output[str]
    """ARN of the role."""
    granted: tuple[pulumi.Resource, ...]
    """Its permissions: nodes wait for them."""

    def __init__(
        self, name: str, args: NodeRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:cluster:NodeRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-role",
            name=role_name(args.cluster, "nodes"),
            assume_role_policy=pulumi.Output.json_dumps(by_service("ec2.amazonaws.com")),
            opts=child,
        )
        managed = (
            iam.RolePolicyAttachment(
                f"{name}-{each}",
                role=role.name,
                policy_arn=f"arn:{args.account.partition}:iam::aws:policy/{each}",
                opts=child,
            )
            for each in MANAGED_POLICIES
        )
        own = iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=policy(node_permissions(args.account, args.cluster)),
            opts=child,
        )
        self.arn = role.arn
        self.granted = (*managed, own)
        self.register_outputs({"arn": self.arn})


class NodeGroup(pulumi.ComponentResource):
    """Nodes of one kind in all zones, replaced a third at a time when their image or version changes."""

    group_name: pulumi.Output[str]
    """Name EKS knows the group by, known once its first nodes are ready."""
    ready: pulumi.Resource
    """To depend on before pods have a place here."""

    def __init__(
        self, name: str, args: NodeGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:cluster:NodeGroup", name, None, opts)
        settings, home = args.settings, args.home
        template = _template(name, args, pulumi.ResourceOptions(parent=self))
        group = eks.NodeGroup(
            f"{name}-group",
            cluster_name=home.cluster,
            # A prefix and not a name: a group that replaces another comes up beside it.
            node_group_name_prefix=f"{settings.name}-",
            version=home.version,
            release_version=settings.release,
            node_role_arn=home.role_arn,
            subnet_ids=list(home.subnets),
            ami_type=ami_type(settings.ami, settings.architecture),
            instance_types=list(settings.instance_types),
            capacity_type="SPOT" if settings.spot else "ON_DEMAND",
            launch_template=eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=pulumi.Output.format("{0}", template.latest_version)
            ),
            scaling_config=eks.NodeGroupScalingConfigArgs(
                min_size=settings.min, max_size=settings.max, desired_size=settings.initial
            ),
            update_config=eks.NodeGroupUpdateConfigArgs(
                max_unavailable_percentage=UNAVAILABLE_PERCENT
            ),
            labels=node_labels(settings.name, args.tenant),
            taints=_taints(args.tenant),
            tags=_tags(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(home.after),
                # The autoscaler's business.
                ignore_changes=["scalingConfig.desiredSize"],
            ),
        )
        self.group_name = group.node_group_name
        self.ready = group
        self.register_outputs({"group_name": self.group_name})


def _taints(tenant: str | None) -> list["eks.NodeGroupTaintArgs"]:
    if tenant is None:
        return []
    return [eks.NodeGroupTaintArgs(key=TENANT, value=tenant, effect="NO_SCHEDULE")]


def _tags(args: NodeGroupArgs) -> dict[str, str]:
    own = {"Name": f"{args.home.cluster}-{args.settings.name}"}
    return {**args.tags, **own, **({TENANT: args.tenant} if args.tenant else {})}


def _template(name: str, args: NodeGroupArgs, opts: pulumi.ResourceOptions) -> "ec2.LaunchTemplate":
    settings, home = args.settings, args.home
    return ec2.LaunchTemplate(
        f"{name}-template",
        name_prefix=f"{home.cluster}-{settings.name}-",
        update_default_version=True,
        metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            # One hop ends at the node: its credentials stay out of reach of the pods on it.
            http_put_response_hop_limit=1,
            instance_metadata_tags="disabled",
        ),
        block_device_mappings=[
            ec2.LaunchTemplateBlockDeviceMappingArgs(
                device_name=device,
                ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                    encrypted="true",
                    kms_key_id=home.key_arn,
                    volume_type="gp3",
                    volume_size=gib,
                    delete_on_termination="true",
                ),
            )
            for device, gib in volumes(settings.ami, settings.disk_gib).items()
        ],
        network_interfaces=[
            ec2.LaunchTemplateNetworkInterfaceArgs(
                device_index=0,
                associate_public_ip_address="false",
                delete_on_termination="true",
                # EKS adds the cluster's group by itself only where a template names no interface.
                security_groups=[home.security_group],
            )
        ],
        monitoring=ec2.LaunchTemplateMonitoringArgs(enabled=True),
        tag_specifications=[
            ec2.LaunchTemplateTagSpecificationArgs(resource_type=each, tags=_tags(args))
            for each in TAGGED
        ],
        opts=opts,
    )
