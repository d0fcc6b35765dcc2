"""A cluster on EKS, its nodes and an identity, small and valid, that tests build from."""

from typing import Any

import pulumi

from components.cluster import (
    Cluster,
    ClusterArgs,
    EksSettings,
    NodeGroup,
    NodeGroupArgs,
    NodeGroupSettings,
)
from components.cluster.nodes import NodeHome
from components.identity import Federation, Identity, IdentityArgs, Mode, Statement
from tests.samples_network import ACCOUNT, KEY, NETWORK

NAME = "agents-prod"
ADMINISTRATOR = "arn:aws:iam::123456789012:role/platform/deployer"
SUBNETS = ("subnet-a", "subnet-b", "subnet-c")
GROUP = NodeGroupSettings(
    name="general",
    architecture="arm64",
    instance_types=("m7g.large", "m8g.large"),
    min=3,
    max=9,
    disk_gib=50,
)
ISSUER = "https://oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D"
READ = Statement(
    sid="Read",
    actions=("secretsmanager:GetSecretValue",),
    resources=("arn:aws:secretsmanager:eu-central-1:123456789012:secret:agents-prod/*",),
)


def eks_settings(**changes: object) -> EksSettings:
    """A private cluster with one node group; `changes` are other values of settings."""
    values: dict[str, Any] = {
        "kind": "eks",
        "name": NAME,
        "account": ACCOUNT.id,
        "region": ACCOUNT.region,
        "version": "1.34",
        "protect": True,
        "network": NETWORK,
        "administrators": (ADMINISTRATOR,),
        "deployers": (ADMINISTRATOR,),
        "nodes": (GROUP,),
    }
    return EksSettings.model_validate({**values, **changes})


def cluster_args(settings: EksSettings | None = None) -> ClusterArgs:
    """The cluster in three subnets."""
    return ClusterArgs(
        settings=settings or eks_settings(),
        subnets=SUBNETS,
        key_arn=pulumi.Output.from_input(KEY),
        tags={"platform": "agents"},
    )


def node_group_args(
    settings: NodeGroupSettings = GROUP, tenant: str | None = None
) -> NodeGroupArgs:
    """A node group of a cluster made elsewhere."""
    return NodeGroupArgs(
        settings=settings,
        home=NodeHome(
            cluster=NAME,
            version="1.34",
            role_arn="arn:aws:iam::123456789012:role/agents-prod-nodes",
            subnets=SUBNETS,
            security_group="sg-of-the-cluster",
            key_arn=KEY,
        ),
        tenant=tenant,
        tags={"platform": "agents"},
    )


def federation(mode: Mode = "pod_identity") -> Federation:
    """A cluster that vouches for its pods."""
    return Federation(
        account=ACCOUNT,
        cluster=NAME,
        ready=NAME,
        mode=mode,
        provider_arn=PROVIDER if mode == "irsa" else None,
        issuer=ISSUER if mode == "irsa" else None,
    )


def identity_args(mode: Mode = "pod_identity") -> IdentityArgs:
    """An identity that reads secrets."""
    return IdentityArgs(
        cluster=federation(mode),
        namespace="research",
        service_account="extractor",
        statements=(READ,),
    )


def cluster() -> Cluster:
    """The cluster itself."""
    return Cluster("cluster", cluster_args())


def node_group() -> NodeGroup:
    """Nodes for one tenant."""
    return NodeGroup("nodes", node_group_args(tenant="research"))


def identity() -> Identity:
    """The identity itself."""
    return Identity("extractor", identity_args())
