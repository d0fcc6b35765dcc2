"""RDS: in which subnets databases stand, and with which parameters they run."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import first, pairs, tags, wire
from toolchain.providers.aws.types import references
from toolchain.providers.aws.values import Inputs, Outputs

STATIC: Final = frozenset(
    (
        "huge_pages",
        "max_connections",
        "max_locks_per_transaction",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "rds.logical_replication",
        "shared_buffers",
        "shared_preload_libraries",
        "track_activity_query_size",
        "wal_buffers",
    )
)
"""Parameters of PostgreSQL that a restart is needed for, as far as anybody sets them (PostgreSQL's
manual, parameters that can only be set at server start)."""
AT_ONCE: Final = 20
"""Most parameters that one call changes (API reference, ModifyDBParameterGroup)."""


def tag(call: Call, arn: str, changed: dict[str, str], removed: list[str]) -> None:
    """Tag anything of RDS."""
    if changed:
        call.api.add_tags_to_resource(ResourceName=arn, Tags=pairs(changed))
    if removed:
        call.api.remove_tags_from_resource(ResourceName=arn, TagKeys=removed)


def _tags(call: Call, arn: str) -> dict[str, str]:
    return tags(call.api.list_tags_for_resource(ResourceName=arn)["TagList"])


def _create_subnets(call: Call, inputs: Inputs) -> str:
    name = str(inputs["name"])
    taken = [each["DBSubnetGroupName"] for each in _all(call, "describe_db_subnet_groups")]
    if name in taken:
        reason = f"The DB subnet group {name} already exists."
        raise refused("DBSubnetGroupAlreadyExists", reason, "CreateDBSubnetGroup")
    _put_subnets(call, name, inputs, call.tags)
    return name


def _put_subnets(call: Call, name: str, inputs: Inputs, tagged: Mapping[str, str]) -> None:
    operation = "CreateDBSubnetGroup"
    found = references.subnets(call, inputs["subnetIds"], operation)
    zones = sorted({each["AvailabilityZone"] for each in found})
    if len(zones) < 2:
        reason = (
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current "
            f"AZ coverage: {', '.join(zones)}. Add subnets to cover at least 2 AZs."
        )
        raise refused("DBSubnetGroupDoesNotCoverEnoughAZs", reason, operation)
    call.api.create_db_subnet_group(
        DBSubnetGroupName=name,
        DBSubnetGroupDescription=inputs.get("description", ""),
        SubnetIds=inputs["subnetIds"],
        Tags=pairs(tagged),
    )


def _change_subnets(call: Call, name: str, new: Inputs, _: Inputs) -> None:
    # Moto forgets a group that is modified, and takes one that is made again for the same.
    _put_subnets(call, name, new, _tags(call, call.arn(f"subgrp:{name}")))


def _read_subnets(call: Call, name: str) -> Outputs | None:
    found = call.api.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
    group = first(found)
    return group and {
        **wire(group, "vpcId", arn="DBSubnetGroupArn", name="DBSubnetGroupName"),
        "description": group["DBSubnetGroupDescription"],
        "subnetIds": [each["SubnetIdentifier"] for each in group["Subnets"]],
        "supportedNetworkTypes": group.get("SupportedNetworkTypes", ["IPV4"]),
        "tags": _tags(call, group["DBSubnetGroupArn"]),
    }


def _delete_subnets(call: Call, name: str) -> None:
    for each in _all(call, "describe_db_instances"):
        if each.get("DBSubnetGroup", {}).get("DBSubnetGroupName") == name:
            reason = (
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{each['DBInstanceIdentifier']} is still using it."
            )
            raise refused("InvalidDBSubnetGroupStateFault", reason, "DeleteDBSubnetGroup")
    call.api.delete_db_subnet_group(DBSubnetGroupName=name)


SUBNET_GROUP = Type(
    "aws:rds/subnetGroup:SubnetGroup",
    service="rds",
    create=_create_subnets,
    read=_read_subnets,
    update=_change_subnets,
    delete=_delete_subnets,
    tag=lambda call, name, changed, removed: tag(
        call, call.arn(f"subgrp:{name}"), changed, removed
    ),
    updates=("description", "subnetIds"),
    replaces=("name",),
    autoname="name",
)


def _create_parameters(call: Call, inputs: Inputs) -> str:
    name = str(inputs["name"])
    _check_parameters(inputs, "ModifyDBParameterGroup")
    call.api.create_db_parameter_group(
        DBParameterGroupName=name,
        DBParameterGroupFamily=inputs["family"],
        Description=inputs.get("description", ""),
        Tags=pairs(call.tags),
    )
    call.made(name)
    _put_parameters(call, name, inputs.get("parameters", ()))
    return name


def _check_parameters(inputs: Inputs, operation: str) -> None:
    postgres = str(inputs["family"]).startswith("postgres")
    for each in inputs.get("parameters", ()):
        at_once = each.get("applyMethod", "immediate") == "immediate"
        if postgres and at_once and each["name"] in STATIC:
            reason = f"cannot use immediate apply method for static parameter ({each['name']})"
            raise refused("InvalidParameterCombination", reason, operation)


def _put_parameters(call: Call, name: str, parameters: Sequence[Mapping[str, Any]]) -> None:
    wanted = [
        {
            "ParameterName": each["name"],
            "ParameterValue": each["value"],
            "ApplyMethod": each.get("applyMethod", "immediate"),
        }
        for each in parameters
    ]
    for start in range(0, len(wanted), AT_ONCE):
        call.api.modify_db_parameter_group(
            DBParameterGroupName=name, Parameters=wanted[start : start + AT_ONCE]
        )


def _change_parameters(call: Call, name: str, new: Inputs, old: Inputs) -> None:
    _check_parameters(new, "ModifyDBParameterGroup")
    kept = {each["name"] for each in new.get("parameters", ())}
    if any(each["name"] not in kept for each in old.get("parameters", ())):
        # Moto cannot reset one parameter. Instances know the group by its name.
        tagged = _tags(call, call.arn(f"pg:{name}"))
        call.api.delete_db_parameter_group(DBParameterGroupName=name)
        call.api.create_db_parameter_group(
            DBParameterGroupName=name,
            DBParameterGroupFamily=new["family"],
            Description=new.get("description", ""),
            Tags=pairs(tagged),
        )
    _put_parameters(call, name, new.get("parameters", ()))


def _read_parameters(call: Call, name: str) -> Outputs | None:
    found = call.api.describe_db_parameter_groups(DBParameterGroupName=name)
    group = first(found["DBParameterGroups"])
    if group is None:
        return None
    answer = call.api.describe_db_parameters(DBParameterGroupName=name, Source="user")
    parameters = [
        wire(each, name="ParameterName", value="ParameterValue", applyMethod="ApplyMethod")
        for each in answer["Parameters"]
    ]
    given = call.inputs.get("parameters", ())
    return {
        **wire(group, "description", arn="DBParameterGroupArn", name="DBParameterGroupName"),
        "family": group["DBParameterGroupFamily"],
        "parameters": references.in_order(parameters, given, by="name"),
        "tags": _tags(call, group["DBParameterGroupArn"]),
    }


def _delete_parameters(call: Call, name: str) -> None:
    if call.inputs.get("skipDestroy"):
        return
    for each in _all(call, "describe_db_instances"):
        if any(one["DBParameterGroupName"] == name for one in each["DBParameterGroups"]):
            reason = (
                "One or more database instances are still members of this parameter group "
                f"{name}, so the group cannot be deleted ({each['DBInstanceIdentifier']})"
            )
            raise refused("InvalidDBParameterGroupState", reason, "DeleteDBParameterGroup")
    call.api.delete_db_parameter_group(DBParameterGroupName=name)


def _all(call: Call, operation: str) -> list[dict[str, Any]]:
    pages = call.api.get_paginator(operation).paginate()
    key = {"describe_db_instances": "DBInstances"}.get(operation, "DBSubnetGroups")
    return [each for page in pages for each in page[key]]


PARAMETER_GROUP = Type(
    "aws:rds/parameterGroup:ParameterGroup",
    service="rds",
    create=_create_parameters,
    read=_read_parameters,
    update=_change_parameters,
    delete=_delete_parameters,
    tag=lambda call, name, changed, removed: tag(call, call.arn(f"pg:{name}"), changed, removed),
    # skipDestroy counts when the group is deleted.
    updates=("parameters", "skipDestroy"),
    replaces=("name", "family", "description"),
    autoname="name",
)

TYPES = (SUBNET_GROUP, PARAMETER_GROUP)
