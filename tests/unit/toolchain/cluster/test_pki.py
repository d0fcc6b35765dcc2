"""Certificates: fit for their use, kept while they fit, renewed in time."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from toolchain.cluster import pki
from toolchain.cluster.settings import Settings

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def certificate(directory: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / f"{name}.crt").read_bytes())


def made(directory: Path, settings: Settings, now: dt.datetime = NOW) -> tuple[str, ...]:
    return pki.ensure(directory, pki.leaves(settings), now)


@pytest.mark.parametrize("name", ["127.0.0.1", "192.168.255.2", "10.96.0.1"])
def test_the_api_server_is_trusted_under_every_address_it_is_called_by(
    tmp_path: Path, settings: Settings, name: str
) -> None:
    made(tmp_path, settings)
    store = Store([certificate(tmp_path, "ca")])
    verifier = PolicyBuilder().store(store).time(NOW)
    address = x509.IPAddress(ipaddress.ip_address(name))
    chain = verifier.build_server_verifier(address).verify(certificate(tmp_path, "apiserver"), [])
    assert chain[-1] == certificate(tmp_path, "ca")


def test_a_client_certificate_cannot_be_served(tmp_path: Path, settings: Settings) -> None:
    made(tmp_path, settings)
    extended = certificate(tmp_path, "admin").extensions.get_extension_for_class(
        x509.ExtendedKeyUsage
    )
    assert list(extended.value) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_second_run_makes_nothing(tmp_path: Path, settings: Settings) -> None:
    assert made(tmp_path, settings)
    assert made(tmp_path, settings) == ()


def test_a_certificate_near_its_end_is_made_anew_alone(tmp_path: Path, settings: Settings) -> None:
    made(tmp_path, settings)
    serial = certificate(tmp_path, "ca").serial_number
    later = NOW + pki.LEAF_LIFE - pki.RENEW_BEFORE
    names = made(tmp_path, settings, later)
    assert set(names) == {leaf.name for leaf in pki.leaves(settings)}
    assert certificate(tmp_path, "ca").serial_number == serial
    assert made(tmp_path, settings, later) == ()


def test_a_remade_authority_takes_its_certificates_along(
    tmp_path: Path, settings: Settings
) -> None:
    made(tmp_path, settings)
    (tmp_path / "etcd-ca.crt").unlink()
    assert set(made(tmp_path, settings)) == {"etcd-ca", "etcd-server", "etcd-client"}


def test_another_node_address_changes_what_serves_on_it_and_nothing_else(
    tmp_path: Path, settings: Settings
) -> None:
    made(tmp_path, settings)
    network = type(settings.node_network)("192.168.254.0/30")
    assert set(made(tmp_path, replace(settings, node_network=network))) == {
        "apiserver",
        "kubelet-server",
    }


def test_the_service_account_key_outlives_every_renewal(tmp_path: Path, settings: Settings) -> None:
    made(tmp_path, settings)
    key = (tmp_path / "service-account.key").read_bytes()
    made(tmp_path, settings, NOW + dt.timedelta(days=4000))
    assert (tmp_path / "service-account.key").read_bytes() == key


def test_every_key_is_for_its_owner_alone(tmp_path: Path, settings: Settings) -> None:
    made(tmp_path, settings)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.key")} == {0o600}


def test_openssl_takes_the_pair(tmp_path: Path, settings: Settings) -> None:
    pki.ensure(tmp_path, pki.leaves(settings))
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    context.load_cert_chain(str(tmp_path / "admin.crt"), str(tmp_path / "admin.key"))
    assert len(context.get_ca_certs()) == 1
