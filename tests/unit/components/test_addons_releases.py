"""Unit: what the charts are told, what may reach their pods, and what these may do in AWS."""

import re
from ipaddress import IPv4Network
from typing import Any

import pytest

from components.addons import CHARTS, Addons, controller_statements
from components.addons.addons import WORKLOADS
from components.addons.cluster_autoscaler import IMAGES, image_tag
from components.addons.load_balancer_controller import CONTROLLER
from components.addons.network import inward
from components.addons.workload import ADDON
from components.cluster.versions import ADDONS as EKS_ADDONS
from components.network.policy import IDENTITY_AGENT
from tests import samples_addons as samples
from tests.recording import Properties, Recording, Registered, deploy

METADATA = IPv4Network("169.254.0.0/16")


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples.addons)


def release(built: Recording, addon: str) -> Properties:
    return built.one("Release", f"addons-{addon}").inputs


def pods(built: Recording) -> dict[str, tuple[Any, Any, Properties]]:
    """Per workload, the security of its pod and of its container, and where the rest of it is told."""
    values = {addon: release(built, addon)["values"] for addon in CHARTS}
    balancers, secrets = values["aws-load-balancer-controller"], values["external-secrets"]
    nodes, rollouts = values["cluster-autoscaler"], values["argo-rollouts"]
    operator = values["kube-prometheus-stack"]["prometheusOperator"]
    pod, container = "podSecurityContext", "securityContext"
    return {
        "aws-load-balancer-controller": (balancers[pod], balancers[container], balancers),
        "external-secrets": (secrets[pod], secrets[container], secrets),
        "external-secrets-webhook": (
            secrets["webhook"][pod],
            secrets["webhook"][container],
            secrets["webhook"],
        ),
        "external-secrets-cert-controller": (
            secrets["certController"][pod],
            secrets["certController"][container],
            secrets["certController"],
        ),
        "cluster-autoscaler": (nodes["securityContext"], nodes["containerSecurityContext"], nodes),
        "argo-rollouts": (
            rollouts[pod],
            rollouts["containerSecurityContext"],
            {**rollouts["controller"], "podLabels": rollouts["podLabels"]},
        ),
        "prometheus-operator": (
            operator["securityContext"],
            operator["containerSecurityContext"],
            operator,
        ),
    }


def test_every_workload_of_a_chart_is_told_of(built: Recording) -> None:
    assert pods(built).keys() == {each.name for of in WORKLOADS.values() for each in of}


def test_every_pod_of_a_chart_is_restricted(built: Recording) -> None:
    for name, (pod, container, _) in pods(built).items():
        assert pod["runAsNonRoot"] is True, name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container["allowPrivilegeEscalation"] is False, name
        assert container["readOnlyRootFilesystem"] is True, name
        assert container["capabilities"] == {"drop": ["ALL"]}, name


def test_every_pod_of_a_chart_has_requests_limits_priority_and_our_label(built: Recording) -> None:
    for name, (_, _, told) in pods(built).items():
        assert told["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert told["resources"]["limits"].keys() == {"cpu", "memory"}, name
        assert told["priorityClassName"] == "system-cluster-critical", name
        assert told["podLabels"] == {ADDON: name}


def test_what_answers_or_decides_runs_twice_on_two_nodes(built: Recording) -> None:
    # The operator elects no leader, and the certificate controller has nothing urgent to do.
    once = {"prometheus-operator", "external-secrets-cert-controller"}
    for name, (_, _, told) in pods(built).items():
        if name in once:
            continue
        assert told.get("replicaCount", told.get("replicas")) == 2, name
        assert told.get("podDisruptionBudget", told.get("pdb")), name
        keys = [each["topologyKey"] for each in told["topologySpreadConstraints"]]
        assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def test_every_chart_is_pinned_to_one_version_of_a_repository_over_tls(built: Recording) -> None:
    for addon, chart in CHARTS.items():
        inputs = release(built, addon)
        assert inputs["chart"] == inputs["name"] == addon
        assert re.fullmatch(r"\d+\.\d+\.\d+", inputs["version"]), addon
        assert inputs["repositoryOpts"]["repo"].startswith("https://"), addon
        assert inputs["namespace"] == chart.namespace
        assert chart.seen
        # What fails is taken back: half an add-on would keep the next try from starting.
        assert inputs["atomic"] is True


def test_a_release_begins_once_its_namespace_is_closed_and_its_identity_is_there(
    built: Recording,
) -> None:
    for addon, workloads in WORKLOADS.items():
        found = built.one("Release", f"addons-{addon}")
        waits = {urn.rsplit("::", 1)[-1] for urn in found.dependencies}
        assert {f"addons-{each.name}-network" for each in workloads} <= waits
        if CHARTS[addon].owns_namespace:
            assert f"addons-{addon}-default-deny" in waits
        if any(each.calls_aws for each in workloads):
            assert f"identity-{addon}-association" in waits


def test_every_namespace_holds_its_pods_to_the_restricted_profile(built: Recording) -> None:
    owned = {chart.namespace for chart in CHARTS.values() if chart.owns_namespace}
    namespaces = {each.inputs["metadata"]["name"]: each for each in built.kind("Namespace")}
    assert namespaces.keys() == owned
    for each in namespaces.values():
        assert (
            each.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
        )


def policy(built: Recording, workload: str) -> Registered:
    return built.one("NetworkPolicy", f"-{workload}-network")


def test_no_add_on_reaches_a_nodes_metadata(built: Recording) -> None:
    for each in built.kind("NetworkPolicy"):
        for rule in each.inputs["spec"].get("egress", []):
            for peer in rule["to"]:
                block = peer.get("ipBlock", {"cidr": "192.0.2.0/24"})
                excepted = [IPv4Network(cidr) for cidr in block.get("except", [])]
                if IPv4Network(block["cidr"]).overlaps(METADATA) and METADATA not in excepted:
                    assert block["cidr"] == IDENTITY_AGENT, each.name
                    assert rule["ports"] == [{"protocol": "TCP", "port": 80}]


def test_only_what_calls_aws_reaches_the_internet(built: Recording) -> None:
    for workloads in WORKLOADS.values():
        for workload in workloads:
            rules = policy(built, workload.name).inputs["spec"]["egress"]
            blocks = [peer.get("ipBlock", {}).get("cidr") for each in rules for peer in each["to"]]
            assert ("0.0.0.0/0" in blocks) is workload.calls_aws, workload.name


def test_the_control_plane_calls_webhooks_and_nothing_else(built: Recording) -> None:
    for workloads in WORKLOADS.values():
        for workload in workloads:
            ports = [
                port["port"]
                for rule in policy(built, workload.name).inputs["spec"]["ingress"]
                for port in rule["ports"]
                if any("ipBlock" in peer for peer in rule["from"])
            ]
            assert ports == ([workload.webhook] if workload.webhook else []), workload.name
    assert len(inward(CONTROLLER, samples.AROUND)) == 2


def test_the_balancers_controller_is_told_where_it_is_and_makes_nothing(built: Recording) -> None:
    values = release(built, "aws-load-balancer-controller")["values"]
    assert values["clusterName"] == "agents-prod"
    assert (values["region"], values["vpcId"]) == ("eu-central-1", "vpc-0a1b2c3d")
    for key in (
        "createIngressClassResource",
        "enableBackendSecurityGroup",
        "enableManageBackendSecurityGroupRules",
        "enableServiceMutatorWebhook",
        "enableShield",
        "enableWaf",
        "enableWafv2",
    ):
        assert values[key] is False, key
    assert set(values["controllerConfig"]["featureGates"].values()) == {False}


def test_the_balancers_controller_changes_targets_of_our_groups_only() -> None:
    statements = controller_statements(samples.ACCOUNT, ("agents-prod",))
    changing = [
        (statement, action)
        for statement in statements
        for action in statement.actions
        if ":Describe" not in action
    ]
    assert {action for _, action in changing} == {
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets",
    }
    for statement, _ in changing:
        assert statement.resources == (
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/agents-prod-stable-*/*",
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/agents-prod-canary-*/*",
        )


def test_by_a_token_of_the_cluster_service_accounts_name_their_role() -> None:
    built = deploy(lambda: Addons("addons", samples.addons_args("irsa")))
    accounts = (
        release(built, "aws-load-balancer-controller")["values"]["serviceAccount"],
        release(built, "external-secrets")["values"]["serviceAccount"],
        release(built, "cluster-autoscaler")["values"]["rbac"]["serviceAccount"],
    )
    for account in accounts:
        assert "arn:aws:" in account["annotations"]["eks.amazonaws.com/role-arn"]


def test_secrets_come_into_one_namespace_and_never_leave_it(built: Recording) -> None:
    values = release(built, "external-secrets")["values"]
    broad = {key for key in values if key.startswith("process")}
    assert broad
    assert not any(values[key] for key in broad)
    assert not any(each for key, each in values["crds"].items() if key.startswith("create"))
    assert values["crds"]["conversion"] == {"enabled": False}


def test_every_version_of_kubernetes_has_an_autoscaler_of_its_own() -> None:
    assert IMAGES.keys() == EKS_ADDONS.keys()
    for version in IMAGES:
        assert image_tag(version).startswith(f"v{version}.")


def test_a_version_without_an_autoscaler_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'1\.20' has no autoscaler .*: choose from 1\.34"):
        image_tag("1.20")


def test_only_the_operator_comes_out_of_the_monitoring_chart(built: Recording) -> None:
    values = release(built, "kube-prometheus-stack")["values"]
    enabled = {key for key, each in values.items() if each.get("enabled")}
    assert enabled == {"crds"}
    assert values["defaultRules"] == {"create": False}
