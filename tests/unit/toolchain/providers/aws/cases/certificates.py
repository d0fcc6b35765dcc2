"""Samples of certificates."""

from typing import Any

from tests.unit.toolchain.providers.aws.cases.domains import RECORD, ZONE
from tests.unit.toolchain.providers.aws.stand_in import Case, World

CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"


def proof(world: World, option: dict[str, str]) -> str:
    """Make the record that proves a name; its full name."""
    inputs = {
        "zoneId": world[ZONE].id,
        "name": option["resourceRecordName"],
        "type": option["resourceRecordType"],
        "records": [option["resourceRecordValue"]],
        "ttl": 300,
        "allowOverwrite": True,
    }
    made = world.engine.make(RECORD, inputs, name=f"proof-{option['domainName']}")
    return made.outputs["fqdn"]


def proven(world: World) -> dict[str, Any]:
    """Inputs of a validation whose records are there."""
    certificate = world[CERTIFICATE]
    options = certificate.outputs["domainValidationOptions"]
    return {
        "certificateArn": certificate.id,
        "validationRecordFqdns": [proof(world, option) for option in options],
    }


CASES = (
    Case(
        token=CERTIFICATE,
        inputs=lambda _: {
            "domainName": "agents.example.com",
            "subjectAlternativeNames": ["www.example.com", "api.example.com"],
            "validationMethod": "DNS",
            "keyAlgorithm": "EC_prime256v1",
        },
        replaces={"domainName": "other.example.com", "keyAlgorithm": "RSA_2048"},
        # Their order means nothing.
        respelled=("subjectAlternativeNames",),
    ),
    Case(
        token=VALIDATION,
        inputs=proven,
        replaces={"certificateArn": "arn:aws:acm:other"},
    ),
)
