"""Samples of EKS."""

from typing import Any

from tests.unit.toolchain.providers.aws.cases.identity import ROLE, trust
from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.cases.launch_templates import LAUNCH_TEMPLATE
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.stand_in import Case, Inputs, World

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ADMINISTRATION = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


def subnets(world: World, zones: str = "ab") -> list[str]:
    """Ids of a subnet in each of the zones."""
    vpc = world[VPC].id
    return [
        world.engine.make(
            "aws:ec2/subnet:Subnet",
            {
                "vpcId": vpc,
                "cidrBlock": f"10.0.{100 + ord(zone)}.0/24",
                "availabilityZone": f"eu-central-1{zone}",
            },
            name=f"cluster-{zone}",
        ).id
        for zone in zones
    ]


def role(world: World, service: str) -> str:
    """ARN of a role that the service may take on."""
    inputs = {"assumeRolePolicy": trust(service)}
    return str(world.engine.make(ROLE, inputs, name=service.replace(".", "-")).outputs["arn"])


def cluster(world: World, **more: Any) -> Inputs:  # noqa: ANN401 - values of inputs
    """A private cluster in two zones."""
    return {
        "name": "agents",
        "version": "1.34",
        "roleArn": role(world, "eks"),
        "vpcConfig": {
            "subnetIds": subnets(world),
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
        },
        "kubernetesNetworkConfig": {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"},
        "encryptionConfig": {
            "provider": {"keyArn": world[KEY].outputs["arn"]},
            "resources": ["secrets"],
        },
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "enabledClusterLogTypes": ["api", "audit"],
        "upgradePolicy": {"supportType": "STANDARD"},
        "zonalShiftConfig": {"enabled": True},
        "bootstrapSelfManagedAddons": False,
        **more,
    }


def node_group(world: World, **more: Any) -> Inputs:  # noqa: ANN401 - as above
    """Nodes of the cluster."""
    made = world[CLUSTER]
    return {
        "clusterName": made.id,
        "nodeGroupNamePrefix": "general-",
        "nodeRoleArn": role(world, "ec2"),
        "subnetIds": made.outputs["vpcConfig"]["subnetIds"],
        "amiType": "BOTTLEROCKET_ARM_64",
        "instanceTypes": ["m7g.large", "m8g.large"],
        "capacityType": "ON_DEMAND",
        "launchTemplate": {"id": world[LAUNCH_TEMPLATE].id, "version": "1"},
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 4},
        "updateConfig": {"maxUnavailablePercentage": 33},
        "labels": {"agents.platform/node-group": "general"},
        "taints": [],
        **more,
    }


CASES = (
    Case(
        token=CLUSTER,
        inputs=cluster,
        changes={
            "deletionProtection": False,
            "enabledClusterLogTypes": ["api"],
            "upgradePolicy": None,
            "zonalShiftConfig": None,
        },
        replaces={
            "name": "other",
            "roleArn": "arn:aws:iam::123456789012:role/other",
            "bootstrapSelfManagedAddons": True,
            "kubernetesNetworkConfig": {"ipFamily": "ipv6"},
        },
    ),
    Case(
        token=NODE_GROUP,
        inputs=node_group,
        changes={
            "labels": {"agents.platform/tenant": "research"},
            "taints": [{"key": "tenant", "value": "research", "effect": "NO_SCHEDULE"}],
            "scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": 2},
            "updateConfig": {"maxUnavailable": 1},
        },
        replaces={
            "amiType": "AL2023_ARM_64_STANDARD",
            "capacityType": "SPOT",
            "instanceTypes": ["m7g.xlarge"],
            "nodeGroupNamePrefix": "other-",
            "launchTemplate": {"id": "lt-0", "version": "1"},
        },
    ),
    Case(
        token="aws:eks/addon:Addon",
        inputs=lambda world: {
            "clusterName": world[CLUSTER].id,
            "addonName": "vpc-cni",
            "addonVersion": "v1.22.4-eksbuild.3",
            "resolveConflictsOnCreate": "OVERWRITE",
            "configurationValues": '{"enableNetworkPolicy": "true"}',
            "podIdentityAssociations": [
                {"roleArn": role(world, "pods.eks"), "serviceAccount": "aws-node"}
            ],
        },
        changes={
            "addonVersion": "v1.22.5-eksbuild.1",
            "configurationValues": None,
            "podIdentityAssociations": None,
            "resolveConflictsOnUpdate": "PRESERVE",
        },
        replaces={"addonName": "coredns"},
    ),
    Case(
        token=ENTRY,
        inputs=lambda world: {
            "clusterName": world[CLUSTER].id,
            "principalArn": "arn:aws:iam::123456789012:role/platform/deployer",
            "type": "STANDARD",
        },
        changes={"kubernetesGroups": ["viewers"]},
        replaces={"type": "EC2_LINUX"},
    ),
    Case(
        token="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        inputs=lambda world: {
            "clusterName": world[CLUSTER].id,
            "principalArn": world[ENTRY].outputs["principalArn"],
            "policyArn": ADMINISTRATION,
            "accessScope": {"type": "cluster"},
        },
        replaces={
            "policyArn": VIEW,
            "accessScope": {"type": "namespace", "namespaces": ["research"]},
        },
    ),
    Case(
        token=ASSOCIATION,
        inputs=lambda world: {
            "clusterName": world[CLUSTER].id,
            "namespace": "research",
            "serviceAccount": "extractor",
            "roleArn": role(world, "pods.eks"),
        },
        changes={"disableSessionTags": True},
        replaces={"namespace": "other", "serviceAccount": "other"},
    ),
)
