"""Unit: what a cluster on EKS refuses, what it closes, and the order in which its parts are made."""

import json
from typing import Any

import pulumi
import pytest

from components.account import Account
from components.cluster import (
    Cluster,
    EksSettings,
    autoscaler_statements,
)
from components.cluster.addons import BOOTSTRAP, SERVICES
from components.cluster.kubeconfig import kubeconfig
from components.cluster.versions import ADDONS
from components.identity import document
from components.identity.statements import unscoped
from tests import samples_cluster as samples
from tests.recording import Recording, Registered, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples.cluster)


@pytest.fixture(scope="module")
def control_plane(built: Recording) -> Registered:
    return built.one("Cluster", "cluster-control-plane")


def test_the_api_server_is_private_unless_ranges_are_listed(control_plane: Registered) -> None:
    assert control_plane.inputs["vpcConfig"] == {
        "subnetIds": list(samples.SUBNETS),
        "endpointPrivateAccess": True,
        "endpointPublicAccess": False,
    }


def test_only_listed_ranges_call_the_api_server_from_outside() -> None:
    settings = samples.eks_settings(public_access=("203.0.113.7/32",))
    opened = deploy(lambda: Cluster("cluster", samples.cluster_args(settings)))
    network = opened.one("Cluster", "cluster-control-plane").inputs["vpcConfig"]
    assert network["endpointPrivateAccess"] is True
    assert network["endpointPublicAccess"] is True
    assert network["publicAccessCidrs"] == ["203.0.113.7/32"]


def test_secrets_are_encrypted_with_the_stacks_own_key(control_plane: Registered) -> None:
    assert control_plane.inputs["encryptionConfig"] == {
        "provider": {"keyArn": samples.KEY},
        "resources": ["secrets"],
    }


def test_all_that_the_control_plane_writes_is_kept_encrypted(
    built: Recording, control_plane: Registered
) -> None:
    assert sorted(control_plane.inputs["enabledClusterLogTypes"]) == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    logs = built.one("LogGroup")
    assert logs.inputs["name"] == "/aws/eks/agents-prod/cluster"
    assert logs.inputs["retentionInDays"] == 365
    assert logs.inputs["kmsKeyId"] == samples.KEY
    assert logs.urn in control_plane.dependencies


def test_making_a_cluster_gives_no_rights_in_it(control_plane: Registered) -> None:
    assert control_plane.inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }


def test_nothing_is_installed_that_the_stack_does_not_know(control_plane: Registered) -> None:
    assert control_plane.inputs["bootstrapSelfManagedAddons"] is False


def test_versions_end_with_their_standard_support(control_plane: Registered) -> None:
    assert control_plane.inputs["version"] == "1.34"
    assert control_plane.inputs["upgradePolicy"] == {"supportType": "STANDARD"}


@pytest.mark.parametrize("protect", [True, False])
def test_protection_is_one_setting(protect: bool) -> None:
    settings = samples.eks_settings(protect=protect)
    made = deploy(lambda: Cluster("cluster", samples.cluster_args(settings)))
    assert made.one("Cluster", "cluster-control-plane").inputs["deletionProtection"] is protect
    assert made.one("LogGroup").inputs["deletionProtectionEnabled"] is protect


def test_administrators_have_all_rights_in_all_namespaces(built: Recording) -> None:
    entry = built.one("AccessEntry").inputs
    association = built.one("AccessPolicyAssociation").inputs
    assert entry["principalArn"] == association["principalArn"] == samples.ADMINISTRATOR
    assert entry["type"] == "STANDARD"
    assert association["accessScope"] == {"type": "cluster"}
    assert association["policyArn"] == (
        "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    )


def after(recording: Recording, later: Registered, *earlier: str) -> bool:
    """Whether `later` waits for all of `earlier`, through whatever lies between."""
    waits = {each.urn: each.dependencies for each in recording.resources}
    names = {each.urn: each.name for each in recording.resources}
    seen: set[str] = set()
    pending = set(later.dependencies)
    while pending:
        urn = pending.pop()
        seen.add(urn)
        pending |= set(waits.get(urn, ())) - seen
    return set(earlier) <= {names[urn] for urn in seen if urn in names}


def test_the_control_plane_waits_for_its_permissions(built: Recording) -> None:
    control_plane = built.one("Cluster", "cluster-control-plane")
    assert after(built, control_plane, "cluster-role-managed", "cluster-role-policy")


def test_nodes_wait_for_their_network_and_their_permissions(built: Recording) -> None:
    group = built.one("NodeGroup", "cluster-nodes-general-group")
    assert after(
        built,
        group,
        "cluster-control-plane",
        "cluster-bootstrap-vpc-cni",
        "cluster-bootstrap-kube-proxy",
        "cluster-bootstrap-eks-pod-identity-agent",
        "cluster-bootstrap-vpc-cni-identity-AmazonEKS_CNI_Policy",
        "cluster-nodes-AmazonEKSWorkerNodeMinimalPolicy",
        "cluster-nodes-AmazonEC2ContainerRegistryPullOnly",
        "cluster-nodes-policy",
    )


@pytest.mark.parametrize("addon", SERVICES)
def test_addons_that_are_pods_wait_for_nodes(built: Recording, addon: str) -> None:
    installed = built.one("Addon", f"cluster-services-{addon}")
    assert after(built, installed, "cluster-nodes-general-group")


@pytest.mark.parametrize("addon", BOOTSTRAP)
def test_addons_that_nodes_wait_for_do_not_wait_for_nodes(built: Recording, addon: str) -> None:
    installed = built.one("Addon", f"cluster-bootstrap-{addon}")
    assert not after(built, installed, "cluster-nodes-general-group")


def test_addons_are_pinned_and_keep_what_was_tuned(built: Recording) -> None:
    addons = {each.inputs["addonName"]: each.inputs for each in built.kind("Addon")}
    assert {name: each["addonVersion"] for name, each in addons.items()} == ADDONS["1.34"]
    for each in addons.values():
        assert each["resolveConflictsOnCreate"] == "OVERWRITE"
        assert each["resolveConflictsOnUpdate"] == "PRESERVE"


def test_network_policies_are_enforced_and_addresses_come_by_prefix(built: Recording) -> None:
    text = built.one("Addon", "cluster-bootstrap-vpc-cni").inputs["configurationValues"]
    configuration = json.loads(text)
    assert configuration["enableNetworkPolicy"] == "true"
    assert configuration["env"]["ENABLE_PREFIX_DELEGATION"] == "true"


@pytest.mark.parametrize(
    ("addon", "service_account"),
    [
        ("cluster-bootstrap-vpc-cni", "aws-node"),
        ("cluster-services-aws-ebs-csi-driver", "ebs-csi-controller-sa"),
    ],
)
def test_an_addon_that_calls_aws_has_a_role_of_its_own(
    built: Recording, addon: str, service_account: str
) -> None:
    (association,) = built.one("Addon", addon).inputs["podIdentityAssociations"]
    role = built.one("Role", f"{addon}-identity-role")
    assert association["serviceAccount"] == service_account
    assert association["roleArn"].endswith(f"Role/{role.name}")
    trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]
    tags = trust["Condition"]["StringEquals"]
    assert tags["aws:RequestTag/kubernetes-service-account"] == service_account
    assert built.kind("PodIdentityAssociation") == []


def test_no_policy_of_the_cluster_allows_more_than_it_names(built: Recording) -> None:
    policies = [json.loads(each.inputs["policy"]) for each in built.kind("RolePolicy")]
    assert len(policies) == 3
    for each in (statement for policy in policies for statement in policy["Statement"]):
        assert not any("*" in action for action in each["Action"])
        if "*" in each["Resource"]:
            assert all(unscoped(action) for action in each["Action"])


def test_names_of_roles_begin_with_the_cluster(built: Recording) -> None:
    for each in built.kind("Role"):
        assert each.inputs["name"].startswith("agents-prod-")


def outputs(settings: EksSettings) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def program() -> None:
        cluster = Cluster("cluster", samples.cluster_args(settings))
        found["oidc_arn"] = cluster.oidc_arn
        found["ready"] = cluster.ready
        for name in ("name", "endpoint", "authority", "kubeconfig", "security_group", "issuer"):
            value: pulumi.Output[str] = getattr(cluster, name)
            value.apply(lambda known, name=name: found.update({name: known}))

    deploy(program)
    return found


def test_a_cluster_says_how_to_reach_it() -> None:
    found = outputs(samples.eks_settings())
    assert found["name"] == "agents-prod"
    assert found["endpoint"] == "https://0A1B2C3D.eks.amazonaws.com"
    assert found["authority"] == "UEVN"
    assert found["security_group"] == "sg-of-the-cluster"
    assert found["issuer"] == "https://oidc.eks.amazonaws.com/id/0A1B2C3D"
    assert found["oidc_arn"] is None
    assert json.loads(found["kubeconfig"]) == kubeconfig(
        "agents-prod", "eu-central-1", found["endpoint"], found["authority"]
    )
    kinds = [type(each).__name__ for each in found["ready"]]
    assert kinds == ["AccessPolicyAssociation", *["Addon"] * 3, "NodeGroup", *["Addon"] * 3]


def test_a_kubeconfig_names_its_cluster_and_holds_no_credential() -> None:
    config = kubeconfig("agents-prod", "eu-central-1", "https://api", "UEVN")
    assert config["current-context"] == "agents-prod"
    assert config["contexts"] == [
        {"name": "agents-prod", "context": {"cluster": "agents-prod", "user": "agents-prod"}}
    ]
    (user,) = config["users"]
    assert user["user"].keys() == {"exec"}
    command = user["user"]["exec"]
    assert [command["command"], *command["args"]] == [
        *("aws", "eks", "get-token"),
        *("--cluster-name", "agents-prod", "--region", "eu-central-1", "--output", "json"),
    ]


def test_a_provider_of_tokens_is_made_only_where_pods_go_by_it(built: Recording) -> None:
    assert built.kind("OpenIdConnectProvider") == []
    settings = samples.eks_settings(identity="irsa")
    recording = deploy(lambda: Cluster("cluster", samples.cluster_args(settings)))
    provider = recording.one("OpenIdConnectProvider").inputs
    assert provider["url"] == "https://oidc.eks.amazonaws.com/id/0A1B2C3D"
    assert provider["clientIdLists"] == ["sts.amazonaws.com"]
    assert len(recording.one("Addon", "bootstrap-vpc-cni").inputs["podIdentityAssociations"]) == 1


def test_the_autoscaler_changes_its_own_clusters_nodes_only() -> None:
    account = Account(id="123456789012", region="eu-central-1")
    statements = document(autoscaler_statements(account, "agents-prod"))["Statement"]
    changing = [
        each
        for each in statements
        if any(":Describe" not in a and ":Get" not in a for a in each["Action"])
    ]
    (scale,) = changing
    assert sorted(scale["Action"]) == [
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
    ]
    assert scale["Condition"] == {
        "StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/agents-prod": "owned"}
    }
    assert "*" not in scale["Resource"]


def test_what_the_autoscaler_sees_of_eks_is_its_own_cluster() -> None:
    account = Account(id="123456789012", region="eu-central-1")
    see = autoscaler_statements(account, "agents-prod")[1]
    assert see.resources == ("arn:aws:eks:eu-central-1:123456789012:nodegroup/agents-prod/*/*",)
