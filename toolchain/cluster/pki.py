"""The cluster's certificates: made once, kept while they fit, renewed before they end."""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from toolchain import atomic
from toolchain.cluster.settings import NODE_NAME, Settings

AUTHORITY_LIFE = dt.timedelta(days=3650)
LEAF_LIFE = dt.timedelta(days=365)
RENEW_BEFORE = dt.timedelta(days=30)
SERVICE_ACCOUNT_KEY = "service-account"


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A certificate wanted: whose it is, who signs it, under which names it serves."""

    name: str
    authority: str
    common_name: str
    organizations: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """DNS names and addresses; empty for a client."""
    client: bool = True


AUTHORITIES = ("ca", "front-proxy-ca", "etcd-ca")


def leaves(settings: Settings) -> tuple[Leaf, ...]:
    """Every certificate of the cluster."""
    local = ("localhost", "127.0.0.1")
    api = tuple(
        name
        for stem in ("kubernetes", "kubernetes.default", "kubernetes.default.svc")
        for name in ((stem, f"{stem}.{settings.domain}") if stem.endswith("svc") else (stem,))
    )
    metrics = "metrics-server.kube-system.svc"
    return (
        Leaf(name="etcd-server", authority="etcd-ca", common_name="etcd", names=local),
        Leaf(name="etcd-client", authority="etcd-ca", common_name="kube-apiserver"),
        Leaf(
            name="apiserver",
            authority="ca",
            common_name="kube-apiserver",
            names=(*local, *api, settings.kubernetes_ip, settings.node_ip),
            client=False,
        ),
        Leaf(
            name="apiserver-kubelet-client",
            authority="ca",
            common_name="kube-apiserver-kubelet-client",
            organizations=("system:masters",),
        ),
        Leaf(
            name="kubelet-server",
            authority="ca",
            common_name=f"system:node:{NODE_NAME}",
            organizations=("system:nodes",),
            names=(NODE_NAME, settings.node_ip),
            client=False,
        ),
        Leaf(
            name="metrics-server",
            authority="ca",
            common_name="metrics-server",
            names=(metrics, f"{metrics}.{settings.domain}"),
            client=False,
        ),
        Leaf(
            name="front-proxy-client", authority="front-proxy-ca", common_name="front-proxy-client"
        ),
        Leaf(name="admin", authority="ca", common_name="admin", organizations=("system:masters",)),
        Leaf(
            name="controller-manager",
            authority="ca",
            common_name="system:kube-controller-manager",
        ),
        Leaf(name="scheduler", authority="ca", common_name="system:kube-scheduler"),
        Leaf(name="kube-proxy", authority="ca", common_name="system:kube-proxy"),
        Leaf(
            name="kubelet",
            authority="ca",
            common_name=f"system:node:{NODE_NAME}",
            organizations=("system:nodes",),
        ),
        Leaf(name="cilium", authority="ca", common_name="agent-platform:cilium"),
        Leaf(name="volumes", authority="ca", common_name="agent-platform:volumes"),
    )


def ensure(
    directory: Path, wanted: Iterable[Leaf], now: dt.datetime | None = None
) -> tuple[str, ...]:
    """Have every authority, certificate and key in `directory`; return the names made anew."""
    moment = now or dt.datetime.now(dt.UTC)
    made: list[str] = []
    for name in AUTHORITIES:
        if not _authority_fits(directory / f"{name}.crt", moment):
            _make_authority(directory, name, moment)
            made.append(name)
    for leaf in wanted:
        if not _leaf_fits(directory, leaf, moment):
            _make_leaf(directory, leaf, moment)
            made.append(leaf.name)
    key = directory / f"{SERVICE_ACCOUNT_KEY}.key"
    if not key.exists():
        private = ec.generate_private_key(ec.SECP256R1())
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        write_private(directory / f"{SERVICE_ACCOUNT_KEY}.pub", public)
        write_private(key, _pem(private))
        made.append(SERVICE_ACCOUNT_KEY)
    return tuple(made)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, never visible half-written or wider."""
    atomic.write(path, content, mode=0o600)


def _authority_fits(path: Path, now: dt.datetime) -> bool:
    if not path.exists() or not path.with_suffix(".key").exists():
        return False
    return _read(path).not_valid_after_utc - now > RENEW_BEFORE + LEAF_LIFE


def _leaf_fits(directory: Path, leaf: Leaf, now: dt.datetime) -> bool:
    path = directory / f"{leaf.name}.crt"
    if not path.exists() or not path.with_suffix(".key").exists():
        return False
    certificate = _read(path)
    authority = _read(directory / f"{leaf.authority}.crt")
    if certificate.not_valid_after_utc - now <= RENEW_BEFORE:
        return False
    if certificate.issuer != authority.subject or not _signed_by(certificate, authority):
        return False
    return certificate.subject == _subject(leaf) and _names(certificate) == set(leaf.names)


def _signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    # The key identifier names the authority's key: a remade authority has another one.
    wanted = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    got = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    return got.key_identifier == wanted


def _names(certificate: x509.Certificate) -> set[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return set(found.get_values_for_type(x509.DNSName)) | {
        str(address) for address in found.get_values_for_type(x509.IPAddress)
    }


def _make_authority(directory: Path, name: str, now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"agent-platform {name}")])
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_pair(directory, name, certificate, key)


def _make_leaf(directory: Path, leaf: Leaf, now: dt.datetime) -> None:
    authority = _read(directory / f"{leaf.authority}.crt")
    signer = serialization.load_pem_private_key(
        (directory / f"{leaf.authority}.key").read_bytes(), password=None
    )
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError(
            f"got {type(signer).__name__} in {directory / leaf.authority}.key, wanted an EC key; "
            f"remove {directory} to have all certificates made anew"
        )
    key = ec.generate_private_key(ec.SECP256R1())
    usages = [ExtendedKeyUsageOID.SERVER_AUTH] if leaf.names else []
    usages += [ExtendedKeyUsageOID.CLIENT_AUTH] if leaf.client else []
    identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
        authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    )
    builder = (
        _builder(_subject(leaf), authority.subject, key.public_key(), now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(identifier, critical=False)
    )
    if leaf.names:
        names = x509.SubjectAlternativeName([_general_name(name) for name in leaf.names])
        builder = builder.add_extension(names, critical=False)
    _write_pair(directory, leaf.name, builder.sign(signer, hashes.SHA256()), key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # An hour back, for clocks that were set between two starts.
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(leaf: Leaf) -> x509.Name:
    return x509.Name(
        [
            *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, name) for name in leaf.organizations),
            x509.NameAttribute(NameOID.COMMON_NAME, leaf.common_name),
        ]
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write_pair(
    directory: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    write_private(directory / f"{name}.key", _pem(key))
    write_private(directory / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM))
