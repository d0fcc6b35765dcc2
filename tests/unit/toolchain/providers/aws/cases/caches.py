"""Samples of ElastiCache."""

from tests.unit.toolchain.providers.aws.cases.databases import subnets
from tests.unit.toolchain.providers.aws.cases.keys import KEY
from tests.unit.toolchain.providers.aws.cases.security import GROUP
from tests.unit.toolchain.providers.aws.stand_in import Case, Inputs, World

SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
USER = "aws:elasticache/user:User"
USERS = "aws:elasticache/userGroup:UserGroup"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
FIRST, SECOND = "a-password-of-a-test", "another-password-of-a-test"


def cache(world: World) -> Inputs:
    """A cache in two zones."""
    return {
        "description": "a cache",
        "engine": "valkey",
        "engineVersion": "8.0",
        "nodeType": "cache.r7g.large",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "parameterGroupName": world[PARAMETERS].id,
        "port": 6379,
        "subnetGroupName": world[SUBNETS].id,
        "securityGroupIds": [world[GROUP].id],
        "userGroupIds": [world[USERS].id],
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "atRestEncryptionEnabled": True,
        "kmsKeyId": world[KEY].outputs["arn"],
        "snapshotRetentionLimit": 7,
        "logDeliveryConfigurations": [
            {
                "logType": "slow-log",
                "logFormat": "json",
                "destinationType": "cloudwatch-logs",
                "destination": "/aws/vendedlogs/elasticache/slow-log",
            }
        ],
    }


CASES = (
    Case(
        token=SUBNETS,
        inputs=lambda world: {"subnetIds": subnets(world)},
        changes={"description": "where caches stand"},
        replaces={"name": "other"},
    ),
    Case(
        token=PARAMETERS,
        inputs=lambda _: {
            "family": "valkey8",
            "parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
        },
        changes={"parameters": []},
        replaces={"family": "valkey9", "description": "another", "name": "other"},
    ),
    Case(
        token=USER,
        inputs=lambda _: {
            "engine": "valkey",
            "userId": "reader",
            "userName": "reader",
            "accessString": "on ~reader:* +@all",
            "passwords": [FIRST],
        },
        changes={"passwords": [SECOND, FIRST], "accessString": "off -@all"},
        replaces={"userId": "other", "userName": "other"},
    ),
    Case(
        token=USERS,
        inputs=lambda world: {
            "engine": "valkey",
            "userGroupId": "users",
            "userIds": [world[USER].id],
        },
        changes={"userIds": []},
        replaces={"userGroupId": "other"},
    ),
    Case(
        token=CACHE,
        inputs=cache,
        changes={
            "nodeType": "cache.r7g.xlarge",
            "numCacheClusters": 3,
            "snapshotRetentionLimit": 14,
            "userGroupIds": [],
            "logDeliveryConfigurations": None,
            "finalSnapshotIdentifier": "last",
        },
        replaces={"port": 6380, "atRestEncryptionEnabled": False, "kmsKeyId": "other"},
    ),
)
