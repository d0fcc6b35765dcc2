"""A cluster on EKS: private, encrypted, logged, and open to the roles that its settings name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pulumi
from pulumi_aws import cloudwatch, eks, iam

from components.cluster.access import administrators
from components.cluster.addons import BOOTSTRAP, SERVICES, Addons, AddonsArgs
from components.cluster.kubeconfig import kubeconfig
from components.cluster.nodes import NodeGroup, NodeGroupArgs, NodeHome, NodeRole, NodeRoleArgs
from components.cluster.settings import EksSettings, NodeGroupSettings
from components.cluster.versions import Addon
from components.identity import Federation, Statement, by_service, policy, role_name
from components.identity.trust import AUDIENCE

LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All that the control plane writes."""


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """What a cluster is made from."""

    settings: EksSettings
    subnets: Sequence[pulumi.Input[str]]
    """Ids of the private subnets, in two zones or more: nodes, and the control plane's interfaces."""
    key_arn: pulumi.Input[str]
    """Key of Secrets, of the control plane's logs and of volumes. The log service of the region has to
    be among its services, and `autoscaling_role` among its roles."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of nodes' machines, volumes and network interfaces: who pays."""


def cluster_permissions(key_arn: pulumi.Input[str]) -> tuple[Statement, ...]:
    """What the control plane may do with the key that Secrets are encrypted with."""
    return (
        Statement(
            sid="Secrets",
            actions=("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"),
            resources=(key_arn,),
        ),
    )


class Cluster(pulumi.ComponentResource):
    """Control plane, add-ons and nodes, in the order in which each needs the one before."""

    name: pulumi.Output[str]
    """Name of the cluster, known once it runs."""
    version: pulumi.Output[str]
    """Minor version of Kubernetes that runs: what `upgrade_fault` compares the next one with."""
    endpoint: pulumi.Output[str]
    """URL of the API server."""
    authority: pulumi.Output[str]
    """Certificate the API server is known by: PEM in base64."""
    kubeconfig: pulumi.Output[str]
    """JSON without a credential, known once the administrators are let in."""
    security_group: pulumi.Output[str]
    """Id of the group that the control plane and all nodes are in."""
    issuer: pulumi.Output[str]
    """URL that the tokens of service accounts are issued under."""
    oidc_arn: pulumi.Output[str] | None
    """ARN of the OpenID Connect provider; none unless pods go by it."""
    pods: Federation
    """For the identities of workloads."""
    node_home: NodeHome
    """For further node groups."""
    ready: tuple[pulumi.Resource, ...]
    """To depend on before Kubernetes objects: nodes, network, names and rights are there then."""

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:cluster:Cluster", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        cluster = self._control_plane()
        self.name, self.version = cluster.name, cluster.version
        self.endpoint = cluster.endpoint
        self.authority = cluster.certificate_authority.apply(lambda known: known.data or "")
        # A plan knows the configuration and not the group: the endpoint makes both wait for the cluster.
        self.security_group = _once(cluster.vpc_config.apply(_group), cluster.endpoint)
        self.issuer = cluster.identities.apply(_issuer)
        self.oidc_arn = self._vouch() if settings.identity == "irsa" else None
        rights = administrators(
            name, self.name, settings.location, settings.administrators, self._child
        )
        self.kubeconfig = self._kubeconfig(rights)
        self.pods = Federation(
            account=settings.location,
            cluster=settings.name,
            ready=self.name,
            mode=settings.identity,
            provider_arn=self.oidc_arn,
            issuer=self.issuer,
        )
        bootstrap = self._addons("bootstrap", BOOTSTRAP, ())
        self.node_home = self._node_home(bootstrap)
        nodes = [self._nodes(group).ready for group in settings.nodes]
        services = self._addons("services", SERVICES, nodes)
        self.ready = (*rights, *bootstrap, *nodes, *services)
        self.register_outputs(
            {
                "name": self.name,
                "version": self.version,
                "endpoint": self.endpoint,
                "security_group": self.security_group,
                "issuer": self.issuer,
            }
        )

    def _control_plane(self) -> "eks.Cluster":
        settings, key_arn = self._args.settings, self._args.key_arn
        logs = cloudwatch.LogGroup(
            f"{self._name}-logs",
            # EKS writes to a group of this name, and makes one without end or key if it finds none.
            name=f"/aws/eks/{settings.name}/cluster",
            retention_in_days=settings.log_days,
            kms_key_id=key_arn,
            deletion_protection_enabled=settings.protect,
            opts=self._child,
        )
        role, granted = self._role()
        return eks.Cluster(
            f"{self._name}-control-plane",
            name=settings.name,
            version=settings.version,
            role_arn=role.arn,
            vpc_config=eks.ClusterVpcConfigArgs(
                subnet_ids=list(self._args.subnets),
                endpoint_private_access=True,
                endpoint_public_access=bool(settings.public_access),
                public_access_cidrs=list(settings.public_access) or None,
            ),
            kubernetes_network_config=eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=settings.service_cidr
            ),
            encryption_config=eks.ClusterEncryptionConfigArgs(
                provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=key_arn),
                resources=["secrets"],
            ),
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            enabled_cluster_log_types=list(LOGS),
            upgrade_policy=eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=eks.ClusterZonalShiftConfigArgs(enabled=True),
            bootstrap_self_managed_addons=False,
            deletion_protection=settings.protect,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, *granted]),
        )

    def _role(self) -> tuple["iam.Role", list[pulumi.Resource]]:
        settings = self._args.settings
        role = iam.Role(
            f"{self._name}-role",
            name=role_name(settings.name, "control-plane"),
            assume_role_policy=pulumi.Output.json_dumps(by_service("eks.amazonaws.com")),
            opts=self._child,
        )
        managed = iam.RolePolicyAttachment(
            f"{self._name}-role-managed",
            role=role.name,
            policy_arn=f"arn:{settings.location.partition}:iam::aws:policy/AmazonEKSClusterPolicy",
            opts=self._child,
        )
        own = iam.RolePolicy(
            f"{self._name}-role-policy",
            role=role.name,
            policy=policy(cluster_permissions(self._args.key_arn)),
            opts=self._child,
        )
        return role, [managed, own]

    def _vouch(self) -> pulumi.Output[str]:
        return iam.OpenIdConnectProvider(
            f"{self._name}-issuer", url=self.issuer, client_id_lists=[AUDIENCE], opts=self._child
        ).arn

    def _kubeconfig(self, rights: Sequence[pulumi.CustomResource]) -> pulumi.Output[str]:
        settings = self._args.settings
        document = pulumi.Output.json_dumps(
            kubeconfig(settings.name, settings.region, self.endpoint, self.authority)
        )
        return _once(document, *(each.id for each in rights))

    def _addons(
        self, role: str, names: tuple[Addon, ...], after: Sequence[pulumi.Resource]
    ) -> tuple[pulumi.Resource, ...]:
        return Addons(
            f"{self._name}-{role}",
            AddonsArgs(
                names=names,
                version=self._args.settings.version,
                cluster=replace(self.pods, mode="pod_identity"),
                key_arn=self._args.key_arn,
                after=after,
            ),
            self._child,
        ).installed

    def _node_home(self, bootstrap: Sequence[pulumi.Resource]) -> NodeHome:
        settings = self._args.settings
        role = NodeRole(
            f"{self._name}-nodes",
            NodeRoleArgs(account=settings.location, cluster=settings.name),
            self._child,
        )
        return NodeHome(
            cluster=settings.name,
            version=self.version,
            role_arn=role.arn,
            subnets=self._args.subnets,
            security_group=self.security_group,
            key_arn=self._args.key_arn,
            after=(*bootstrap, *role.granted),
        )

    def _nodes(self, settings: NodeGroupSettings) -> NodeGroup:
        return NodeGroup(
            f"{self._name}-nodes-{settings.name}",
            NodeGroupArgs(settings=settings, home=self.node_home, tags=self._args.tags),
            self._child,
        )


def _once(value: pulumi.Output[str], *others: pulumi.Output[str]) -> pulumi.Output[str]:
    """The value, known once the others are."""
    return pulumi.Output.all(value, *others).apply(lambda known: str(known[0]))


def _group(configuration: "eks.outputs.ClusterVpcConfig") -> str:
    return configuration.cluster_security_group_id or ""


def _issuer(identities: Sequence["eks.outputs.ClusterIdentity"]) -> str:
    return next((oidc.issuer or "" for each in identities for oidc in each.oidcs or ()), "")
