"""Unit: what AWS refuses of a database, so that a rehearsal does as well."""

from typing import Any

import pytest

from components.stores import rds_settings
from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.databases import (
    INSTANCE,
    PARAMETERS,
    PRELOADED,
    SUBNETS,
)
from tests.unit.toolchain.providers.aws.cases.identity import ROLE
from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.cases.security import GROUP
from tests.unit.toolchain.providers.aws.stand_in import Engine, Inputs, Made, Refused, World
from toolchain.providers.aws.types.database_rules import covers, faults, full, version_fault

SAMPLE: Inputs = {
    "engine": "postgres",
    "username": "postgres",
    "manageMasterUserPassword": True,
    "allocatedStorage": 100,
}


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


@pytest.fixture
def made(engine: Engine, world: World) -> Made:
    return engine.make(INSTANCE, CASES[INSTANCE].inputs(world), name="sample")


def test_a_protected_database_is_not_deleted(engine: Engine, made: Made) -> None:
    protected = engine.change(made, {**made.inputs, "deletionProtection": True})
    with pytest.raises(Refused, match="InvalidParameterCombination: Cannot delete protected"):
        engine.remove(protected)
    engine.remove(engine.change(protected, made.inputs))


def test_a_last_snapshot_is_taken_unless_it_is_to_be_skipped(
    engine: Engine, made: Made, aws: Moto
) -> None:
    kept = {name: value for name, value in made.inputs.items() if name != "skipFinalSnapshot"}
    without = engine.change(made, kept)
    with pytest.raises(Refused, match="finalSnapshotIdentifier is required"):
        engine.remove(without)
    engine.remove(engine.change(without, {**kept, "finalSnapshotIdentifier": "the-last"}))
    (snapshot,) = aws.client("rds").describe_db_snapshots()["DBSnapshots"]
    assert snapshot["DBSnapshotIdentifier"] == "the-last"


def test_a_server_is_not_taken_back(engine: Engine, made: Made) -> None:
    newer = engine.change(made, {**made.inputs, "engineVersion": "17.6"})
    with pytest.raises(Refused, match=r"Cannot upgrade postgres from 17\.6 to 17\.5"):
        engine.change(newer, {**made.inputs, "engineVersion": "17.5"})
    loose = engine.change(newer, made.inputs)
    assert loose.outputs["engineVersion"] == "17"
    assert loose.outputs["engineVersionActual"] == "17.6"


def test_a_major_version_takes_a_flag_and_its_own_parameters(engine: Engine, made: Made) -> None:
    newer = {**made.inputs, "engineVersion": "18"}
    with pytest.raises(Refused, match="DBParameterGroupFamily postgres17 can't be used"):
        engine.change(made, newer)
    group = engine.make(PARAMETERS, {"family": "postgres18", "description": "b"}, name="newer")
    newer["parameterGroupName"] = group.id
    with pytest.raises(Refused, match="AllowMajorVersionUpgrade flag must be present"):
        engine.change(made, newer)
    changed = engine.change(made, {**newer, "allowMajorVersionUpgrade": True})
    assert changed.outputs["engineVersionActual"] == "18.1"


@pytest.mark.parametrize(
    ("running", "wanted"),
    [("17.6", "17.5"), ("17.6", "16.9"), ("17.10", "17.9"), ("17.6", "17"), ("17.6", "17.6")],
)
def test_the_settings_foresee_what_is_refused(running: str, wanted: str) -> None:
    foreseen = rds_settings.version_fault(running, wanted)
    target = running if covers(wanted, running) else full(wanted)
    refused = version_fault("postgres", running, target, major=True)
    assert (foreseen is None) == (refused is None)


def test_storage_grows_and_never_shrinks(engine: Engine, made: Made, aws: Moto) -> None:
    aws.client("rds").modify_db_instance(
        DBInstanceIdentifier=made.outputs["identifier"], AllocatedStorage=200
    )
    found = engine.read(made)
    assert found is not None
    assert found.inputs == made.inputs
    changed = engine.change(made, {**made.inputs, "multiAz": False})
    fixed = {name: value for name, value in made.inputs.items() if name != "maxAllocatedStorage"}
    with pytest.raises(Refused, match="cannot shrink: it has 200 GiB"):
        engine.change(changed, fixed)


def test_a_database_renamed_by_hand_is_followed_by_its_id(
    engine: Engine, made: Made, aws: Moto
) -> None:
    aws.client("rds").modify_db_instance(
        DBInstanceIdentifier=made.outputs["identifier"], NewDBInstanceIdentifier="by-hand"
    )
    found = engine.read(made)
    assert found is not None
    assert found.inputs["identifier"] == "by-hand"
    assert found.outputs["resourceId"] == made.id


def test_two_databases_have_two_ids(engine: Engine, made: Made) -> None:
    other = engine.make(INSTANCE, {**made.inputs, "identifier": "other"}, name="other")
    assert other.id != made.id


def test_subnets_are_in_two_zones_and_one_network(engine: Engine, world: World) -> None:
    subnet = world["aws:ec2/subnet:Subnet"].id
    with pytest.raises(Refused, match="DBSubnetGroupDoesNotCoverEnoughAZs"):
        engine.make(SUBNETS, {"subnetIds": [subnet]})
    with pytest.raises(Refused, match="InvalidSubnet"):
        engine.make(SUBNETS, {"subnetIds": [subnet, "subnet-0"]})


def test_what_a_database_uses_is_not_deleted(engine: Engine, made: Made, world: World) -> None:
    with pytest.raises(Refused, match="InvalidDBSubnetGroupStateFault"):
        engine.remove(world[SUBNETS])
    with pytest.raises(Refused, match="InvalidDBParameterGroupState"):
        engine.remove(world[PARAMETERS])


def test_a_security_group_is_in_the_subnets_network(
    engine: Engine, made: Made, world: World
) -> None:
    other = engine.make(VPC, {"cidrBlock": "10.9.0.0/16"}, name="elsewhere")
    group = engine.make(GROUP, {"vpcId": other.id}, name="elsewhere")
    with pytest.raises(Refused, match="are in different VPCs"):
        engine.change(made, {**made.inputs, "vpcSecurityGroupIds": [group.id]})
    with pytest.raises(Refused, match="Invalid security group"):
        engine.change(made, {**made.inputs, "vpcSecurityGroupIds": ["sg-0"]})


def test_a_static_parameter_waits_for_a_restart(engine: Engine) -> None:
    at_once = {**PRELOADED, "applyMethod": "immediate"}
    with pytest.raises(Refused, match="cannot use immediate apply method for static parameter"):
        engine.make(PARAMETERS, {"family": "postgres17", "parameters": [at_once]})


def test_the_key_can_be_used_and_the_role_be_taken(
    engine: Engine, made: Made, world: World
) -> None:
    other = engine.make(KEY, {}, name="gone")
    engine.remove(other)
    with pytest.raises(Refused, match="KMSKeyNotAccessibleFault"):
        engine.make(INSTANCE, {**made.inputs, "kmsKeyId": other.outputs["arn"]}, name="second")
    role = world[ROLE].outputs["arn"]
    with pytest.raises(Refused, match="ENHANCED_MONITORING"):
        engine.change(made, {**made.inputs, "monitoringRoleArn": role})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"password": "a-password"}, "MasterUserPassword"),
        ({"manageMasterUserPassword": False}, "MasterUserPassword must be provided"),
        ({"username": ""}, "MasterUsername must be provided"),
        ({"allocatedStorage": 10}, "Invalid storage size 10"),
        ({"enabledCloudwatchLogsExports": ["audit"]}, "log types 'audit'"),
        ({"monitoringInterval": 7, "monitoringRoleArn": "arn"}, "Invalid value 7"),
        ({"monitoringInterval": 60}, "only given together"),
        ({"performanceInsightsRetentionPeriod": 30}, "retention period 30"),
        ({"databaseInsightsMode": "advanced", "performanceInsightsEnabled": True}, "at least 465"),
    ],
)
def test_what_does_not_go_together_is_refused(inputs: dict[str, Any], message: str) -> None:
    (fault,) = faults({**SAMPLE, **inputs})
    assert message in fault[1]


def test_the_sample_is_without_fault() -> None:
    assert list(faults(SAMPLE)) == []
