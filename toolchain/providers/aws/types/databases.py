"""RDS: database servers."""

from collections.abc import Mapping
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import Refusal, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, pairs
from toolchain.providers.aws.types import database_groups, database_rules
from toolchain.providers.aws.types.database_outputs import outputs, resource_id
from toolchain.providers.aws.types.database_parameters import (
    CHANGING,
    FIXED,
    INSIGHTS,
    changes,
    insights,
)
from toolchain.providers.aws.values import Inputs, Outputs


def _find(call: Call, identity: str) -> dict[str, Any] | None:
    pages = call.api.get_paginator("describe_db_instances").paginate()
    # An import may name it by its identifier too.
    return first(
        each
        for page in pages
        for each in page["DBInstances"]
        if identity in (resource_id(each), each["DBInstanceIdentifier"])
    )


def _create(call: Call, inputs: Inputs) -> str:
    version = database_rules.full(inputs.get("engineVersion", database_rules.MAJOR))
    inputs = {**inputs, "engineVersion": version}
    database_rules.check(call, inputs, "CreateDBInstance")
    name = str(inputs["identifier"])
    made = call.api.create_db_instance(
        DBInstanceIdentifier=name,
        **api(inputs, engineVersion="EngineVersion", port="Port", **FIXED),
        **api(inputs, enabledCloudwatchLogsExports="EnableCloudwatchLogsExports", **CHANGING),
        Tags=pairs(call.tags),
    )
    identity = call.made(resource_id(made["DBInstance"]))
    call.api.modify_db_instance(DBInstanceIdentifier=name, **insights(inputs))
    call.wait(lambda: _settled(call, identity), f"{name} is available")
    return identity


def _settled(call: Call, identity: str) -> bool:
    instance = _find(call, identity)
    secret = (instance or {}).get("MasterUserSecret", {"SecretStatus": "active"})
    return bool(instance and instance["DBInstanceStatus"] == "available") and (
        secret["SecretStatus"] == "active"
    )


def _change(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    instance = _find(call, identity)
    if instance is None:
        reason = f"DBInstance {new['identifier']} not found."
        raise refused("DBInstanceNotFound", reason, "ModifyDBInstance")
    if new.get("port") != old.get("port"):
        raise Refusal("moto cannot move a database to another port")
    if database_rules.grown(new, instance["AllocatedStorage"]):
        new = {**new, "allocatedStorage": instance["AllocatedStorage"]}
    now, running = str(instance["DBInstanceIdentifier"]), str(instance["EngineVersion"])
    wanted = str(new.get("engineVersion", running))
    version = running if database_rules.covers(wanted, running) else database_rules.full(wanted)
    database_rules.check(call, {**new, "engineVersion": version}, "ModifyDBInstance")
    _check_change(instance, version, new)
    call.api.modify_db_instance(
        DBInstanceIdentifier=now,
        ApplyImmediately=new.get("applyImmediately", False),
        AllowMajorVersionUpgrade=new.get("allowMajorVersionUpgrade", False),
        **changes(new, old),
        **({"EngineVersion": version} if version != running else {}),
        **({"NewDBInstanceIdentifier": name} if (name := new["identifier"]) != now else {}),
    )
    call.wait(lambda: _settled(call, identity), f"{new['identifier']} is available")


def _check_change(instance: Mapping[str, Any], version: str, new: Inputs) -> None:
    fault = database_rules.version_fault(
        instance["Engine"],
        instance["EngineVersion"],
        version,
        major=new.get("allowMajorVersionUpgrade", False),
    )
    if fault:
        raise refused("InvalidParameterCombination", fault, "ModifyDBInstance")
    if new.get("allocatedStorage", instance["AllocatedStorage"]) < instance["AllocatedStorage"]:
        reason = (
            f"The storage of a database cannot shrink: it has {instance['AllocatedStorage']} GiB, "
            f"and {new['allocatedStorage']} were asked for"
        )
        raise refused("InvalidParameterCombination", reason, "ModifyDBInstance")


def _read(call: Call, identity: str) -> Outputs | None:
    instance = _find(call, identity)
    return instance and outputs(instance, call.inputs)


def _delete(call: Call, identity: str) -> None:
    instance = _find(call, identity)
    if instance is None:
        return
    skipped, snapshot = (
        call.inputs.get(name) for name in ("skipFinalSnapshot", "finalSnapshotIdentifier")
    )
    if not skipped and not snapshot:
        raise Refusal("finalSnapshotIdentifier is required when skipFinalSnapshot is not set")
    call.api.delete_db_instance(
        DBInstanceIdentifier=instance["DBInstanceIdentifier"],
        DeleteAutomatedBackups=call.inputs.get("deleteAutomatedBackups", True),
        **(
            {"SkipFinalSnapshot": True}
            if skipped
            else {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": snapshot}
        ),
    )


INSTANCE = Type(
    "aws:rds/instance:Instance",
    service="rds",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=lambda call, identity, changed, removed: database_groups.tag(
        call, (_find(call, identity) or {})["DBInstanceArn"], changed, removed
    ),
    updates=(
        *CHANGING,
        *INSIGHTS,
        *("identifier", "engineVersion", "enabledCloudwatchLogsExports", "port"),
        # These say how the others are changed,
        *("applyImmediately", "allowMajorVersionUpgrade"),
        # and these count when the database is deleted.
        *("deleteAutomatedBackups", "skipFinalSnapshot", "finalSnapshotIdentifier"),
    ),
    replaces=tuple(FIXED),
    autoname="identifier",
    autoname_limit=63,
    secrets=("password",),
    # The first moves on by itself; moto does not tell the second.
    absent=("latestRestorableTime", "hostedZoneId"),
)

TYPES = (*database_groups.TYPES, INSTANCE)
