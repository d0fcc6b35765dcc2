"""Unit: whose signatures are believed is what AWS publishes, and is right for the region."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from components.stores import trust

REGIONS = sorted(each.stem.removeprefix("rds-") for each in trust.CERTIFICATES.glob("rds-*.pem"))
KINDS = {"RSA2048", "RSA4096", "ECC384"}


def roots(pem: str) -> dict[str, x509.Certificate]:
    found = x509.load_pem_x509_certificates(pem.encode())
    return {
        str(each.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value): each
        for each in found
    }


def check(root: x509.Certificate) -> None:
    root.verify_directly_issued_by(root)
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.value.ca
    assert root.not_valid_before_utc < datetime.now(UTC)
    assert root.not_valid_after_utc > datetime.now(UTC) + timedelta(days=365)


def test_the_regions_of_the_stacks_are_there() -> None:
    assert {"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"} <= set(REGIONS)


@pytest.mark.parametrize("region", REGIONS)
def test_the_roots_of_a_region_sign_themselves_name_it_and_are_valid(region: str) -> None:
    found = roots(trust.rds(region))
    assert set(found) == {f"Amazon RDS {region} Root CA {kind} G1" for kind in KINDS}
    for root in found.values():
        check(root)


def test_the_roots_of_elasticache_are_those_of_amazon_trust_services() -> None:
    found = roots(trust.elasticache())
    assert set(found) == {f"Amazon Root CA {number}" for number in range(1, 5)}
    for root in found.values():
        check(root)


def test_a_region_without_a_file_is_told_where_aws_publishes_it() -> None:
    with pytest.raises(ValueError, match=r"rds\.amazonaws\.com/eu-north-1/") as error:
        trust.rds("eu-north-1")
    assert "certificates/rds-eu-north-1.pem" in str(error.value)
