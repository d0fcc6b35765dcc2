"""Unit: which networks a stack file may describe, and how their addresses are divided."""

import pytest
from pydantic import ValidationError

from components.network.settings import NetworkSettings, faults
from components.network.subnets import ZoneSubnets, plan, usable
from tests import samples_network as samples


def test_the_plan_of_a_sixteen_is_the_one_in_the_documentation() -> None:
    assert plan("10.0.0.0/16", ["eu-central-1b"]) == (
        ZoneSubnets(
            zone="eu-central-1b",
            private="10.0.64.0/19",
            public="10.0.96.0/24",
            data="10.0.97.0/24",
        ),
    )
    assert (usable("10.0.64.0/19"), usable("10.0.96.0/24")) == (8187, 251)


def test_the_smallest_network_holds_two_zones() -> None:
    zones = plan("10.0.0.0/24", ["eu-central-1a", "eu-central-1b"], 2)
    assert [(each.private, each.public, each.data) for each in zones] == [
        ("10.0.0.0/26", "10.0.0.64/27", "10.0.0.96/27"),
        ("10.0.0.128/26", "10.0.0.192/27", "10.0.0.224/27"),
    ]


@pytest.mark.parametrize(("slots", "widest"), [(4, 23), (8, 22)])
def test_a_network_without_room_for_load_balancers_names_the_size_that_has_it(
    slots: int, widest: int
) -> None:
    with pytest.raises(ValidationError, match=f"take a /{widest} or larger"):
        NetworkSettings.model_validate(
            {"cidr": "10.0.0.0/24", "zones": samples.ZONES, "zone_slots": slots}
        )
    plan(f"10.0.0.0/{widest}", samples.ZONES, 4 if slots == 4 else 8)


@pytest.mark.parametrize(
    ("cidr", "reason"),
    [
        ("ten", "no IPv4 network"),
        ("fd00::/48", "no IPv4 network"),
        ("10.20.0.0", "prefix /32"),
        ("10.0.0.0/15", "prefix /15"),
        ("10.0.0.0/25", "prefix /25"),
        ("10.20.1.0/16", "write the network, 10.20.0.0/16"),
        ("10.20.0.0/255.255.0.0", "write the network, 10.20.0.0/16"),
        ("8.8.0.0/16", "not private"),
        ("172.32.0.0/16", "not private"),
    ],
)
def test_a_network_that_cannot_be_is_refused_with_the_remedy(cidr: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        NetworkSettings(cidr=cidr, zones=samples.ZONES)


@pytest.mark.parametrize(
    "cidr", ["10.0.0.0/16", "172.31.0.0/20", "192.168.4.0/22", "100.64.0.0/16"]
)
def test_private_and_shared_networks_are_taken(cidr: str) -> None:
    assert NetworkSettings(cidr=cidr, zones=samples.ZONES).cidr == cidr


@pytest.mark.parametrize(
    ("zones", "reason"),
    [
        (("eu-central-1a",), "EKS and RDS Multi-AZ need two zones or more"),
        (tuple(f"us-east-1{each}" for each in "abcdefg"), "got 7 of the 2 to 6"),
        (("eu-central-1a", "eu-central-1a"), "more than once"),
        (("eu-central-1a", "eu-west-1b"), "eu-central-1 and eu-west-1: a network has one region"),
        (("eu-central-1", "eu-central-1b"), "no availability zone"),
        (("us-west-2a", "us-west-2-lax-1a"), "no availability zone"),
        (("us-east-1a", "us-east-1f"), "up to d, or set zone_slots"),
    ],
)
def test_zones_that_cannot_be_are_refused_with_the_remedy(
    zones: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        NetworkSettings(cidr="10.0.0.0/16", zones=zones)


@pytest.mark.parametrize(
    ("services", "reason"),
    [(("kms", "kms"), "more than once"), (("s3",), "gateway"), (("KMS",), "pattern")],
)
def test_endpoints_that_cannot_be_are_refused(services: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        NetworkSettings(cidr="10.0.0.0/16", zones=samples.ZONES, interface_endpoints=services)


def test_a_retention_that_the_log_service_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError, match="flow_log_days"):
        NetworkSettings.model_validate(
            {"cidr": "10.0.0.0/16", "zones": samples.ZONES, "flow_log_days": 100}
        )


def test_zones_of_another_region_are_faults_that_name_both() -> None:
    found = list(faults(samples.NETWORK, region="eu-west-1", service_cidr="172.20.0.0/16"))
    assert len(found) == 3
    assert "eu-central-1a is in eu-central-1 and the stack in eu-west-1" in found[0]


def test_a_network_must_not_share_addresses_with_the_services_of_its_cluster() -> None:
    (found,) = faults(samples.NETWORK, region="eu-central-1", service_cidr="10.20.128.0/20")
    assert "10.20.0.0/16" in found
    assert "10.20.128.0/20" in found
    assert not list(faults(samples.NETWORK, region="eu-central-1", service_cidr="172.20.0.0/16"))
