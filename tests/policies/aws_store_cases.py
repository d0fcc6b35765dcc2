"""Fixtures of the rules on databases, caches and buckets."""

import json
from typing import Final

from tests.policies.aws_parts import allow, document
from tests.policies.aws_world import aws_world
from tests.policies.cases import Case, each, field_case, one
from tests.policies.world import ABSENT, UNKNOWN, Declared


def _switch(name: str, key: str) -> Case:
    """A rule that wants one property to be true."""
    return field_case((name, key), good=(True,), bad=(False, ABSENT))


def _unlinked(name: str, **props: object) -> Declared:
    declared = aws_world()[name]
    return Declared(declared.type, {**declared.props, **props})


DATABASE_CASES: Final[dict[str, Case]] = {
    "require-database-encryption": Case(
        each(("database", "kmsKeyId"), UNKNOWN),
        (
            one(("database", "storageEncrypted"), False),
            one(("database", "storageEncrypted"), ABSENT),
            one(("database", "kmsKeyId"), ABSENT),
        ),
        each(("database", "storageEncrypted"), UNKNOWN),
    ),
    "require-database-standby": _switch("database", "multiAz"),
    "require-database-tls": Case(
        each(("parameters", "parameters"), [{"name": "require_secure_transport", "value": "ON"}]),
        (
            one(("parameters",), ABSENT),
            one(("parameters", "parameters"), []),
            one(("parameters", "parameters"), [{"name": "rds.force_ssl", "value": "0"}]),
            one(("database",), _unlinked("database", parameterGroupName="default.postgres17")),
        ),
        each(("parameters", "parameters"), UNKNOWN),
    ),
    "require-database-backups": field_case(
        ("database", "backupRetentionPeriod"), good=(7, 35), bad=(0, 1, ABSENT)
    ),
    "forbid-public-database": field_case(
        ("database", "publiclyAccessible"), good=(False, ABSENT), bad=(True,)
    ),
    "require-database-protection": _switch("database", "deletionProtection"),
    "require-managed-password": Case(
        (
            (
                (("database", "manageMasterUserPassword"), ABSENT),
                (("database", "passwordWo"), "written once"),
            ),
        ),
        (
            one(("database", "password"), "hunter2!"),
            one(("database", "manageMasterUserPassword"), ABSENT),
        ),
        each(("database", "manageMasterUserPassword"), UNKNOWN),
    ),
    "require-encrypted-insights": Case(
        (
            (
                (("database", "performanceInsightsEnabled"), False),
                (("database", "performanceInsightsKmsKeyId"), ABSENT),
            ),
        ),
        each(("database", "performanceInsightsKmsKeyId"), ABSENT),
        each(("database", "performanceInsightsEnabled"), UNKNOWN),
    ),
    "require-minor-upgrades": Case(
        each(("database", "autoMinorVersionUpgrade"), True),
        (
            one(("database", "autoMinorVersionUpgrade"), False),
            one(("cache", "autoMinorVersionUpgrade"), "false"),
        ),
        each(("cache", "autoMinorVersionUpgrade"), UNKNOWN),
    ),
    "require-database-logs": field_case(
        ("database", "enabledCloudwatchLogsExports"), good=(["postgresql"],), bad=([], ABSENT)
    ),
}

CACHE_CASES: Final[dict[str, Case]] = {
    "require-cache-tls": Case(
        each(("cache", "transitEncryptionMode"), ABSENT),
        (
            one(("cache", "transitEncryptionEnabled"), False),
            one(("cache", "transitEncryptionEnabled"), ABSENT),
            one(("cache", "transitEncryptionMode"), "preferred"),
        ),
        each(("cache", "transitEncryptionEnabled"), UNKNOWN),
    ),
    "require-cache-encryption": Case(
        each(("cache", "atRestEncryptionEnabled"), "true"),
        (
            one(("cache", "atRestEncryptionEnabled"), False),
            one(("cache", "kmsKeyId"), ABSENT),
        ),
        each(("cache", "atRestEncryptionEnabled"), UNKNOWN),
    ),
    "require-cache-failover": Case(
        (),
        (
            one(("cache", "automaticFailoverEnabled"), False),
            one(("cache", "multiAzEnabled"), ABSENT),
        ),
        each(("cache", "multiAzEnabled"), UNKNOWN),
    ),
    "require-cache-logins": Case(
        (((("cache", "userGroupIds"), ABSENT), (("cache", "authToken"), "kept secret")),),
        each(("cache", "userGroupIds"), ABSENT, []),
        each(("cache", "userGroupIds"), UNKNOWN),
    ),
    "forbid-cache-user-without-password": Case(
        (
            (
                (("cache-user", "noPasswordRequired"), True),
                (("cache-user", "accessString"), "off -@all"),
            ),
        ),
        (
            one(("cache-user", "noPasswordRequired"), True),
            one(("cache-user", "authenticationMode"), {"type": "no-password-required"}),
        ),
        each(("cache-user", "authenticationMode"), UNKNOWN),
    ),
    "require-cache-snapshots": field_case(
        ("cache", "snapshotRetentionLimit"), good=(1,), bad=(0, ABSENT)
    ),
}

_BLOCK: Final = "bucket-block"
_ALGORITHM: Final = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}
_ALLOWED: Final = document(
    allow("s3:GetObject", "*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
)

BUCKET_CASES: Final[dict[str, Case]] = {
    "require-public-access-block": Case(
        each((_BLOCK,), _unlinked(_BLOCK)),
        (
            one((_BLOCK,), ABSENT),
            one((_BLOCK, "restrictPublicBuckets"), False),
            one((_BLOCK, "blockPublicPolicy"), ABSENT),
            one((_BLOCK,), _unlinked(_BLOCK, bucket="another")),
        ),
        (
            *each((_BLOCK, "blockPublicAcls"), UNKNOWN),
            *each((_BLOCK,), _unlinked(_BLOCK, bucket=UNKNOWN)),
        ),
    ),
    "require-bucket-encryption": Case(
        each(("bucket-encryption", "rules"), [_ALGORITHM]),
        (
            one(("bucket-encryption",), ABSENT),
            one(("bucket-encryption", "rules"), []),
            one(("bucket-encryption", "rules"), [{"bucketKeyEnabled": True}]),
        ),
        each(("bucket-encryption", "rules"), UNKNOWN),
    ),
    "require-bucket-versions": Case(
        (),
        (
            one(("bucket-versions",), ABSENT),
            one(("bucket-versions", "versioningConfiguration", "status"), "Suspended"),
        ),
        each(("bucket-versions", "versioningConfiguration", "status"), UNKNOWN),
    ),
    "require-bucket-tls": Case(
        (),
        (
            one(("bucket-policy",), ABSENT),
            one(("bucket-policy", "policy"), _ALLOWED),
            one(
                ("bucket-policy", "policy"),
                json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}}),
            ),
        ),
        each(("bucket-policy", "policy"), UNKNOWN),
    ),
    "forbid-public-bucket": field_case(
        ("bucket", "acl"), good=("private",), bad=("public-read", "public-read-write")
    ),
    "forbid-deletion-for-good": Case(
        each(("repository", "forceDelete"), False),
        (
            one(("bucket", "forceDestroy"), True),
            one(("repository", "forceDelete"), True),
            one(("database", "skipFinalSnapshot"), True),
            one(("vault", "forceDestroy"), True),
        ),
        each(("bucket", "forceDestroy"), UNKNOWN),
    ),
}
