"""Samples of what a bucket is besides."""

from tests.unit.toolchain.providers.aws.cases.balancers import BUCKET, admitting
from tests.unit.toolchain.providers.aws.stand_in import Case

_OTHER = {"bucket": "another-bucket"}
_EXPIRING = {
    "id": "entries",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "expiration": {"days": 365},
    "noncurrentVersionExpiration": {"noncurrentDays": 7},
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
}
_MARKERS = {
    "id": "markers",
    "status": "Enabled",
    "filter": {"prefix": "logs/"},
    "expiration": {"expiredObjectDeleteMarker": True},
}


def _encrypted(**how: str) -> dict[str, object]:
    return {"rules": [{"applyServerSideEncryptionByDefault": how}]}


CASES = (
    Case(
        token="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        inputs=lambda world: {
            "bucket": world[BUCKET].id,
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
        },
        changes={"blockPublicAcls": None, "ignorePublicAcls": True, "restrictPublicBuckets": True},
        replaces=_OTHER,
    ),
    Case(
        token="aws:s3/bucketPolicy:BucketPolicy",
        inputs=lambda world: {
            "bucket": world[BUCKET].id,
            "policy": admitting(world[BUCKET].id),
        },
        changes={"policy": admitting("other-0123456", "network")},
        replaces=_OTHER,
    ),
    Case(
        token="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        inputs=lambda world: {
            "bucket": world[BUCKET].id,
            "rule": {"objectOwnership": "BucketOwnerEnforced"},
        },
        changes={"rule": {"objectOwnership": "BucketOwnerPreferred"}},
        replaces=_OTHER,
    ),
    Case(
        token="aws:s3/bucketVersioning:BucketVersioning",
        inputs=lambda world: {
            "bucket": world[BUCKET].id,
            "versioningConfiguration": {"status": "Enabled"},
        },
        changes={"versioningConfiguration": {"status": "Suspended"}},
        replaces=_OTHER,
    ),
    Case(
        token="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        inputs=lambda world: {"bucket": world[BUCKET].id, **_encrypted(sseAlgorithm="AES256")},
        changes=_encrypted(sseAlgorithm="aws:kms", kmsMasterKeyId="alias/logs"),
        replaces=_OTHER,
    ),
    Case(
        token="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        inputs=lambda world: {"bucket": world[BUCKET].id, "rules": [_EXPIRING, _MARKERS]},
        changes={"rules": [_MARKERS]},
        replaces=_OTHER,
    ),
)
