"""The part of the stack on AWS that keeps something: stores, buckets, keys, secrets, backups."""

from typing import Final

from tests.policies.aws_parts import ACCOUNT, KEY, allow, aws, document
from tests.policies.world import Declared

_LOG_GROUPS: Final = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:*"


def stores() -> dict[str, Declared]:
    """A database and a cache."""
    return {
        "database": aws(
            "rds/instance:Instance",
            {"parameterGroupName": ("parameters",), "kmsKeyId": ("key",)},
            instanceClass="db.m7g.large",
            engine="postgres",
            allocatedStorage=100,
            storageEncrypted=True,
            kmsKeyId=KEY,
            multiAz=True,
            backupRetentionPeriod=14,
            publiclyAccessible=False,
            deletionProtection=True,
            skipFinalSnapshot=False,
            manageMasterUserPassword=True,
            performanceInsightsEnabled=True,
            performanceInsightsKmsKeyId=KEY,
            enabledCloudwatchLogsExports=["postgresql", "upgrade"],
            parameterGroupName="agents-postgres",
        ),
        "parameters": aws(
            "rds/parameterGroup:ParameterGroup",
            family="postgres17",
            parameters=[{"name": "rds.force_ssl", "value": "1"}],
        ),
        "cache": aws(
            "elasticache/replicationGroup:ReplicationGroup",
            {"userGroupIds": ("cache-users",), "kmsKeyId": ("key",)},
            nodeType="cache.t4g.small",
            engine="valkey",
            numCacheClusters=2,
            transitEncryptionEnabled=True,
            transitEncryptionMode="required",
            atRestEncryptionEnabled=True,
            kmsKeyId=KEY,
            automaticFailoverEnabled=True,
            multiAzEnabled=True,
            userGroupIds=["agents"],
            snapshotRetentionLimit=7,
        ),
        "cache-user": aws(
            "elasticache/user:User",
            accessString="on ~research:* +@all",
            authenticationMode={"type": "iam"},
        ),
    }


def kept() -> dict[str, Declared]:
    """A key, a bucket with all that goes with one, a repository, a secret and backups."""
    return {**_key(), **_bucket(), **_repository(), **_secret_and_backups()}


def _key() -> dict[str, Declared]:
    return {
        "key": aws(
            "kms/key:Key",
            enableKeyRotation=True,
            deletionWindowInDays=30,
            policy=document(
                allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
                allow(
                    ["kms:Decrypt"],
                    "*",
                    Principal={"Service": "logs.eu-central-1.amazonaws.com"},
                    Condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": _LOG_GROUPS}},
                ),
            ),
        ),
    }


def _bucket() -> dict[str, Declared]:
    bucket = {"bucket": ("bucket",)}
    return {
        "bucket": aws("s3/bucket:Bucket", bucket="agents-logs", forceDestroy=False),
        "bucket-block": aws(
            "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            bucket,
            bucket="agents-logs",
            blockPublicAcls=True,
            blockPublicPolicy=True,
            ignorePublicAcls=True,
            restrictPublicBuckets=True,
        ),
        "bucket-encryption": aws(
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            bucket,
            bucket="agents-logs",
            rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        ),
        "bucket-versions": aws(
            "s3/bucketVersioning:BucketVersioning",
            bucket,
            bucket="agents-logs",
            versioningConfiguration={"status": "Enabled"},
        ),
        "bucket-policy": aws(
            "s3/bucketPolicy:BucketPolicy",
            bucket,
            bucket="agents-logs",
            policy=document(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ),
        ),
    }


def _repository() -> dict[str, Declared]:
    return {
        "repository": aws(
            "ecr/repository:Repository",
            {"encryptionConfigurations": ("key",)},
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": KEY}],
        ),
        "repository-policy": aws(
            "ecr/repositoryPolicy:RepositoryPolicy",
            {"repository": ("repository",)},
            policy=document(
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "ecr:BatchGetImage",
                }
            ),
        ),
    }


def _secret_and_backups() -> dict[str, Declared]:
    return {
        "credential": aws(
            "secretsmanager/secret:Secret",
            {"kmsKeyId": ("key",)},
            name="agents/research/postgres",
            kmsKeyId=KEY,
            recoveryWindowInDays=30,
            tags={"agents.platform/rotation-days": "90"},
        ),
        "vault": aws("backup/vault:Vault", {"kmsKeyArn": ("key",)}, kmsKeyArn=KEY),
        "plan": aws(
            "backup/plan:Plan",
            {"rules": ("vault",)},
            rules=[{"ruleName": "daily", "targetVaultName": "v", "lifecycle": {"deleteAfter": 35}}],
        ),
        "selection": aws(
            "backup/selection:Selection",
            {"planId": ("plan",), "resources": ("database",)},
            planId="plan-1",
            resources=["arn:database"],
        ),
    }
