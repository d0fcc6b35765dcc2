"""Unit: the balancer's certificate, and the names that lead to it."""

import pytest
from pulumi_aws.acm.outputs import CertificateDomainValidationOption

from components.account import Account
from components.edge.balancer.certificate import proof_of, unusable
from components.edge.balancer.load_balancer import LoadBalancer
from tests import samples_balancer as samples
from tests.recording import Recording, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples.load_balancer)


def test_aws_issues_one_certificate_for_all_domains(built: Recording) -> None:
    inputs = built.one("Certificate").inputs
    assert inputs["domainName"] == "agents.example.com"
    assert inputs["subjectAlternativeNames"] == ["api.example.com"]
    assert inputs["validationMethod"] == "DNS"


def test_each_domain_is_proved_by_its_own_record(built: Recording) -> None:
    proofs = {
        each.name: each.inputs for each in built.kind("Record") if each.inputs["type"] == "CNAME"
    }
    assert {name: each["name"] for name, each in proofs.items()} == {
        "edge-proof-agents.example.com": "_proof.agents.example.com.",
        "edge-proof-api.example.com": "_proof.api.example.com.",
    }
    assert {each["zoneId"] for each in proofs.values()} == {"Z0123456789ABC"}


def test_a_domain_that_is_added_moves_no_record_of_another(built: Recording) -> None:
    reversed_ = deploy(
        lambda: samples.load_balancer(samples.settings(domains=samples.DOMAINS[::-1]))
    )
    for each in built.kind("Record"):
        assert reversed_.one("Record", each.name).inputs == each.inputs


def test_the_domains_lead_to_the_balancer(built: Recording) -> None:
    aliases = [each.inputs for each in built.kind("Record") if "aliases" in each.inputs]
    assert {each["name"]: each["type"] for each in aliases} == {
        "agents.example.com": "A",
        "api.example.com": "A",
    }
    for each in aliases:
        assert each["aliases"][0]["name"] == "lb-1.elb.amazonaws.com"
        assert "allowOverwrite" not in each


def test_with_ipv6_the_domains_lead_there_too() -> None:
    settings = samples.settings(dualstack=True, allowed_cidrs=("0.0.0.0/0", "::/0"))
    recording = deploy(lambda: samples.load_balancer(settings))
    types = [each.inputs["type"] for each in recording.kind("Record") if "aliases" in each.inputs]
    assert sorted(types) == ["A", "A", "AAAA", "AAAA"]
    assert recording.one("LoadBalancer", "edge-balancer").inputs["ipAddressType"] == "dualstack"


def test_a_certificate_that_is_there_is_taken_as_it_is() -> None:
    settings = samples.settings(certificate=samples.CERTIFICATE)
    recording = deploy(lambda: samples.load_balancer(settings))
    assert recording.kind("Certificate", "CertificateValidation") == []
    listener = recording.one("Listener", "edge-https").inputs
    assert listener["certificateArn"] == samples.CERTIFICATE
    assert {each.inputs["type"] for each in recording.kind("Record")} == {"A"}


def test_without_a_zone_the_records_are_somebody_elses() -> None:
    settings = samples.settings(certificate=samples.CERTIFICATE, zone=None)
    assert deploy(lambda: samples.load_balancer(settings)).kind("Record") == []


def test_a_certificate_of_another_region_is_refused() -> None:
    account = Account(id="123456789012", region="us-east-1")
    fault, *_ = unusable(samples.CERTIFICATE, account)
    assert "which is in eu-central-1, and the balancer in us-east-1" in fault


def test_a_certificate_of_another_account_is_refused() -> None:
    account = Account(id="210987654321", region="eu-central-1")
    (fault,) = unusable(samples.CERTIFICATE, account)
    assert "belongs to account 123456789012, and the balancer to 21" in fault


def test_the_balancer_refuses_it_before_anything_is_made() -> None:
    account = Account(id="123456789012", region="us-east-1")
    settings = samples.settings(certificate=samples.CERTIFICATE)
    with pytest.raises(ValueError, match="of the balancer's own region only; import or request"):
        deploy(lambda: LoadBalancer("edge", samples.load_balancer_args(settings, account=account)))


def test_a_domain_that_aws_does_not_ask_about_is_named() -> None:
    options = [CertificateDomainValidationOption(domain_name="api.example.com")]
    with pytest.raises(ValueError, match=r"names no record for agents\.example\.com, only for api"):
        proof_of("agents.example.com", options)
