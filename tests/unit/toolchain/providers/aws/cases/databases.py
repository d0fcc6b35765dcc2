"""Samples of RDS."""

from collections.abc import Sequence

from tests.unit.toolchain.providers.aws.cases.identity import ROLE, trust
from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.cases.security import GROUP
from tests.unit.toolchain.providers.aws.stand_in import Case, Inputs, World

SUBNET = "aws:ec2/subnet:Subnet"
SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
INSTANCE = "aws:rds/instance:Instance"
PRELOADED = {
    "name": "shared_preload_libraries",
    "value": "pg_stat_statements",
    "applyMethod": "pending-reboot",
}
SSL = {"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"}
SLOW = {"name": "log_min_duration_statement", "value": "1000"}


def subnets(world: World) -> Sequence[str]:
    """Two subnets in two zones."""
    other = world.engine.make(
        SUBNET,
        {
            "vpcId": world[VPC].id,
            "cidrBlock": "10.0.8.0/24",
            "availabilityZone": "eu-central-1a",
        },
        name="second",
    )
    return [world[SUBNET].id, other.id]


def assumable(world: World, service: str) -> str:
    """ARN of a role that a service of AWS may take."""
    inputs = {"assumeRolePolicy": trust(service)}
    return str(world.engine.make(ROLE, inputs, name=service).outputs["arn"])


def instance(world: World) -> Inputs:
    """A server with everything on."""
    key = world[KEY].outputs["arn"]
    return {
        "engine": "postgres",
        "engineVersion": "17",
        "instanceClass": "db.r7g.large",
        "allocatedStorage": 100,
        "maxAllocatedStorage": 500,
        "storageType": "gp3",
        "storageEncrypted": True,
        "kmsKeyId": key,
        "username": "postgres",
        "manageMasterUserPassword": True,
        "masterUserSecretKmsKeyId": key,
        "dbSubnetGroupName": world[SUBNETS].id,
        "vpcSecurityGroupIds": [world[GROUP].id],
        "parameterGroupName": world[PARAMETERS].id,
        "port": 5432,
        "multiAz": True,
        "backupRetentionPeriod": 14,
        "backupWindow": "01:00-02:00",
        "maintenanceWindow": "sun:04:00-sun:05:00",
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "performanceInsightsEnabled": True,
        "performanceInsightsKmsKeyId": key,
        "performanceInsightsRetentionPeriod": 7,
        "databaseInsightsMode": "standard",
        "monitoringInterval": 60,
        "monitoringRoleArn": assumable(world, "monitoring.rds"),
        "skipFinalSnapshot": True,
    }


CASES = (
    Case(
        token=SUBNETS,
        inputs=lambda world: {"subnetIds": subnets(world), "description": "where data stands"},
        changes={"description": "where all data stands"},
        replaces={"name": "other"},
    ),
    Case(
        token=PARAMETERS,
        inputs=lambda _: {
            "family": "postgres17",
            "description": "TLS only",
            "parameters": [PRELOADED, SSL],
        },
        changes={"parameters": [SLOW, PRELOADED], "skipDestroy": False},
        replaces={"family": "postgres18", "description": "another", "name": "other"},
    ),
    Case(
        token=INSTANCE,
        inputs=instance,
        changes={
            "identifier": "renamed",
            "instanceClass": "db.r7g.xlarge",
            "maxAllocatedStorage": None,
            "multiAz": None,
            "backupRetentionPeriod": 7,
            "enabledCloudwatchLogsExports": ["postgresql", "iam-db-auth-error"],
            "iamDatabaseAuthenticationEnabled": True,
            "performanceInsightsRetentionPeriod": 465,
            "databaseInsightsMode": "advanced",
            "deletionProtection": True,
            "applyImmediately": True,
            "deleteAutomatedBackups": False,
        },
        replaces={"storageEncrypted": False, "username": "other", "dbName": "other"},
        respelled=("engineVersion",),
    ),
)
