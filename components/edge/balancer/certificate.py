"""The balancer's certificate, and the names that lead to the balancer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import pulumi
from pulumi_aws import acm, route53
from pydantic import AfterValidator

from components.account import Account
from components.edge.balancer.domain import Zone

_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):acm:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):"
    r"certificate/[0-9a-f-]{36}"
)
# AWS Certificate Manager user guide, quotas and DNS validation.
FIRST_NAME_LIMIT: Final = 64
NAMES_LIMIT: Final = 10


def _arn(value: str) -> str:
    if not _ARN.fullmatch(value):
        raise ValueError(
            f"{value!r} is no ARN of a certificate: write the one AWS Certificate Manager shows, "
            "such as arn:aws:acm:eu-central-1:123456789012:certificate/, followed by its id"
        )
    return value


CertificateArn = Annotated[str, AfterValidator(_arn)]
"""ARN of a certificate in AWS Certificate Manager."""


def unusable(arn: CertificateArn, account: Account) -> Iterator[str]:
    """What keeps a balancer of `account` from taking the certificate `arn`."""
    match = _ARN.fullmatch(_arn(arn))
    region, owner = (match["region"], match["account"]) if match else ("", "")
    mend = "import or request it there, or leave certificate out and give zone"
    if region != account.region:
        yield (
            f"certificate is {arn}, which is in {region}, and the balancer in {account.region}: "
            f"AWS takes certificates of the balancer's own region only; {mend}"
        )
    if owner != account.id:
        yield (
            f"certificate is {arn}, which belongs to account {owner}, and the balancer to "
            f"{account.id}: AWS shares no certificates between accounts; {mend}"
        )


def issued(
    name: str, domains: Sequence[str], zone: Zone, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """ARN of a certificate for `domains`, known once it is valid. AWS renews it by itself.

    It stays valid for as long as the records that prove the ownership are in the zone.
    """
    certificate = acm.Certificate(
        f"{name}-certificate",
        domain_name=domains[0],
        subject_alternative_names=list(domains[1:]),
        validation_method="DNS",
        # A handshake costs the balancer and the client a fraction of RSA's.
        key_algorithm="EC_prime256v1",
        opts=opts,
    )
    proofs = [_proof(f"{name}-proof-{each}", certificate, each, zone, opts) for each in domains]
    return acm.CertificateValidation(
        f"{name}-validation",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[each.fqdn for each in proofs],
        opts=opts,
    ).certificate_arn


def _proof(
    name: str,
    certificate: acm.Certificate,
    domain: str,
    zone: Zone,
    opts: pulumi.ResourceOptions,
) -> route53.Record:
    # Found by its domain: AWS does not say in which order it lists the options.
    option = certificate.domain_validation_options.apply(lambda found: proof_of(domain, found))
    return route53.Record(
        name,
        zone_id=zone.id,
        name=option["resource_record_name"],
        type=option["resource_record_type"],
        records=[option["resource_record_value"]],
        ttl=300,
        # AWS gives a domain the same record in each certificate of an account.
        allow_overwrite=True,
        opts=opts,
    )


def proof_of(
    domain: str, options: Sequence[acm.outputs.CertificateDomainValidationOption]
) -> dict[str, str]:
    """The record that proves the ownership of `domain`, by the names of its outputs."""
    for each in options:
        if each.domain_name == domain:
            return {
                "resource_record_name": each.resource_record_name or "",
                "resource_record_type": each.resource_record_type or "",
                "resource_record_value": each.resource_record_value or "",
            }
    raise ValueError(
        f"AWS Certificate Manager names no record for {domain}, only for "
        f"{', '.join(each.domain_name or '' for each in options)}: request the certificate again"
    )


def aliases(
    name: str,
    domains: Sequence[str],
    zone: Zone,
    *,
    types: Sequence[str],
    target: route53.RecordAliasArgs,
    opts: pulumi.ResourceOptions,
) -> list[route53.Record]:
    """Records of these `types` that lead from each domain to `target`.

    A record that is already there is not taken over: the update fails and says so.
    """
    return [
        route53.Record(
            f"{name}-{type_.lower()}-{domain}",
            zone_id=zone.id,
            name=domain,
            type=type_,
            aliases=[target],
            opts=opts,
        )
        for domain in domains
        for type_ in types
    ]
