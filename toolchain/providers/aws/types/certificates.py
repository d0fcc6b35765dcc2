"""AWS Certificate Manager: certificates, and the proof of whose the names are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import Refusal, absent, refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, pairs, plain, tags, wire
from toolchain.providers.aws.types import domains
from toolchain.providers.aws.values import Inputs, Outputs

ALGORITHMS = ("RSA_2048", "EC_prime256v1", "EC_secp384r1")
"""What AWS issues for names in public (ACM user guide, key algorithms)."""
NAMES = 10
"""As many as one certificate has unless AWS was asked for more (ACM user guide, quotas)."""
FIRST_NAME_LETTERS = 64
WAIT_SECONDS = 5
"""How long a validation looks for its records. AWS's own takes minutes; here there is nothing to wait for
but another resource of the same update."""


def _create(call: Call, inputs: Inputs) -> str:
    _check(inputs)
    # AWS takes no empty list; the official provider leaves it out.
    others = ("subjectAlternativeNames",) if inputs.get("subjectAlternativeNames") else ()
    made = call.api.request_certificate(
        **api(inputs, "domainName", *others, "validationMethod", "keyAlgorithm"),
        **({"Tags": pairs(call.tags)} if call.tags else {}),
    )
    arn = call.made(made["CertificateArn"])
    # Moto makes keys of one kind only.
    records.write(call, arn, {"keyAlgorithm": inputs.get("keyAlgorithm", ALGORITHMS[0])})
    return arn


def _check(inputs: Inputs) -> None:
    first = str(inputs.get("domainName", ""))
    names = {first, *inputs.get("subjectAlternativeNames", ())}
    if len(first) > FIRST_NAME_LETTERS:
        raise refused(
            "InvalidDomainValidationOptionsException",
            f"The first domain name can be no longer than {FIRST_NAME_LETTERS} characters",
            "RequestCertificate",
        )
    if len(names) > NAMES:
        raise refused(
            "LimitExceededException",
            f"You have exceeded the maximum number of domain names, which is {NAMES}",
            "RequestCertificate",
        )
    if inputs.get("validationMethod") != "DNS":
        raise refused(
            "ValidationException",
            "only certificates that AWS issues after validation by DNS are rehearsed",
            "RequestCertificate",
        )
    if inputs.get("keyAlgorithm", ALGORITHMS[0]) not in ALGORITHMS:
        raise refused(
            "ValidationException",
            f"{inputs['keyAlgorithm']} is not one of {', '.join(ALGORITHMS)}",
            "RequestCertificate",
        )


def _read(call: Call, arn: str) -> Outputs | None:
    found = _described(call, arn)
    first = found["DomainName"]
    given = call.inputs.get("subjectAlternativeNames", ())
    # AWS lists the first name among the others, whether it was given there or not.
    others = [name for name in found["SubjectAlternativeNames"] if name != first or name in given]
    answer = call.api.list_tags_for_certificate(CertificateArn=arn)["Tags"]
    return {
        **wire(found, "domainName", "notAfter", "notBefore", "renewalEligibility", "type"),
        **(records.read(call, arn) or {}),
        "arn": arn,
        "subjectAlternativeNames": sorted(others),
        "domainValidationOptions": [
            {
                **wire(each, "domainName"),
                **wire(
                    each["ResourceRecord"],
                    resourceRecordName="Name",
                    resourceRecordType="Type",
                    resourceRecordValue="Value",
                ),
            }
            for each in _options(found)
        ],
        "options": plain(wire(found, "options")["options"]),
        "pendingRenewal": False,
        "renewalSummaries": [],
        "status": "ISSUED" if issued(call, found) else "PENDING_VALIDATION",
        "validationEmails": [],
        "validationMethod": "DNS",
        "tags": tags(answer),
    }


def _described(call: Call, arn: str) -> dict[str, Any]:
    return call.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]


def _options(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(found.get("DomainValidationOptions", ()), key=lambda each: each["DomainName"])


def issued(call: Call, found: Mapping[str, Any]) -> bool:
    """Whether a certificate is valid: as long as the records that prove its names are there.

    Moto has it valid after a minute, whatever is in the zones. AWS leaves it valid when the records go, but
    does not renew it then.
    """
    return found["Type"] != "AMAZON_ISSUED" or not list(_missing(call, found))


def _missing(call: Call, found: Mapping[str, Any]) -> Iterator[str]:
    for each in _options(found):
        record = each["ResourceRecord"]
        if record["Value"] not in domains.answers(call, record["Name"], record["Type"]):
            yield f"{record['Name']} {record['Type']} {record['Value']}"


def check_usable(call: Call, arn: str, operation: str) -> None:
    """Refuse a certificate that no balancer of the call's region can show."""
    try:
        found = _described(call, arn)
    except ClientError as error:
        if not absent(error):
            raise
        raise refused(
            "CertificateNotFound", f"Certificate '{arn}' not found in {call.region}", operation
        ) from error
    if not issued(call, found):
        raise refused(
            "UnsupportedCertificate",
            f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and "
            "a supported key size (it is not issued yet)",
            operation,
        )


def _delete(call: Call, arn: str) -> None:
    users = sorted(_users(call, arn))
    if users:
        raise refused(
            "ResourceInUseException",
            f"Certificate {arn} is in use by {', '.join(users)}",
            "DeleteCertificate",
        )
    records.remove(call, arn)
    call.api.delete_certificate(CertificateArn=arn)


def _users(call: Call, arn: str) -> Iterator[str]:
    """Listeners that show it; moto's own list keeps those that are gone."""
    balancers = call.client("elbv2")
    for page in balancers.get_paginator("describe_load_balancers").paginate():
        for each in page["LoadBalancers"]:
            found = balancers.describe_listeners(LoadBalancerArn=each["LoadBalancerArn"])
            for listener in found["Listeners"]:
                if {"CertificateArn": arn} in listener.get("Certificates", ()):
                    yield listener["ListenerArn"]


def _tag(call: Call, arn: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed:
        call.api.add_tags_to_certificate(CertificateArn=arn, Tags=pairs(changed))
    if removed:
        call.api.remove_tags_from_certificate(
            CertificateArn=arn, Tags=[{"Key": name} for name in removed]
        )


CERTIFICATE = Type(
    "aws:acm/certificate:Certificate",
    service="acm",
    create=_create,
    read=_read,
    delete=_delete,
    tag=_tag,
    replaces=("domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"),
    volatile=("status",),
)


def _validate(call: Call, inputs: Inputs) -> None:
    """Refuse what never becomes valid: AWS would wait for it in vain."""
    arn = inputs["certificateArn"]
    found = _described(call, arn)
    if found["Type"] != "AMAZON_ISSUED":
        raise Refusal(f"{arn} was not issued by AWS, so there is nothing to validate")
    _check_named(found, inputs.get("validationRecordFqdns"))
    try:
        call.wait(lambda: issued(call, found), "the certificate is issued", WAIT_SECONDS)
    except Refusal as error:
        missing = "; ".join(_missing(call, found))
        raise Refusal(f"{error}. No public zone of the account has: {missing}") from error


def _check_named(found: Mapping[str, Any], given: Sequence[str] | None) -> None:
    if given is None:
        return
    named = {name.rstrip(".") for name in given}
    needed = {each["ResourceRecord"]["Name"].rstrip(".") for each in _options(found)}
    if named != needed:
        raise Refusal(
            f"validationRecordFqdns are {', '.join(sorted(named))}; the certificate is validated by "
            f"{', '.join(sorted(needed))}"
        )


def _still_there(call: Call, identity: str, _: Inputs) -> Outputs:
    _described(call, identity)
    return {}


VALIDATION = records.played(
    "aws:acm/certificateValidation:CertificateValidation",
    service="acm",
    # The official provider's id is the time of issue, which finds nothing.
    identity=lambda _, inputs: str(inputs["certificateArn"]),
    outputs=_still_there,
    check=_validate,
    tagged=False,
    replaces=("certificateArn", "validationRecordFqdns"),
)

TYPES = (CERTIFICATE, VALIDATION)
