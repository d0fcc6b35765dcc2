"""Unit: the bucket of the balancer's log, and who may write to it."""

import json
from typing import Any

import pytest

from tests import samples_balancer as samples
from tests.recording import Recording, deploy

BUCKET = "agents-prod-access-logs-123456789012-eu-central-1"


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples.load_balancer)


def statements(recording: Recording) -> dict[str, dict[str, Any]]:
    document = json.loads(recording.one("BucketPolicy").inputs["policy"])
    return {each["Sid"]: each for each in document["Statement"]}


def test_an_application_balancer_writes_under_its_own_name_only(built: Recording) -> None:
    statement = statements(built)["BalancerWrites"]
    assert statement["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert statement["Resource"] == f"arn:aws:s3:::{BUCKET}/AWSLogs/123456789012/*"
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"] == (
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/agents-prod-alb/*"
    )


def test_a_network_balancer_writes_by_the_delivery_of_cloudwatch() -> None:
    recording = deploy(lambda: samples.load_balancer(samples.network()))
    found = statements(recording)
    assert found.keys() == {"TlsOnly", "DeliveryLooks", "DeliveryWrites"}
    for sid in ("DeliveryLooks", "DeliveryWrites"):
        assert found[sid]["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
        assert found[sid]["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012"


def test_nobody_comes_without_tls(built: Recording) -> None:
    statement = statements(built)["TlsOnly"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_bucket_is_private_and_has_one_owner(built: Recording) -> None:
    closed = built.one("BucketPublicAccessBlock").inputs
    for guard in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls"):
        assert closed[guard] is True
    assert closed["restrictPublicBuckets"] is True
    owned = built.one("BucketOwnershipControls").inputs["rule"]
    assert owned == {"objectOwnership": "BucketOwnerEnforced"}


def test_it_is_encrypted_with_the_only_keys_that_balancers_write_with(built: Recording) -> None:
    (rule,) = built.one("BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_entries_end_when_they_are_old_and_nothing_stays_behind() -> None:
    settings = samples.settings(access_log_days=30)
    recording = deploy(lambda: samples.load_balancer(settings))
    rules = {
        each["id"]: each for each in recording.one("BucketLifecycleConfiguration").inputs["rules"]
    }
    assert rules["entries"]["expiration"] == {"days": 30}
    assert rules["entries"]["noncurrentVersionExpiration"] == {"noncurrentDays": 7}
    assert rules["markers"]["expiration"] == {"expiredObjectDeleteMarker": True}
    versioning = recording.one("BucketVersioning").inputs["versioningConfiguration"]
    assert versioning == {"status": "Enabled"}
