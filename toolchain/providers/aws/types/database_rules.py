"""RDS: what AWS refuses of a database where moto lets it pass."""

import re
from collections.abc import Iterator
from typing import Final

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.translation import first
from toolchain.providers.aws.types import references
from toolchain.providers.aws.values import Inputs

LOGS: Final = frozenset(("postgresql", "upgrade", "iam-db-auth-error"))
"""Logs of PostgreSQL that CloudWatch can be given (RDS User Guide, publishing PostgreSQL logs)."""
INTERVALS: Final = (0, 1, 5, 10, 15, 30, 60)
"""Seconds between two reports of enhanced monitoring (API reference, CreateDBInstance)."""
LEAST_GIB: Final = 20
"""The smallest gp3 storage of PostgreSQL (API reference, CreateDBInstance)."""
ADVANCED_DAYS: Final = 465
"""How long the advanced mode of Database Insights remembers at least."""
MAJOR: Final = "17"
"""PostgreSQL that is made where the program names no version."""
MONITORING: Final = "monitoring.rds.amazonaws.com"
Fault = tuple[str, str]
"""AWS's code, and its message."""


def check(call: Call, inputs: Inputs, operation: str) -> None:
    """Raise what AWS would answer to these inputs."""
    for codename, message in faults(inputs):
        raise refused(codename, message, operation)
    _check_place(call, inputs, operation)
    _check_parameters(call, inputs, operation)
    for name in ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId"):
        references.key(call, inputs.get(name), "KMSKeyNotAccessibleFault", operation)
    role = inputs.get("monitoringRoleArn")
    if role and not references.assumable(call, role, MONITORING):
        reason = (
            "IAM role ARN value is invalid or does not include the required permissions for: "
            f"ENHANCED_MONITORING ({role})"
        )
        raise refused("InvalidParameterValue", reason, operation)


def faults(inputs: Inputs) -> Iterator[Fault]:
    """What is wrong with the inputs by themselves."""
    if inputs.get("manageMasterUserPassword"):
        if "password" in inputs:
            yield (
                "InvalidParameterCombination",
                "You can't specify MasterUserPassword for a database whose password RDS manages.",
            )
    elif "password" not in inputs:
        yield (
            "InvalidParameterValue",
            "The parameter MasterUserPassword must be provided and must not be blank.",
        )
    if not inputs.get("username"):
        yield (
            "InvalidParameterValue",
            "The parameter MasterUsername must be provided and must not be blank.",
        )
    if inputs.get("allocatedStorage", LEAST_GIB) < LEAST_GIB:
        yield (
            "InvalidParameterValue",
            f"Invalid storage size {inputs['allocatedStorage']}: {LEAST_GIB} GiB is the least.",
        )
    unknown = sorted(set(inputs.get("enabledCloudwatchLogsExports", ())) - LOGS)
    if unknown and inputs.get("engine") == "postgres":
        yield (
            "InvalidParameterCombination",
            f"You cannot use the log types '{', '.join(unknown)}' with the engine postgres.",
        )
    yield from _faults_of_insights(inputs)


def _faults_of_insights(inputs: Inputs) -> Iterator[Fault]:
    interval = inputs.get("monitoringInterval", 0)
    if interval not in INTERVALS:
        yield (
            "InvalidParameterValue",
            f"Invalid value {interval} for MonitoringInterval: it is one of {INTERVALS}.",
        )
    if bool(interval) != bool(inputs.get("monitoringRoleArn")):
        yield (
            "InvalidParameterCombination",
            "MonitoringInterval and MonitoringRoleARN are only given together.",
        )
    days = inputs.get("performanceInsightsRetentionPeriod", 7)
    if days not in (7, 731) and (days % 31 or not 31 <= days <= 713):
        yield (
            "InvalidParameterValue",
            f"Invalid Performance Insights retention period {days}: it is 7, 731, or up to 23 "
            "months of 31 days.",
        )
    advanced = inputs.get("databaseInsightsMode") == "advanced"
    if advanced and (not inputs.get("performanceInsightsEnabled") or days < ADVANCED_DAYS):
        yield (
            "InvalidParameterCombination",
            "The Advanced mode of Database Insights needs Performance Insights with a retention "
            f"period of at least {ADVANCED_DAYS} days.",
        )


def grown(inputs: Inputs, has: int) -> bool:
    """Whether the storage has grown by itself to `has` GiB, which nobody takes for a difference."""
    wanted = inputs.get("allocatedStorage", has)
    return bool(has > wanted < inputs.get("maxAllocatedStorage", 0))


def full(version: str) -> str:
    """What RDS runs when it is asked for `version`.

    Of a major version alone RDS takes the newest minor one. Which that is today nobody knows here:
    it is the first, which no version that AWS has is older than.
    """
    return version if "." in version else f"{version}.1"


def covers(wanted: str, running: str) -> bool:
    """Whether a server at `running` is what was asked for: 17 stands for all that begin with it."""
    return running == wanted or running.startswith(f"{wanted}.")


def version_fault(engine: str, running: str, wanted: str, *, major: bool) -> str | None:
    """What AWS says to a change of the version; `major` allows another major one."""
    have, want = _numbers(running), _numbers(wanted)
    if want < have:
        return f"Cannot upgrade {engine} from {running} to {wanted}"
    if want[0] != have[0] and not major:
        return (
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major "
            "version."
        )
    return None


def _numbers(version: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", version)]


def _check_place(call: Call, inputs: Inputs, operation: str) -> None:
    vpcs = references.security_groups(call, inputs.get("vpcSecurityGroupIds", ()), operation)
    name = inputs.get("dbSubnetGroupName")
    if name is None or not vpcs:
        return
    group = call.api.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    if vpcs != {group["VpcId"]}:
        reason = (
            "The DB instance and EC2 security group are in different VPCs. The DB instance is in "
            f"{group['VpcId']} and the EC2 security group is in {', '.join(sorted(vpcs))}"
        )
        raise refused("InvalidParameterCombination", reason, operation)


def _check_parameters(call: Call, inputs: Inputs, operation: str) -> None:
    name = inputs.get("parameterGroupName")
    if name is None or "engineVersion" not in inputs:
        return
    found = call.api.describe_db_parameter_groups(DBParameterGroupName=name)
    group = first(found["DBParameterGroups"])
    if group is None:
        reason = f"DBParameterGroup not found: {name}"
        raise refused("DBParameterGroupNotFound", reason, operation)
    wanted = f"{inputs['engine']}{_numbers(inputs['engineVersion'])[0]}"
    if inputs["engine"] == "postgres" and group["DBParameterGroupFamily"] != wanted:
        reason = (
            f"The parameter group {name} with DBParameterGroupFamily "
            f"{group['DBParameterGroupFamily']} can't be used for this instance. Please use a "
            f"parameter group with DBParameterGroupFamily {wanted}"
        )
        raise refused("InvalidParameterCombination", reason, operation)
