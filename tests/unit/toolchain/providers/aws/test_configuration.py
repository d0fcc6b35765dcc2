"""Unit: the provider reaches loopback and nothing else."""

import json
from typing import Any

import pytest

from toolchain.providers.aws.configuration import ACCOUNT, check, loopback, parse
from toolchain.providers.aws.errors import Refusal

MOTO = "http://127.0.0.1:5000"


def faults(**inputs: Any) -> dict[str, str]:  # noqa: ANN401 - whatever a program could give
    return {fault.path: fault.reason for fault in check({"region": "eu-central-1", **inputs})}


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://127.1.2.3", True),
        ("http://localhost:5000/", True),
        ("http://[::1]:5000", True),
        ("https://ec2.eu-central-1.amazonaws.com", False),
        ("http://10.0.0.1:5000", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1@example.org", False),
        ("http://0.0.0.0:5000", False),
        ("127.0.0.1:5000", False),
        ("file:///127.0.0.1", False),
    ],
)
def test_loopback_is_told_from_everywhere_else(url: str, here: bool) -> None:
    assert loopback(url) is here


def test_an_endpoint_elsewhere_is_refused_with_the_official_plugin() -> None:
    found = faults(endpoints=[{"ec2": "https://ec2.eu-central-1.amazonaws.com"}])
    assert "is not on loopback" in found["endpoints"]
    assert "pulumi plugin install resource aws 7." in found["endpoints"]


def test_an_endpoint_out_of_a_state_is_refused_when_it_is_used() -> None:
    elsewhere = "https://ec2.eu-central-1.amazonaws.com"
    found = parse({"region": "eu-central-1", "endpoints": json.dumps([{"ec2": elsewhere}])})
    with pytest.raises(Refusal, match="only rehearses"):
        found.required_endpoint()


def test_a_configuration_without_endpoints_is_fine_until_aws_is_needed() -> None:
    assert faults() == {}
    assert parse({"region": "eu-central-1"}).endpoint == ""


def test_lists_and_objects_arrive_as_json_in_a_text() -> None:
    inputs = {
        "region": "eu-west-1",
        "endpoints": json.dumps([{"ec2": MOTO, "iam": MOTO, "s3": None}]),
        "defaultTags": json.dumps({"tags": {"a": "b"}}),
        "allowedAccountIds": json.dumps(["111122223333"]),
        "skipCredentialsValidation": "true",
        "version": "7.0.0",
    }
    assert list(check(inputs)) == []
    found = parse(inputs)
    assert (found.endpoint, found.region, found.account) == (MOTO, "eu-west-1", "111122223333")
    assert found.default_tags == {"a": "b"}


def test_moto_has_an_account_for_those_who_name_none() -> None:
    assert parse({"region": "eu-west-1"}).account == ACCOUNT


def test_two_servers_are_refused() -> None:
    found = faults(endpoints=[{"ec2": MOTO, "iam": "http://127.0.0.1:5001"}])
    assert "a rehearsal has one server" in found["endpoints"]


def test_a_region_has_to_be_named() -> None:
    found = {fault.path: fault.reason for fault in check({})}
    assert "the environment is not read" in found["region"]


def test_what_the_sdk_does_not_know_is_refused() -> None:
    assert "'region' is near" in faults(regions="eu-central-1")["regions"]
    assert "endpoints[0].ec3" in faults(endpoints=[{"ec3": MOTO}])


def test_what_would_change_the_answers_of_aws_is_refused() -> None:
    assert "not rehearsed" in faults(ignoreTags={"keys": ["a"]})["ignoreTags"]
