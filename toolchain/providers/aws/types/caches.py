"""ElastiCache: caches. They are played: moto can neither change nor remove one."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.records import played
from toolchain.providers.aws.types import cache_users, references
from toolchain.providers.aws.values import Inputs, Outputs

CACHE_TYPE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
SUBNETS_TYPE: Final = "aws:elasticache/subnetGroup:SubnetGroup"
PARAMETERS_TYPE: Final = "aws:elasticache/parameterGroup:ParameterGroup"
SNAPSHOTS: Final = "aws:elasticache/snapshot:Snapshot"
"""Under which last snapshots are recorded; the SDK has no such type."""
OPERATION: Final = "CreateReplicationGroup"
IDENTITY: Final = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,39}(?<!-)")
NEWEST: Final = {"redis": "7.1", "valkey": "8.1"}
"""What is made where the program names no version."""


def _check_subnets(call: Call, inputs: Inputs) -> None:
    references.subnets(call, inputs["subnetIds"], "CreateCacheSubnetGroup")


def _subnets_outputs(call: Call, name: str, inputs: Inputs) -> Outputs:
    found = references.subnets(call, inputs["subnetIds"], "DescribeCacheSubnetGroups")
    return {
        "arn": call.arn(f"subnetgroup:{name}"),
        "description": inputs.get("description", ""),
        "vpcId": found[0]["VpcId"],
    }


SUBNET_GROUP = played(
    SUBNETS_TYPE,
    service="elasticache",
    identity=lambda _, inputs: str(inputs["name"]).lower(),
    outputs=_subnets_outputs,
    check=_check_subnets,
    updates=("description", "subnetIds"),
    replaces=("name",),
    autoname="name",
    volatile=("vpcId",),
)
PARAMETER_GROUP = played(
    PARAMETERS_TYPE,
    service="elasticache",
    identity=lambda _, inputs: str(inputs["name"]).lower(),
    outputs=lambda call, name, inputs: {
        "arn": call.arn(f"parametergroup:{name}"),
        "description": inputs.get("description", ""),
    },
    updates=("parameters",),
    replaces=("name", "family", "description"),
    autoname="name",
)


def _check_cache(call: Call, inputs: Inputs) -> None:
    for codename, message in cache_faults(inputs):
        raise refused(codename, message, OPERATION)
    _check_references(call, inputs)
    before = references.played(call, CACHE_TYPE, inputs["replicationGroupId"])
    if before and _numbers(_version(inputs)) < _numbers(_version(before)):
        reason = (
            f"Cannot downgrade from {_version(before)} to {_version(inputs)}. The official provider "
            "makes another cache instead, which cannot be said here."
        )
        raise refused("InvalidParameterCombination", reason, "ModifyReplicationGroup")


def cache_faults(inputs: Inputs) -> Iterator[tuple[str, str]]:
    """What AWS refuses of the inputs by themselves: its code and its message."""
    if not IDENTITY.fullmatch(inputs["replicationGroupId"]):
        yield (
            "InvalidParameterValue",
            f"The parameter ReplicationGroupIdentifier {inputs['replicationGroupId']!r} is not a "
            "valid identifier: lower-case letters, digits and single hyphens, 40 at most.",
        )
    nodes = inputs.get("numCacheClusters", 1)
    if inputs.get("automaticFailoverEnabled") and nodes < 2:
        yield (
            "InvalidParameterCombination",
            "Automatic failover needs a replica: numCacheClusters of at least 2.",
        )
    if inputs.get("multiAzEnabled") and not inputs.get("automaticFailoverEnabled"):
        yield (
            "InvalidParameterCombination",
            "Must have automatic failover enabled to enable Multi-AZ.",
        )
    encrypted = inputs.get("transitEncryptionEnabled", False)
    if inputs.get("userGroupIds") and not encrypted:
        yield (
            "InvalidParameterCombination",
            "User groups can only be used with encryption in transit.",
        )
    if inputs.get("kmsKeyId") and not inputs.get("atRestEncryptionEnabled"):
        yield "InvalidParameterCombination", "KmsKeyId needs encryption at rest."


def _check_references(call: Call, inputs: Inputs) -> None:
    subnets = _required(call, SUBNETS_TYPE, inputs.get("subnetGroupName"), "CacheSubnetGroup")
    parameters = _required(
        call, PARAMETERS_TYPE, inputs.get("parameterGroupName"), "CacheParameterGroup"
    )
    family = f"{inputs.get('engine', 'redis')}{_numbers(_version(inputs))[0]}"
    if parameters and parameters["family"] != family:
        reason = (
            f"Expected a parameter group of family {family} but found one of family "
            f"{parameters['family']}"
        )
        raise refused("InvalidParameterCombination", reason, OPERATION)
    for each in inputs.get("userGroupIds", ()):
        _required(call, cache_users.GROUP_TYPE, each, "UserGroup")
    references.key(call, inputs.get("kmsKeyId"), "InvalidKMSKeyFault", OPERATION)
    vpcs = references.security_groups(call, inputs.get("securityGroupIds", ()), OPERATION)
    if vpcs and subnets:
        found = references.subnets(call, subnets["subnetIds"], OPERATION)
        if vpcs != {found[0]["VpcId"]}:
            reason = "The security groups and the subnet group are in different VPCs."
            raise refused("InvalidParameterCombination", reason, OPERATION)


def _required(call: Call, token: str, name: str | None, noun: str) -> Inputs | None:
    if name is None or name.startswith("default."):
        return None
    found = references.played(call, token, name)
    if found is None:
        raise refused(f"{noun}NotFound", f"{noun} {name} not found.", OPERATION)
    return found


def _version(inputs: Inputs) -> str:
    return str(inputs.get("engineVersion") or NEWEST[inputs.get("engine", "redis")])


def _numbers(version: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", version)]


def _cache_outputs(call: Call, identity: str, inputs: Inputs) -> Outputs:
    nodes = inputs.get("numCacheClusters", 1)
    digest = hashlib.sha256(f"{call.account}{identity}".encode()).hexdigest()[:6]
    first, *middle, last = call.region.split("-")
    short = f"{first}{''.join(word[0] for word in middle)}{last}"
    domain = f"{digest}.{short}.cache.amazonaws.com"
    encrypted = inputs.get("transitEncryptionEnabled", False)
    names = ("master.{}", "replica.{}") if encrypted else ("{}", "{}-ro")
    primary, reader = (f"{name.format(identity)}.{domain}" for name in names)
    return {
        "arn": call.arn(f"replicationgroup:{identity}"),
        "clusterEnabled": False,
        "configurationEndpointAddress": "",
        "engineVersion": _version(inputs),
        "engineVersionActual": f"{_version(inputs)}.0",
        "memberClusters": [f"{identity}-{index:03}" for index in range(1, nodes + 1)],
        "primaryEndpointAddress": primary,
        "readerEndpointAddress": reader,
        **{name: inputs.get(name, value) for name, value in _DEFAULTS.items()},
        "numNodeGroups": 1,
        "replicasPerNodeGroup": nodes - 1,
    }


_DEFAULTS: Final[Outputs] = {
    "applyImmediately": False,
    "atRestEncryptionEnabled": False,
    "autoMinorVersionUpgrade": True,
    "clusterMode": "disabled",
    "dataTieringEnabled": False,
    "durability": "disabled",
    "engine": "redis",
    "globalReplicationGroupId": "",
    "ipDiscovery": "ipv4",
    "maintenanceWindow": "mon:03:00-mon:04:00",
    "networkType": "ipv4",
    "nodeGroupConfigurations": [],
    "numCacheClusters": 1,
    "securityGroupIds": [],
    "securityGroupNames": [],
    "snapshotWindow": "05:00-06:00",
    "transitEncryptionEnabled": False,
}


def _delete_cache(call: Call, identity: str) -> None:
    last = call.inputs.get("finalSnapshotIdentifier")
    made_from = references.played(call, CACHE_TYPE, identity)
    if last and made_from:
        snapshots = references.of_type(call, SNAPSHOTS)
        if records.read(snapshots, last) is not None:
            reason = f"Snapshot with specified name already exists: {last}"
            raise refused("SnapshotAlreadyExistsFault", reason, "DeleteReplicationGroup")
        records.write(snapshots, last, {"inputs": made_from, "tags": {}})
    records.remove(call, identity)


_CACHE = played(
    CACHE_TYPE,
    service="elasticache",
    identity=lambda _, inputs: str(inputs["replicationGroupId"]),
    outputs=_cache_outputs,
    check=_check_cache,
    updates=(
        *("description", "engine", "engineVersion", "autoMinorVersionUpgrade", "nodeType"),
        *("numCacheClusters", "automaticFailoverEnabled", "multiAzEnabled"),
        *("parameterGroupName", "securityGroupIds", "userGroupIds"),
        *("transitEncryptionEnabled", "transitEncryptionMode"),
        *("snapshotRetentionLimit", "snapshotWindow", "maintenanceWindow"),
        *("logDeliveryConfigurations", "applyImmediately"),
        # Counts when the cache is deleted.
        "finalSnapshotIdentifier",
    ),
    replaces=(
        *("replicationGroupId", "port", "subnetGroupName"),
        *("atRestEncryptionEnabled", "kmsKeyId"),
    ),
    autoname="replicationGroupId",
    autoname_limit=40,
    volatile=("engineVersionActual", "memberClusters", "replicasPerNodeGroup"),
)
CACHE = replace(_CACHE, delete=_delete_cache)

TYPES = (SUBNET_GROUP, PARAMETER_GROUP, *cache_users.TYPES, CACHE)
