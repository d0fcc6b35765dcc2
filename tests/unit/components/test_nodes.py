"""Unit: which machines nodes are, what they keep from pods, and when they are replaced."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components.cluster import NodeGroup, NodeGroupSettings
from components.cluster.instances import (
    AMI_TYPES,
    Ami,
    Architecture,
    ami_type,
    architecture_of,
    volumes,
)
from components.cluster.nodes import autoscaling_role, node_labels
from tests import samples_cluster as samples
from tests.recording import Recording, Registered, deploy

GRAVITON = ("m7g.large", "c8gn.4xlarge", "t4g.medium", "r6gd.metal", "g5g.xlarge", "a1.large")
OTHERS = (
    "m7i.large",
    "c6a.large",
    "g4dn.xlarge",
    "g6e.2xlarge",
    "u7i-12tb.224xlarge",
    "u-6tb1.metal",
)


@pytest.mark.parametrize("instance_type", GRAVITON)
def test_a_g_behind_the_generation_is_an_arm_processor(instance_type: str) -> None:
    assert architecture_of(instance_type) == "arm64"


@pytest.mark.parametrize("instance_type", OTHERS)
def test_every_other_family_is_x86(instance_type: str) -> None:
    assert architecture_of(instance_type) == "amd64"


@pytest.mark.parametrize("wrong", ["", "m7g", "large", "m7g.", ".large", "M7G.large", "m7g large"])
def test_what_is_no_instance_type_is_said_to_be_none(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"write it as m7g\.large"):
        architecture_of(wrong)


@given(
    family=st.from_regex(r"[b-z]{1,3}", fullmatch=True),
    generation=st.integers(min_value=1, max_value=99),
    rest=st.from_regex(r"[a-z]{0,3}", fullmatch=True),
    size=st.sampled_from(("large", "2xlarge", "metal-24xl")),
)
def test_only_the_letter_behind_the_generation_decides(
    family: str, generation: int, rest: str, size: str
) -> None:
    expected = "arm64" if rest.startswith("g") else "amd64"
    assert architecture_of(f"{family}{generation}{rest}.{size}") == expected


@pytest.mark.parametrize(("kind", "expected"), AMI_TYPES.items())
def test_every_system_has_an_image_for_every_processor(
    kind: tuple[Ami, Architecture], expected: str
) -> None:
    assert ami_type(*kind) == expected
    assert ("ARM" in expected) == (kind[1] == "arm64")


def test_bottlerocket_keeps_its_system_apart_from_what_grows() -> None:
    assert volumes("bottlerocket", 50) == {"/dev/xvda": None, "/dev/xvdb": 50}
    assert volumes("al2023", 50) == {"/dev/xvda": 50}


def settings(**changes: object) -> NodeGroupSettings:
    return NodeGroupSettings.model_validate({**samples.GROUP.model_dump(), **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instance_types": ("m7i.large",)}, "m7i.large has an amd64 processor"),
        ({"architecture": "amd64"}, "set architecture to arm64"),
        ({"instance_types": ("m7g.large", "m7g.large")}, "more than once"),
        ({"instance_types": ("big",)}, "is no EC2 instance type"),
        ({"instance_types": ()}, "at least 1 item"),
        ({"min": 10}, "min 10 above max 9: raise max"),
        ({"desired": 2}, "begins with 2 nodes"),
        ({"desired": 10}, "outside of min 3 to max 9"),
        ({"min": 0, "max": 0}, "greater than or equal to 1"),
        ({"disk_gib": 10}, "greater than or equal to 20"),
        ({"name": "n" * 37}, "37 characters and a node group's name 36 at most"),
        ({"release": "latest"}, "should match pattern"),
        ({"labels": {}}, "Extra inputs are not permitted"),
    ],
)
def test_a_node_group_that_could_not_be_made_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        settings(**changes)


def test_a_group_begins_with_its_minimum() -> None:
    assert settings().initial == 3
    assert settings(desired=5).initial == 5
    assert settings(min=0).initial == 0


def built(group: NodeGroupSettings = samples.GROUP, tenant: str | None = None) -> Recording:
    return deploy(lambda: NodeGroup("nodes", samples.node_group_args(group, tenant)))


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return built().one("LaunchTemplate").inputs


@pytest.fixture(scope="module")
def group() -> Registered:
    return built().one("NodeGroup", "nodes-group")


def test_pods_do_not_reach_the_credentials_of_their_node(template: dict[str, Any]) -> None:
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["metadataOptions"]["httpPutResponseHopLimit"] == 1


@pytest.mark.parametrize(("ami", "devices"), [("bottlerocket", 2), ("al2023", 1)])
def test_every_volume_is_encrypted_with_the_stacks_own_key(ami: str, devices: int) -> None:
    mappings = built(settings(ami=ami)).one("LaunchTemplate").inputs["blockDeviceMappings"]
    assert len(mappings) == devices
    for each in mappings:
        assert each["ebs"]["encrypted"] == "true"
        assert each["ebs"]["kmsKeyId"] == samples.KEY
        assert each["ebs"]["volumeType"] == "gp3"
        assert each["ebs"]["deleteOnTermination"] == "true"
    assert mappings[-1]["ebs"]["volumeSize"] == 50


def test_nodes_have_no_public_address_and_the_clusters_group_only(template: dict[str, Any]) -> None:
    (interface,) = template["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert interface["securityGroups"] == ["sg-of-the-cluster"]


def test_nodes_are_watched_closely(template: dict[str, Any]) -> None:
    assert template["monitoring"] == {"enabled": True}


def test_a_template_leaves_out_what_eks_wants_to_say_itself(template: dict[str, Any]) -> None:
    assert not {"imageId", "instanceType", "iamInstanceProfile", "userData"} & template.keys()


def test_what_a_machine_brings_along_says_who_pays() -> None:
    recording = built(tenant="research")
    specifications = recording.one("LaunchTemplate").inputs["tagSpecifications"]
    assert {each["resourceType"] for each in specifications} == {
        "instance",
        "volume",
        "network-interface",
    }
    expected = {
        "platform": "agents",
        "agents.platform/tenant": "research",
        "Name": "agents-prod-general",
    }
    for each in specifications:
        assert each["tags"] == expected
    assert recording.one("NodeGroup", "nodes-group").inputs["tags"] == expected


def test_nodes_of_one_tenant_keep_the_pods_of_others_away() -> None:
    inputs = built(tenant="research").one("NodeGroup", "nodes-group").inputs
    assert inputs["labels"]["agents.platform/tenant"] == "research"
    assert inputs["taints"] == [
        {"key": "agents.platform/tenant", "value": "research", "effect": "NO_SCHEDULE"}
    ]


def test_nodes_of_everybody_have_no_taint(group: Registered) -> None:
    assert group.inputs.get("taints", []) == []
    assert group.inputs["labels"] == node_labels("general")


def test_a_third_of_the_nodes_is_replaced_at_a_time(group: Registered) -> None:
    assert group.inputs["updateConfig"] == {"maxUnavailablePercentage": 33}


def test_the_number_of_nodes_is_the_autoscalers_business(group: Registered) -> None:
    assert group.inputs["scalingConfig"] == {"minSize": 3, "maxSize": 9, "desiredSize": 3}
    assert "scalingConfig.desiredSize" in group.ignored


def test_a_group_that_replaces_another_can_stand_beside_it(group: Registered) -> None:
    assert group.inputs["nodeGroupNamePrefix"] == "general-"
    assert "nodeGroupName" not in group.inputs


def test_another_template_or_image_replaces_the_nodes(group: Registered) -> None:
    assert group.inputs["launchTemplate"]["version"] == "1"
    assert group.inputs["amiType"] == "BOTTLEROCKET_ARM_64"
    assert "releaseVersion" not in group.inputs
    patched = built(settings(release="1.66.0-1ad6b4a4")).one("NodeGroup", "nodes-group")
    assert patched.inputs["releaseVersion"] == "1.66.0-1ad6b4a4"


@pytest.mark.parametrize(("spot", "capacity"), [(False, "ON_DEMAND"), (True, "SPOT")])
def test_spare_capacity_is_asked_for_by_name(spot: bool, capacity: str) -> None:
    inputs = built(settings(spot=spot)).one("NodeGroup", "nodes-group").inputs
    assert inputs["capacityType"] == capacity
    assert inputs["instanceTypes"] == ["m7g.large", "m8g.large"]


def test_a_node_may_ask_who_it_is_and_nothing_that_its_pods_need() -> None:
    recording = deploy(samples.cluster)
    attached = {
        each.inputs["policyArn"].rsplit("/", 1)[-1]
        for each in recording.kind("RolePolicyAttachment")
        if each.name.startswith("cluster-nodes-")
    }
    assert attached == {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"}
    own = json.loads(recording.one("RolePolicy", "cluster-nodes-policy").inputs["policy"])
    assert [each["Action"] for each in own["Statement"]] == [
        ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
        ["eks:DescribeCluster"],
    ]


def test_the_role_that_starts_machines_is_the_accounts_own() -> None:
    assert autoscaling_role(samples.ACCOUNT) == (
        "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling"
    )
