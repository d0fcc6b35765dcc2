"""Unit: PostgreSQL on RDS: who may reach it, what protects it, what its settings refuse."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pydantic import ValidationError

from components.stores import trust
from components.stores.rds import AT_RESTART, Rds, RdsArgs, parameters
from components.stores.rds_settings import RdsSettings, version_fault
from tests.recording import Recording, deploy
from tests.samples_aws_stores import KEY, POSTGRES, rds, site


def settings(**changes: object) -> RdsSettings:
    return RdsSettings.model_validate({**POSTGRES.model_dump(), **changes})


def instance(recording: Recording) -> dict[str, Any]:
    return recording.one("Instance").inputs


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(rds)


@pytest.fixture(scope="module")
def unprotected() -> Recording:
    return deploy(lambda: rds(protect=False))


def test_only_the_cluster_may_connect_and_only_to_postgresql(built: Recording) -> None:
    rules = built.kind("SecurityGroupIngressRule")
    assert len(rules) == 1
    rule = rules[0].inputs
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (5432, 5432, "tcp")
    assert rule["referencedSecurityGroupId"] == "sg-of-the-cluster"
    assert not {"cidrIpv4", "cidrIpv6"} & rule.keys()
    assert built.kind("SecurityGroupEgressRule") == []
    assert "egress" not in built.one("SecurityGroup").inputs
    assert instance(built)["vpcSecurityGroupIds"] == ["postgres-security-id"]


def test_it_has_no_public_address_and_stands_in_the_data_subnets(built: Recording) -> None:
    assert instance(built)["publiclyAccessible"] is False
    assert built.one("SubnetGroup").inputs["subnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]


def test_data_copies_insights_secrets_and_logs_are_encrypted_by_the_stacks_key(
    built: Recording,
) -> None:
    database = instance(built)
    assert database["storageEncrypted"] is True
    for key in ("kmsKeyId", "performanceInsightsKmsKeyId", "masterUserSecretKmsKeyId"):
        assert database[key] == KEY, key
    for group in built.kind("LogGroup"):
        assert group.inputs["kmsKeyId"] == KEY


def test_no_password_is_known_to_the_program(built: Recording) -> None:
    database = instance(built)
    assert database["manageMasterUserPassword"] is True
    assert not {"password", "passwordWo"} & database.keys()
    assert built.kind("RandomPassword") == []


def test_the_master_password_changes_as_often_as_the_others(built: Recording) -> None:
    rotation = built.one("SecretRotation").inputs
    assert rotation["secretId"] == "arn:aws:secretsmanager:eu-central-1:123456789012:secret:master"
    assert rotation["rotationRules"] == {"automaticallyAfterDays": 90}
    assert rotation["rotateImmediately"] is False
    assert "rotationLambdaArn" not in rotation


def test_what_it_says_of_itself_is_what_others_connect_with() -> None:
    known: dict[str, str] = {}

    def program() -> None:
        made = rds()
        assert made.port == 5432
        pulumi.Output.all(
            host=made.host,
            secret=made.master_secret,
            resource=made.resource_id,
            authority=made.authority,
        ).apply(known.update)

    deploy(program)
    assert known == {
        "host": "agents-prod-postgres.c0ffee.eu-central-1.rds.amazonaws.com",
        "secret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:master",
        "resource": "db-0A1B2C3D",
        "authority": trust.rds("eu-central-1"),
    }


def test_it_refuses_plain_connections_old_tls_and_weak_password_hashes() -> None:
    given = parameters(POSTGRES)
    assert given["rds.force_ssl"] == "1"
    assert given["ssl_min_protocol_version"] == "TLSv1.2"
    assert given["password_encryption"] == "scram-sha-256"


def test_statements_that_set_passwords_are_not_kept_in_its_statistics() -> None:
    given = parameters(POSTGRES)
    assert "pg_stat_statements" in given["shared_preload_libraries"]
    assert given["pg_stat_statements.track_utility"] == "0"


def test_connections_and_slow_statements_are_logged() -> None:
    given = parameters(settings(slow_query_ms=250))
    assert given["log_connections"] == given["log_disconnections"] == "1"
    assert given["log_min_duration_statement"] == "250"


def test_only_what_has_to_waits_for_a_restart(built: Recording) -> None:
    group = built.one("ParameterGroup").inputs
    assert group["family"] == "postgres17"
    assert {each["name"]: each["value"] for each in group["parameters"]} == parameters(POSTGRES)
    waiting = {
        each["name"] for each in group["parameters"] if each["applyMethod"] == "pending-reboot"
    }
    # What a library needs, and what AWS keeps no other way of application of.
    assert waiting == AT_RESTART
    assert "log_connections" not in waiting


def test_its_log_groups_are_there_before_it_writes_to_them(built: Recording) -> None:
    groups = {each.inputs["name"]: each.urn for each in built.kind("LogGroup")}
    assert set(groups) == {
        "/aws/rds/instance/agents-prod-postgres/postgresql",
        "/aws/rds/instance/agents-prod-postgres/upgrade",
    }
    assert set(groups.values()) <= built.one("Instance").dependencies
    assert instance(built)["identifier"] == "agents-prod-postgres"
    assert instance(built)["enabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]


def test_two_zones_backups_insights_and_metrics_are_on(built: Recording) -> None:
    database = instance(built)
    assert database["multiAz"] is True
    assert database["backupRetentionPeriod"] == 14
    assert database["copyTagsToSnapshot"] is True
    assert database["performanceInsightsEnabled"] is True
    assert database["monitoringInterval"] == 60
    assert database["storageType"] == "gp3"
    assert (database["allocatedStorage"], database["maxAllocatedStorage"]) == (100, 500)
    assert database["applyImmediately"] is False


def test_only_rds_may_take_on_the_monitoring_role_and_for_this_instance(built: Recording) -> None:
    trusted = json.loads(built.one("Role").inputs["assumeRolePolicy"])["Statement"]
    assert len(trusted) == 1
    assert trusted[0]["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
    assert trusted[0]["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "arn:aws:rds:eu-central-1:123456789012:db:agents-prod-postgres",
    }


def test_a_protected_database_cannot_be_deleted_and_would_leave_a_snapshot(
    built: Recording,
) -> None:
    database = instance(built)
    assert built.one("Instance").protected
    assert database["deletionProtection"] is True
    assert database["skipFinalSnapshot"] is False
    assert database["finalSnapshotIdentifier"] == "agents-prod-postgres-final"
    assert database["deleteAutomatedBackups"] is False


def test_an_unprotected_database_leaves_nothing_behind(unprotected: Recording) -> None:
    database = instance(unprotected)
    assert not unprotected.one("Instance").protected
    assert database["deletionProtection"] is False
    assert database["skipFinalSnapshot"] is True
    assert "finalSnapshotIdentifier" not in database
    assert database["deleteAutomatedBackups"] is True


def test_logins_by_iam_are_off_until_asked_for(built: Recording) -> None:
    assert instance(built)["iamDatabaseAuthenticationEnabled"] is False
    asked = deploy(lambda: rds(settings(iam_authentication=True)))
    assert instance(asked)["iamDatabaseAuthenticationEnabled"] is True
    assert "iam-db-auth-error" in instance(asked)["enabledCloudwatchLogsExports"]


@pytest.mark.parametrize(("version", "follows"), [("17", True), ("17.6", False)])
def test_aws_raises_the_minor_version_where_none_is_written(version: str, follows: bool) -> None:
    recording = deploy(lambda: rds(settings(version=version)))
    assert instance(recording)["engineVersion"] == version
    assert instance(recording)["autoMinorVersionUpgrade"] is follows
    assert instance(recording)["allowMajorVersionUpgrade"] is False
    assert recording.one("ParameterGroup").inputs["family"] == "postgres17"


@pytest.mark.parametrize(("days", "mode"), [(7, "standard"), (465, "advanced")])
def test_a_longer_memory_of_insights_is_the_advanced_mode(days: int, mode: str) -> None:
    recording = deploy(lambda: rds(settings(performance_insights_days=days)))
    assert instance(recording)["performanceInsightsRetentionPeriod"] == days
    assert instance(recording)["databaseInsightsMode"] == mode


@pytest.mark.parametrize(
    ("running", "wanted"), [("17.6", "17.6"), ("17.6", "17"), ("17.9", "17.10"), ("17.6", "18")]
)
def test_a_server_can_be_given_what_is_as_new_as_it_is(running: str, wanted: str) -> None:
    assert version_fault(running, wanted) is None


@pytest.mark.parametrize(
    ("running", "wanted"), [("17.6", "17.5"), ("17.10", "17.9"), ("17.6", "16")]
)
def test_a_server_cannot_be_taken_back(running: str, wanted: str) -> None:
    fault = version_fault(running, wanted)
    assert fault is not None
    assert f"write {running} or later" in fault


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_storage_gib": 105}, "raise max_storage_gib to 110 or more"),
        ({"backup_window": "04:30-05:30"}, "overlap, which RDS refuses"),
        ({"backup_window": "1-2"}, "write it as 01:00-02:00"),
        ({"backup_days": 0}, "greater than or equal to 1"),
        ({"backup_days": 36}, "less than or equal to 35"),
        ({"performance_insights_days": 93}, "7, 465 or 731"),
        ({"instance_class": "r7g.large"}, "pattern"),
        ({"version": "17.6.1"}, "pattern"),
    ],
)
def test_settings_say_what_is_wrong(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        settings(**changes)


def test_a_region_whose_certificates_are_unknown_is_found_before_anything_is_made() -> None:
    args = RdsArgs(settings=POSTGRES, site=site(region="eu-north-1"), rotation_days=90)
    with pytest.raises(ValueError, match=r"eu-north-1-bundle\.pem"):
        deploy(lambda: Rds("postgres", args))


@pytest.mark.parametrize("prefix", ["Agents", "agents--prod", "-agents", "a" * 31])
def test_a_prefix_that_aws_would_refuse_is_refused_here(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot begin the names of stores"):
        replace(site(), prefix=prefix)
