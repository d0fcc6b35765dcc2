"""A certificate authority of the stack's own, for TLS between the platform's parts."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_tls as tls

_HOUR: Final = 1
_DAY: Final = 24 * _HOUR
AUTHORITY_HOURS: Final = 10 * 365 * _DAY
LEAF_HOURS: Final = 90 * _DAY
RENEW_BEFORE_HOURS: Final = 30 * _DAY
"""A certificate this near its end is issued anew by the next update."""


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What a server or a client needs to be believed. `key` is secret."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]
    authority: pulumi.Output[str]


def service_names(service: str, namespace: str) -> list[str]:
    """The DNS names under which pods reach a Service, and the loopback name probes use."""
    return [
        f"{service}.{namespace}.svc",
        f"{service}.{namespace}.svc.cluster.local",
        f"{service}.{namespace}",
        "localhost",
    ]


class Authority(pulumi.ComponentResource):
    """Issues certificates. Its private key lives in the encrypted state and nowhere else."""

    certificate: pulumi.Output[str]
    """The authority's own certificate, PEM."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("agents:secrets:Authority", name, None, opts)
        self._name = name
        self._key = tls.PrivateKey(
            f"{name}-key",
            algorithm="ECDSA",
            ecdsa_curve="P256",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._certificate = tls.SelfSignedCert(
            f"{name}-certificate",
            private_key_pem=self._key.private_key_pem,
            is_ca_certificate=True,
            set_subject_key_id=True,
            subject=tls.SelfSignedCertSubjectArgs(
                common_name=f"{name} authority", organization="agent-platform"
            ),
            allowed_uses=["cert_signing", "crl_signing", "digital_signature"],
            validity_period_hours=AUTHORITY_HOURS,
            early_renewal_hours=365 * _DAY,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.certificate = self._certificate.cert_pem
        self.register_outputs({"certificate": self.certificate})

    def issue(self, name: str, dns_names: list[str]) -> Certificate:
        """A server certificate for `dns_names`, renewed by the first update in its last 30 days."""
        return self._sign(name, "server_auth", dns_names[0], dns_names, ["127.0.0.1"])

    def issue_client(self, name: str, common_name: str) -> Certificate:
        """A certificate that lets its holder in as `common_name`, renewed as the servers' are."""
        return self._sign(name, "client_auth", common_name, [], [])

    def _sign(
        self, name: str, use: str, common_name: str, dns_names: list[str], addresses: list[str]
    ) -> Certificate:
        child = pulumi.ResourceOptions(parent=self)
        key = tls.PrivateKey(
            f"{self._name}-{name}-key", algorithm="ECDSA", ecdsa_curve="P256", opts=child
        )
        request = tls.CertRequest(
            f"{self._name}-{name}-request",
            private_key_pem=key.private_key_pem,
            subject=tls.CertRequestSubjectArgs(common_name=common_name),
            dns_names=dns_names,
            ip_addresses=addresses,
            opts=child,
        )
        certificate = tls.LocallySignedCert(
            f"{self._name}-{name}-certificate",
            ca_private_key_pem=self._key.private_key_pem,
            ca_cert_pem=self.certificate,
            cert_request_pem=request.cert_request_pem,
            allowed_uses=["digital_signature", "key_encipherment", use],
            validity_period_hours=LEAF_HOURS,
            early_renewal_hours=RENEW_BEFORE_HOURS,
            opts=child,
        )
        return Certificate(
            certificate=certificate.cert_pem,
            key=key.private_key_pem,
            authority=self.certificate,
        )
