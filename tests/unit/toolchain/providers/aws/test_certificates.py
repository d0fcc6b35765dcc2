"""Unit: names are proven by records, and records are such as Route 53 takes."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.balancers import BALANCER, LISTENER
from tests.unit.toolchain.providers.aws.cases.certificates import (
    CERTIFICATE,
    VALIDATION,
    proof,
    proven,
)
from tests.unit.toolchain.providers.aws.cases.domains import RECORD, ZONE
from tests.unit.toolchain.providers.aws.stand_in import Engine, Refused, World
from toolchain.providers.aws.types import certificates


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


def refused(world: World, token: str, inputs: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        world.engine.make(token, inputs, name="refused")


def record(world: World, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - inputs
    inputs = {"zoneId": world[ZONE].id, "name": "api", "type": "A", "ttl": 60}
    return {**inputs, "records": ["192.0.2.1"], **changed}


def test_a_certificate_is_valid_once_each_of_its_names_is_proven(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "WAIT_SECONDS", 0.3)
    certificate = world[CERTIFICATE]
    assert certificate.outputs["status"] == "PENDING_VALIDATION"
    options = certificate.outputs["domainValidationOptions"]
    names = ["agents.example.com", "api.example.com", "www.example.com"]
    assert [each["domainName"] for each in options] == names
    for each in options[1:]:
        proof(world, each)
    waiting = {"certificateArn": certificate.id}
    missing = options[0]["resourceRecordName"]
    refused(world, VALIDATION, waiting, f"in vain. No public zone .* has: {missing} CNAME")

    proof(world, options[0])
    world.engine.make(VALIDATION, waiting)
    found = world.engine.read(certificate)
    assert found is not None
    assert found.outputs["status"] == "ISSUED"


def test_a_validation_names_the_records_that_it_waits_for(world: World) -> None:
    inputs = proven(world)
    fewer = {**inputs, "validationRecordFqdns": inputs["validationRecordFqdns"][1:]}
    refused(world, VALIDATION, fewer, "the certificate is validated by _")


def test_a_validation_goes_with_its_certificate(world: World) -> None:
    made = world[VALIDATION]
    world.engine.remove(world[CERTIFICATE])
    assert world.engine.read(made) is None


def test_a_certificate_stays_while_a_listener_shows_it(world: World) -> None:
    assert world[LISTENER].outputs["certificateArn"] == world[CERTIFICATE].id
    with pytest.raises(Refused, match=r"ResourceInUseException.*:listener/"):
        world.engine.remove(world[CERTIFICATE])
    world.engine.remove(world[LISTENER])
    world.engine.remove(world[CERTIFICATE])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"domainName": f"{'a' * 60}.example.com"}, "no longer than 64"),
        (
            {"subjectAlternativeNames": [f"n{number}.example.com" for number in range(10)]},
            "maximum number of domain names, which is 10",
        ),
        ({"validationMethod": "EMAIL"}, "validation by DNS are rehearsed"),
        ({"keyAlgorithm": "RSA_4096"}, "RSA_4096 is not one of"),
    ],
)
def test_a_certificate_is_such_as_aws_issues(
    world: World, changed: dict[str, Any], reason: str
) -> None:
    inputs = {"domainName": "agents.example.com", "validationMethod": "DNS"}
    refused(world, CERTIFICATE, {**inputs, **changed}, reason)


def test_a_record_is_made_once_unless_it_may_be_taken_over(world: World) -> None:
    made = world.engine.make(RECORD, record(world))
    assert made.outputs["fqdn"] == "api.example.com"
    refused(world, RECORD, record(world), r"\[name='api.example.com.', type='A'\] but it already")
    over = record(world, allowOverwrite=True, records=["192.0.2.2"])
    world.engine.make(RECORD, over, name="over")
    world.engine.remove(made)
    # What has been there before can be made again.
    world.engine.make(RECORD, record(world))


def test_an_alias_of_a_name_is_alone_there_and_not_at_the_top(world: World) -> None:
    alias = record(world, type="CNAME", records=["other.example.net"])
    refused(world, RECORD, {**alias, "name": "example.com"}, "not permitted at apex")
    world.engine.make(RECORD, record(world))
    refused(world, RECORD, alias, "conflicts with other records")
    refused(world, RECORD, record(world, name="b", records=[]), "both TTL and ResourceRecords")


def test_a_name_leads_to_a_balancer_by_the_zone_of_its_own_name(world: World) -> None:
    balancer = world[BALANCER].outputs
    target = {
        "name": balancer["dnsName"],
        "zoneId": balancer["zoneId"],
        "evaluateTargetHealth": True,
    }
    inputs = {"zoneId": world[ZONE].id, "name": "api.example.com", "type": "A"}
    made = world.engine.make(RECORD, {**inputs, "aliases": [target]})
    read = world.engine.read(made)
    assert read is not None
    assert read.inputs == made.inputs
    world.engine.remove(made)
    assert world.engine.read(made) is None
    elsewhere = {**inputs, "aliases": [{**target, "zoneId": "Z0"}]}
    refused(world, RECORD, elsewhere, "does not lie within the target zone")


def test_a_zone_goes_with_its_records_only_if_it_is_told_to(world: World) -> None:
    zone = world[ZONE]
    world.engine.make(RECORD, record(world))
    with pytest.raises(Refused, match="HostedZoneNotEmpty"):
        world.engine.remove(zone)
    zone = world.engine.change(zone, {**zone.inputs, "forceDestroy": True})
    world.engine.remove(zone)
    assert world.engine.read(zone) is None
