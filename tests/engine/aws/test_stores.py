"""The managed stores on a rehearsed AWS, from nothing to nothing, through the real engine."""

import json

import pytest

from tests.engine.aws.managed_stores import DATABASE, PREFIX, database, left, write
from tests.engine.stack import Project, Update
from tests.moto import Moto

pytestmark = pytest.mark.engine

PINNED = json.dumps({"version": "17.6"})
LARGER = json.dumps(
    {"version": "17.6", "instance_class": "db.r7g.xlarge", "backup_days": 21, "slow_query_ms": 500}
)
OLDER = json.dumps({"version": "17.5", "backup_days": 21})


def quiet(update: Update) -> bool:
    """Whether nothing is left to do."""
    assert update.code == 0, update.output
    return set(update.operations.values()) <= {"same", "refresh"}


def changed(update: Update) -> dict[str, str]:
    """What an update did, without what stayed."""
    assert update.code == 0, update.output
    return {name: op for name, op in update.operations.items() if op not in ("same", "refresh")}


def test_stores_are_made_changed_protected_and_removed_without_a_trace(
    project: Project, aws: Moto
) -> None:
    write(project, postgres=PINNED)
    preview = project.preview()
    assert preview.code == 0, preview.output
    assert set(preview.operations.values()) == {"create"}
    assert left(aws) == {}
    project.deployed()
    again = project.preview()
    assert quiet(again), again.output
    assert_made(project, aws)

    write(
        project,
        postgres=LARGER,
        redis=json.dumps({"node_type": "cache.r7g.xlarge", "replicas": 2, "snapshot_days": 14}),
        backup=json.dumps({"daily_days": 40}),
    )
    in_place = dict.fromkeys(
        ("postgres-instance", "postgres-parameters", "redis-cache", "backup-plan"), "update"
    )
    assert changed(project.preview()) == in_place
    update = project.deployed()
    assert changed(update) == in_place
    assert update.diff("postgres-instance") == {
        "backupRetentionPeriod": "update",
        "instanceClass": "update",
    }
    running = database(aws)
    assert (running["DBInstanceClass"], running["BackupRetentionPeriod"]) == ("db.r7g.xlarge", 21)
    assert quiet(project.preview())
    refreshed = project.run("refresh", "--yes", "--skip-preview")
    assert quiet(refreshed), refreshed.output
    assert quiet(project.preview())

    assert_protected(project, aws)
    write(project, postgres=LARGER, protect=False)
    changed(project.deployed())
    assert quiet(project.preview())
    project.destroy()
    assert left(aws) == {}


def assert_made(project: Project, aws: Moto) -> None:
    """AWS has what the components promise, and the state has no password in the clear."""
    running, outputs = database(aws), project.outputs()
    assert running["MultiAZ"]
    assert running["StorageEncrypted"]
    assert running["DeletionProtection"]
    assert running["PerformanceInsightsRetentionPeriod"] == 7
    assert running["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert outputs["host"] == running["Endpoint"]["Address"]
    assert outputs["cache"].startswith(f"master.{PREFIX}-redis.")
    secret = aws.client("secretsmanager").describe_secret(SecretId=outputs["master_secret"])
    assert secret["OwningService"] == "rds"
    assert secret["RotationRules"] == {"AutomaticallyAfterDays": 90}
    passwords = json.loads(project.check("stack", "output", "passwords", "--show-secrets"))
    assert set(passwords) == {"research", "sales"}
    assert not any(each in json.dumps(project.state) for each in passwords.values())


def assert_protected(project: Project, aws: Moto) -> None:
    """Neither a downgrade nor a destroy gets through, and AWS itself is the second to refuse."""
    write(project, postgres=OLDER)
    refused = project.up()
    assert refused.code != 0
    assert "rds:ModifyDBInstance was refused with InvalidParameterCombination" in refused.output
    assert "Cannot upgrade postgres from 17.6 to 17.5" in refused.output
    assert database(aws)["EngineVersion"] == "17.6"

    destroyed = project.run("destroy", "--yes", "--skip-preview")
    assert destroyed.code != 0
    assert "protect" in destroyed.output
    instance = project.resource("postgres-instance")["urn"]
    cache = project.resource("redis-cache")["urn"]
    project.check("state", "unprotect", instance, cache, "--yes", "--stack", "test")
    destroyed = project.run("destroy", "--yes", "--skip-preview", "--target", instance)
    assert destroyed.code != 0
    assert "Cannot delete protected DB Instance" in destroyed.output
    assert database(aws)["DBInstanceStatus"] == "available"


def test_a_protected_database_leaves_a_last_snapshot_and_its_log(
    project: Project, aws: Moto
) -> None:
    write(project)
    project.deployed()
    rds = aws.client("rds")
    rds.modify_db_instance(DBInstanceIdentifier=DATABASE, DeletionProtection=False)
    project.check("state", "unprotect", "--all", "--yes", "--stack", "test")
    project.destroy()
    found = left(aws)
    assert {kind: n for kind, n in found.items() if n} == {
        "snapshots": 2,
        "automated backups": 1,
        "played": 1,
    }
    kept = [each["DBSnapshotIdentifier"] for each in rds.describe_db_snapshots()["DBSnapshots"]]
    assert f"{DATABASE}-final" in kept
