"""RDS: what AWS tells of a database, as outputs."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from toolchain.providers.aws.translation import tags, wire
from toolchain.providers.aws.types import database_rules
from toolchain.providers.aws.types.database_parameters import CHANGING, FIXED
from toolchain.providers.aws.values import Inputs, Outputs

GP3: Final[Mapping[str, Any]] = {"iops": 3000, "storageThroughput": 125}
"""What gp3 begins with below 400 GiB (RDS User Guide, gp3 storage)."""
EMPTY: Final[Mapping[str, Any]] = {
    **dict.fromkeys(
        ("characterSetName", "dbName", "domainFqdn", "kmsKeyId", "masterUserSecretKmsKeyId"), ""
    ),
    **dict.fromkeys(("monitoringRoleArn", "ncharCharacterSetName", "replicaMode", "timezone"), ""),
    **dict.fromkeys(("performanceInsightsKmsKeyId", "snapshotIdentifier"), ""),
    **dict.fromkeys(("iops", "storageThroughput", "performanceInsightsRetentionPeriod"), 0),
    "backupTarget": "region",
    "databaseInsightsMode": "standard",
    "engineLifecycleSupport": "open-source-rds-extended-support",
    "networkType": "IPV4",
    "listenerEndpoints": [],
    "upgradeRolloutOrder": "second",
}
"""Outputs where nothing else is known."""
_NOT_TOLD: Final = ("password", "manageMasterUserPassword", "masterUserSecretKmsKeyId")
_SPELT_OTHERWISE: Final = (
    *("dbSubnetGroupName", "parameterGroupName", "vpcSecurityGroupIds"),
    "iamDatabaseAuthenticationEnabled",
)
_TOLD: Final = tuple(name for name in CHANGING if name not in (*_NOT_TOLD, *_SPELT_OTHERWISE))


def resource_id(instance: Mapping[str, Any]) -> str:
    """The id that an instance keeps for life, whatever it is called.

    Moto gives all of them the same. This one is made of the moment of creation, which stays as well.
    """
    born = instance["InstanceCreateTime"].timestamp()
    digest = hashlib.sha256(repr(born).encode()).digest()
    return f"db-{base64.b32encode(digest).decode()[:26]}"


def outputs(instance: Mapping[str, Any], inputs: Inputs) -> Outputs:
    """The outputs of a database; `inputs` say how the program spelt what can be spelt in several ways."""
    endpoint, running = instance["Endpoint"], str(instance["EngineVersion"])
    given = str(inputs.get("engineVersion", running))
    secret = instance.get("MasterUserSecret")
    gp3 = GP3 if instance["StorageType"] == "gp3" else {}
    days = instance.get("PerformanceInsightsRetentionPeriod", 0)
    return {
        **EMPTY,
        **gp3,
        **wire(instance, **{name: CHANGING[name] for name in _TOLD}),
        **wire(instance, **FIXED),
        **wire(instance, arn="DBInstanceArn", identifier="DBInstanceIdentifier"),
        **wire(instance, "enabledCloudwatchLogsExports", "licenseModel", status="DBInstanceStatus"),
        **wire(instance, "databaseInsightsMode", "performanceInsightsRetentionPeriod"),
        **wire(instance, performanceInsightsKmsKeyId="PerformanceInsightsKMSKeyId"),
        "allocatedStorage": inputs["allocatedStorage"]
        if database_rules.grown(inputs, instance["AllocatedStorage"])
        else instance["AllocatedStorage"],
        "performanceInsightsEnabled": days > 0,
        "iamDatabaseAuthenticationEnabled": instance["IAMDatabaseAuthenticationEnabled"],
        "address": endpoint["Address"],
        "port": endpoint["Port"],
        "endpoint": f"{endpoint['Address']}:{endpoint['Port']}",
        "resourceId": resource_id(instance),
        "engineVersion": given if database_rules.covers(given, running) else running,
        "engineVersionActual": running,
        "parameterGroupName": instance["DBParameterGroups"][0]["DBParameterGroupName"],
        "optionGroupName": instance["OptionGroupMemberships"][0]["OptionGroupName"],
        "dbSubnetGroupName": instance.get("DBSubnetGroup", {}).get("DBSubnetGroupName", ""),
        "vpcSecurityGroupIds": [e["VpcSecurityGroupId"] for e in instance["VpcSecurityGroups"]],
        "replicas": instance["ReadReplicaDBInstanceIdentifiers"],
        **({"manageMasterUserPassword": True} if secret else {}),
        "masterUserSecretKmsKeyId": secret["KmsKeyId"] if secret else "",
        "masterUserSecrets": [wire(secret, "kmsKeyId", "secretArn", "secretStatus")]
        if secret
        else [],
        "tags": tags(instance.get("TagList")),
    }
