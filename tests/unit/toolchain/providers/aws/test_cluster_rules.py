"""Unit: what EKS refuses is refused here, and what EKS makes beside a cluster is made."""

from typing import Any

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.clusters import (
    CLUSTER,
    ENTRY,
    NODE_GROUP,
    cluster,
    node_group,
    role,
    subnets,
)
from tests.unit.toolchain.providers.aws.stand_in import Engine, Made, Refused, World

ADDON = "aws:eks/addon:Addon"
RIGHT = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


def altered(made: Made, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - values of inputs
    return {**made.inputs, **changes}


@pytest.mark.parametrize("wanted", ["1.33", "1.36", "2.0"])
def test_a_control_plane_goes_up_by_one_minor_version_and_never_back(
    wanted: str, world: World, engine: Engine
) -> None:
    made = world[CLUSTER]
    with pytest.raises(Refused, match="InvalidParameterException"):
        engine.change(made, altered(made, version=wanted, deletionProtection=True))
    found = engine.read(made)
    assert found is not None
    assert (found.outputs["version"], found.outputs["deletionProtection"]) == ("1.34", False)
    changed = engine.change(made, altered(made, version="1.35"))
    assert changed.outputs["version"] == "1.35"


def test_a_protected_cluster_stays(world: World, engine: Engine) -> None:
    made = world[CLUSTER]
    protected = engine.change(made, altered(made, deletionProtection=True))
    with pytest.raises(Refused, match="InvalidRequestException"):
        engine.remove(protected)
    assert engine.read(protected) is not None
    engine.remove(engine.change(protected, made.inputs))
    assert engine.read(made) is None


def test_a_cluster_stays_while_it_has_nodes(world: World, engine: Engine) -> None:
    group = world[NODE_GROUP]
    with pytest.raises(Refused, match="Cluster has nodegroups attached"):
        engine.remove(world[CLUSTER])
    engine.remove(group)
    engine.remove(world[CLUSTER])


@pytest.mark.parametrize(
    ("vpc", "reason"),
    [
        ({"endpointPrivateAccess": False}, "endpoint access cannot be false"),
        ({"subnetIds": ["subnet-0123456789abcdef0"]}, "does not exist"),
    ],
)
def test_a_cluster_needs_a_way_in_and_its_subnets(
    vpc: dict[str, Any], reason: str, world: World, engine: Engine
) -> None:
    inputs = cluster(world)
    with pytest.raises(Refused, match=reason):
        engine.make(CLUSTER, {**inputs, "vpcConfig": {**inputs["vpcConfig"], **vpc}})


def test_a_cluster_is_in_two_zones(world: World, engine: Engine) -> None:
    inputs = cluster(world)
    one = {**inputs["vpcConfig"], "subnetIds": inputs["vpcConfig"]["subnetIds"][:1]}
    with pytest.raises(Refused, match="at least two different AZs"):
        engine.make(CLUSTER, {**inputs, "vpcConfig": one})


def test_a_role_has_to_trust_who_takes_it_on(world: World, engine: Engine) -> None:
    with pytest.raises(Refused, match="could not be assumed"):
        engine.make(CLUSTER, altered(world[CLUSTER], name="other", roleArn=role(world, "sns")))
    of_the_cluster = world[CLUSTER].inputs["roleArn"]
    with pytest.raises(Refused, match="could not be assumed"):
        engine.make(NODE_GROUP, node_group(world, nodeRoleArn=of_the_cluster))


def test_a_cluster_has_a_security_group_and_interfaces_that_go_with_it(
    world: World, engine: Engine, aws: Moto
) -> None:
    made = world[CLUSTER]
    ec2 = aws.client("ec2")
    group = made.outputs["vpcConfig"]["clusterSecurityGroupId"]
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == {
        "Name": found["GroupName"],
        "kubernetes.io/cluster/agents": "owned",
    }
    inside = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert {each["SubnetId"] for each in inside} == set(made.inputs["vpcConfig"]["subnetIds"])
    assert all(each["Groups"][0]["GroupId"] == group for each in inside)

    inputs = made.inputs["vpcConfig"]
    ids = [inputs["subnetIds"][0], *subnets(world, "c")]
    moved = engine.change(made, altered(made, vpcConfig={**inputs, "subnetIds": ids}))
    inside = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert {each["SubnetId"] for each in inside} == set(ids)
    engine.remove(moved)
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    groups = ec2.describe_security_groups()["SecurityGroups"]
    assert {each["GroupName"] for each in groups} == {"default"}


def test_logs_that_nobody_prepared_for_are_left_behind(
    world: World, engine: Engine, aws: Moto
) -> None:
    engine.remove(world[CLUSTER])
    (group,) = aws.client("logs").describe_log_groups()["logGroups"]
    assert group["logGroupName"] == "/aws/eks/agents/cluster"
    assert "retentionInDays" not in group


def test_each_cluster_has_an_issuer_of_its_own(world: World, engine: Engine) -> None:
    other = engine.make(CLUSTER, altered(world[CLUSTER], name="another"), name="another")
    issuers = {
        each.outputs["identities"][0]["oidcs"][0]["issuer"] for each in (world[CLUSTER], other)
    }
    assert len(issuers) == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": "1.35"}, "ahead of the cluster's"),
        ({"instanceTypes": ["m7i.large"]}, "not a valid instance type"),
        ({"instanceTypes": ["m7g.enormous"]}, "do not exist"),
        ({"scalingConfig": {"minSize": 3, "desiredSize": 2, "maxSize": 4}}, "Minimum capacity"),
        ({"scalingConfig": {"minSize": 1, "desiredSize": 5, "maxSize": 4}}, "max size"),
        ({"nodeGroupNamePrefix": "a-name-that-is-much-longer-than-others-"}, "may have 63"),
        ({"taints": [{"key": "a", "effect": "NoSchedule"}]}, "taint effect"),
    ],
)
def test_nodes_fit_their_cluster_and_their_image(
    changes: dict[str, Any], reason: str, world: World, engine: Engine
) -> None:
    with pytest.raises(Refused, match=reason):
        engine.make(NODE_GROUP, node_group(world, **changes))


def test_nodes_follow_their_control_plane_and_never_go_back(world: World, engine: Engine) -> None:
    group = world[NODE_GROUP]
    with pytest.raises(Refused, match="ahead"):
        engine.change(group, altered(group, version="1.35"))
    engine.change(world[CLUSTER], altered(world[CLUSTER], version="1.35"))
    upgraded = engine.change(group, altered(group, version="1.35"))
    assert upgraded.outputs["version"] == "1.35"
    assert upgraded.outputs["releaseVersion"] == "1.0.0-20260101"
    with pytest.raises(Refused, match="cannot go back"):
        engine.change(upgraded, altered(group, version="1.34"))


def test_what_the_autoscaler_has_set_outlives_a_change_of_labels(
    world: World, engine: Engine, aws: Moto
) -> None:
    group = world[NODE_GROUP]
    name = {"clusterName": world[CLUSTER].id, "nodegroupName": group.outputs["nodeGroupName"]}
    eks = aws.client("eks")
    eks.update_nodegroup_config(**name, scalingConfig={"desiredSize": 4})
    engine.change(group, altered(group, labels={"changed": "true"}))
    assert eks.describe_nodegroup(**name)["nodegroup"]["scalingConfig"]["desiredSize"] == 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"addonVersion": "1.22.4"}, "version specified is not supported"),
        ({"configurationValues": "{"}, "ConfigurationValue"),
        ({"addonName": "kube-proxy", "addonVersion": "v1.35.3-eksbuild.2"}, "on Kubernetes 1.34"),
    ],
)
def test_an_add_on_fits_its_cluster(
    changes: dict[str, Any], reason: str, world: World, engine: Engine
) -> None:
    with pytest.raises(Refused, match=reason):
        engine.make(ADDON, {**CASES[ADDON].inputs(world), **changes})


def test_rights_go_to_those_who_are_let_in(world: World, engine: Engine) -> None:
    inputs = CASES[RIGHT].inputs(world)
    stranger = {**inputs, "principalArn": "arn:aws:iam::123456789012:role/stranger"}
    with pytest.raises(Refused, match="could not be found"):
        engine.make(RIGHT, stranger)
    right = engine.make(RIGHT, inputs)
    engine.remove(world[ENTRY])
    assert engine.read(right) is None


def test_nobody_is_let_in_by_a_cluster_that_goes_by_its_own_list(
    world: World, engine: Engine
) -> None:
    own = {"authenticationMode": "CONFIG_MAP"}
    made = engine.make(CLUSTER, cluster(world, accessConfig=own))
    entry = {
        "clusterName": made.id,
        "principalArn": "arn:aws:iam::123456789012:role/deployer",
    }
    with pytest.raises(Refused, match="authentication mode"):
        engine.make(ENTRY, entry)


def test_what_is_in_a_cluster_is_gone_with_it(world: World, engine: Engine) -> None:
    entry = world[ENTRY]
    engine.remove(world[CLUSTER])
    assert engine.read(entry) is None
