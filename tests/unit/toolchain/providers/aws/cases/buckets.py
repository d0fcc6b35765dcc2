"""Samples of buckets."""

from tests.unit.toolchain.providers.aws.stand_in import Case

CASES = (
    Case(
        token="aws:s3/bucket:Bucket",
        inputs=lambda _: {},
        changes={"forceDestroy": True},
        replaces={"bucket": "other-bucket", "objectLockEnabled": True},
    ),
)
