"""Unit: what a bucket is besides is refused where AWS refuses it, and goes as AWS lets it go."""

import json
from typing import Any

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.balancers import BUCKET
from tests.unit.toolchain.providers.aws.stand_in import Engine, Refused, World

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


def policy(resource: str, **more: Any) -> str:  # noqa: ANN401 - JSON
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": resource,
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def test_a_policy_is_about_its_own_bucket(world: World) -> None:
    bucket = world[BUCKET].id
    for text, reason in (
        (policy("arn:aws:s3:::another/*"), "invalid resource: arn:aws:s3:::another"),
        ("no policy", "Policies must be valid JSON"),
    ):
        with pytest.raises(Refused, match=reason):
            world.engine.make(POLICY, {"bucket": bucket, "policy": text})


def test_a_closed_bucket_takes_no_policy_that_opens_it(world: World) -> None:
    bucket = world[BUCKET].id
    public = {"bucket": bucket, "policy": policy(f"arn:aws:s3:::{bucket}/*")}
    assert world[BLOCK].inputs["blockPublicPolicy"] is True
    with pytest.raises(Refused, match=r"AccessDenied.*BlockPublicPolicy"):
        world.engine.make(POLICY, public)
    some = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    inside = policy(f"arn:aws:s3:::{bucket}/*", Condition=some)
    world.engine.make(POLICY, {**public, "policy": inside})
    world.engine.remove(world[BLOCK])
    world.engine.make(POLICY, public, name="open")


def test_versioning_that_somebody_suspends_is_drift(world: World, aws: Moto) -> None:
    made = world[VERSIONING]
    aws.client("s3").put_bucket_versioning(
        Bucket=world[BUCKET].id, VersioningConfiguration={"Status": "Suspended"}
    )
    found = world.engine.read(made)
    assert found is not None
    assert found.inputs["versioningConfiguration"] == {"status": "Suspended"}


def test_a_bucket_never_gets_rid_of_its_versions(world: World, aws: Moto) -> None:
    world.engine.remove(world[VERSIONING])
    found = aws.client("s3").get_bucket_versioning(Bucket=world[BUCKET].id)
    assert found["Status"] == "Suspended"


def test_a_locked_bucket_keeps_its_versioning(world: World, aws: Moto) -> None:
    bucket = world.engine.make(BUCKET, {"objectLockEnabled": True}, name="locked").id
    suspended = {"versioningConfiguration": {"status": "Suspended"}, "bucket": bucket}
    with pytest.raises(Refused, match="InvalidBucketState"):
        world.engine.make(VERSIONING, suspended)
    enabled = {**suspended, "versioningConfiguration": {"status": "Enabled"}}
    world.engine.remove(world.engine.make(VERSIONING, enabled))
    assert aws.client("s3").get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_a_bucket_that_is_emptied_loses_its_versions_and_markers_too(
    world: World, aws: Moto
) -> None:
    s3 = aws.client("s3")
    made = world.engine.make(BUCKET, {"forceDestroy": True})
    s3.put_object(Bucket=made.id, Key="before", Body=b"1")
    enabled = {"bucket": made.id, "versioningConfiguration": {"status": "Enabled"}}
    world.engine.make(VERSIONING, enabled)
    for key in ("before", "after", "after"):
        s3.put_object(Bucket=made.id, Key=key, Body=b"2")
    s3.delete_object(Bucket=made.id, Key="after")
    world.engine.remove(made)
    assert world.engine.read(made) is None
