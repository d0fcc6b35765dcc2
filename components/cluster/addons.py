"""EKS add-ons: the parts of a cluster that AWS builds and tests together with its Kubernetes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import eks

from components.cluster.versions import Addon, addon_versions
from components.identity import Federation, Identity, IdentityArgs, Statement

NAMESPACE: Final = "kube-system"
"""Where all of them live."""

BOOTSTRAP: Final[tuple[Addon, ...]] = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
"""Before nodes: a node is not ready without a network, and counts its room for pods by the settings
of the network it finds."""
SERVICES: Final[tuple[Addon, ...]] = ("coredns", "aws-ebs-csi-driver", "metrics-server")
"""After nodes: pods that need a place to run before EKS calls them active."""

CONFIGURATION: Final[Mapping[Addon, Mapping[str, Any]]] = {
    "vpc-cni": {
        # Without it every network policy is stored and none is enforced.
        "enableNetworkPolicy": "true",
        # Sixteen addresses at a time: 110 pods on a node that has room for 35 otherwise.
        "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
    },
    "coredns": {"autoScaling": {"enabled": True, "minReplicas": 2, "maxReplicas": 10}},
}


@dataclass(frozen=True, kw_only=True)
class AddonAccount:
    """What an add-on calls AWS as."""

    service_account: str
    managed: str
    """AWS's own policy for it, which grows with the add-on."""


ACCOUNTS: Final[Mapping[Addon, AddonAccount]] = {
    "vpc-cni": AddonAccount(service_account="aws-node", managed="AmazonEKS_CNI_Policy"),
    # Volumes of this cluster only, by the tag that Pod Identity gives the session.
    "aws-ebs-csi-driver": AddonAccount(
        service_account="ebs-csi-controller-sa", managed="AmazonEBSCSIDriverEKSClusterScopedPolicy"
    ),
}


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """What add-ons are made from."""

    names: tuple[Addon, ...]
    version: str
    """Minor version of the cluster's Kubernetes."""
    cluster: Federation
    """Pod Identity, whatever the workloads use: its agent is one of them."""
    key_arn: pulumi.Input[str]
    """Key of the volumes that pods claim."""
    after: Sequence[pulumi.Resource] = ()


def volume_statements(key_arn: pulumi.Input[str]) -> tuple[Statement, ...]:
    """What the volume driver may do with the key of its volumes: use it, and let EC2 use it."""
    return (
        Statement(
            sid="UseKey",
            actions=(
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ),
            resources=(key_arn,),
        ),
        Statement(
            sid="LendKey",
            actions=("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
            resources=(key_arn,),
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )


class Addons(pulumi.ComponentResource):
    """Add-ons at the versions that go with the cluster's, each with a role of its own if it needs one."""

    installed: tuple[pulumi.Resource, ...]
    """To depend on before what they do is needed."""

    def __init__(
        self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:cluster:Addons", name, None, opts)
        self.installed = tuple(self._addon(f"{name}-{each}", each, args) for each in args.names)
        self.register_outputs({"versions": self._versions(args)})

    def _versions(self, args: AddonsArgs) -> dict[str, str]:
        pinned = addon_versions(args.version)
        return {each: pinned[each] for each in args.names}

    def _addon(self, name: str, addon: Addon, args: AddonsArgs) -> "eks.Addon":
        configuration = CONFIGURATION.get(addon)
        return eks.Addon(
            name,
            cluster_name=args.cluster.ready,
            addon_name=addon,
            addon_version=addon_versions(args.version)[addon],
            # EKS puts nothing there by itself, but what a cluster was born with may have to give way.
            resolve_conflicts_on_create="OVERWRITE",
            # What someone tuned by hand in an incident survives an update.
            resolve_conflicts_on_update="PRESERVE",
            configuration_values=json.dumps(configuration) if configuration else None,
            pod_identity_associations=self._association(name, addon, args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )

    def _association(
        self, name: str, addon: Addon, args: AddonsArgs
    ) -> list["eks.AddonPodIdentityAssociationArgs"] | None:
        account = ACCOUNTS.get(addon)
        if account is None:
            return None
        identity = Identity(
            f"{name}-identity",
            IdentityArgs(
                cluster=args.cluster,
                namespace=NAMESPACE,
                service_account=account.service_account,
                managed=(account.managed,),
                statements=volume_statements(args.key_arn) if addon == "aws-ebs-csi-driver" else (),
                associate=False,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return [
            eks.AddonPodIdentityAssociationArgs(
                role_arn=identity.role_arn, service_account=account.service_account
            )
        ]
