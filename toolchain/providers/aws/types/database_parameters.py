"""RDS: which inputs of a database are which parameters, and what a change sends."""

from collections.abc import Mapping
from typing import Any, Final

from toolchain.providers.aws.translation import api
from toolchain.providers.aws.values import Inputs

FIXED: Final = {
    "engine": "Engine",
    "username": "MasterUsername",
    "dbName": "DBName",
    "storageEncrypted": "StorageEncrypted",
    "kmsKeyId": "KmsKeyId",
    "availabilityZone": "AvailabilityZone",
}
"""Inputs that no call changes, and the parameters they are."""
CHANGING: Final = {
    "instanceClass": "DBInstanceClass",
    "allocatedStorage": "AllocatedStorage",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "storageType": "StorageType",
    "iops": "Iops",
    "storageThroughput": "StorageThroughput",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "multiAz": "MultiAZ",
    "parameterGroupName": "DBParameterGroupName",
    "dbSubnetGroupName": "DBSubnetGroupName",
    "caCertIdentifier": "CACertificateIdentifier",
    "password": "MasterUserPassword",
    "manageMasterUserPassword": "ManageMasterUserPassword",
    "masterUserSecretKmsKeyId": "MasterUserSecretKmsKeyId",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "vpcSecurityGroupIds": "VpcSecurityGroupIds",
    "publiclyAccessible": "PubliclyAccessible",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "monitoringInterval": "MonitoringInterval",
    "monitoringRoleArn": "MonitoringRoleArn",
    "deletionProtection": "DeletionProtection",
}
"""Inputs that one call changes."""
INSIGHTS: Final = {
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "performanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    "databaseInsightsMode": "DatabaseInsightsMode",
}
"""Inputs that moto takes in a change only."""
WITHOUT: Final[Mapping[str, Any]] = {
    "autoMinorVersionUpgrade": True,
    "multiAz": False,
    "manageMasterUserPassword": False,
    "iamDatabaseAuthenticationEnabled": False,
    "publiclyAccessible": False,
    "copyTagsToSnapshot": False,
    "monitoringInterval": 0,
    "monitoringRoleArn": "",
    "deletionProtection": False,
}
"""What an input goes back to when it is taken away. AWS leaves others as they are."""


def insights(inputs: Inputs) -> dict[str, Any]:
    """Moto remembers for how long, and not whether at all: so for no day says that it is off."""
    given = api(inputs, **INSIGHTS)
    on = inputs.get("performanceInsightsEnabled", False)
    days = inputs.get("performanceInsightsRetentionPeriod", 7) if on else 0
    return {
        "DatabaseInsightsMode": "standard",
        **given,
        "PerformanceInsightsRetentionPeriod": days,
    }


def changes(new: Inputs, old: Inputs) -> dict[str, Any]:
    """What of the changing inputs differs."""
    values = {**{name: WITHOUT[name] for name in WITHOUT if name in old}, **new}
    if "maxAllocatedStorage" in old and "maxAllocatedStorage" not in new:
        # That it does not grow any more is said in this way.
        values["maxAllocatedStorage"] = new["allocatedStorage"]
    differ = {name: value for name, value in values.items() if value != old.get(name)}
    parameters = api(differ, **CHANGING) | _logs(new, old)
    if any(new.get(name) != old.get(name) for name in INSIGHTS):
        parameters |= insights(new)
    return parameters


def _logs(new: Inputs, old: Inputs) -> dict[str, Any]:
    wanted, had = (set(each.get("enabledCloudwatchLogsExports", ())) for each in (new, old))
    if wanted == had:
        return {}
    moved = {"EnableLogTypes": sorted(wanted - had), "DisableLogTypes": sorted(had - wanted)}
    return {"CloudwatchLogsExportConfiguration": moved}
