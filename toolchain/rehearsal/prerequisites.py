"""What production finds in its account and does not make: a hosted zone, a certificate that is given."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from toolchain.providers.aws.aws import Aws
from toolchain.rehearsal.workspace import Document

GATEWAY = "agent-platform:gateway"
LIFE = dt.timedelta(days=1)


def provide(values: Document, simulated: Aws, region: str) -> Document:
    """The same settings, with the ids of what was made in their place in the simulated AWS."""
    gateway: Mapping[str, Any] = values.get(GATEWAY) or {}
    balancer: Mapping[str, Any] = gateway.get("balancer") or {}
    provided = dict(balancer)
    if balancer.get("zone"):
        name = str(balancer["zone"]["name"])
        provided["zone"] = {**balancer["zone"], "id": _zone(name, simulated, region)}
    if balancer.get("certificate"):
        names: Sequence[str] = balancer.get("domains") or ("rehearsal.example",)
        provided["certificate"] = _certificate(names, simulated, region)
    if provided == balancer:
        return values
    return {**values, GATEWAY: {**gateway, "balancer": provided}}


def _zone(name: str, simulated: Aws, region: str) -> str:
    """Id of a hosted zone."""
    made = simulated.client("route53", region).create_hosted_zone(
        Name=name, CallerReference="rehearsal"
    )
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def _certificate(names: Sequence[str], simulated: Aws, region: str) -> str:
    """ARN of a certificate for these names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + LIFE)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    imported = simulated.client("acm", region).import_certificate(
        Certificate=certificate.public_bytes(serialization.Encoding.PEM),
        PrivateKey=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    return str(imported["CertificateArn"])
