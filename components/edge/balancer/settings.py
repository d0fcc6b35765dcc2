"""The balancer in front of the gateway as a stack file writes it."""

from collections.abc import Iterator
from ipaddress import IPv6Network, ip_network
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from components.edge.balancer.certificate import (
    FIRST_NAME_LIMIT,
    NAMES_LIMIT,
    CertificateArn,
)
from components.edge.balancer.domain import Domain, Zone, outside
from components.edge.balancer.drain import Kind
from components.edge.balancer.firewall import FirewallSettings
from components.edge.balancer.naming import Scheme
from components.edge.balancer.rules import Rule, faults
from components.settings import Settings

_CLASSIC: Final = ("classic", "elb", "clb")
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")


def _current(value: object) -> object:
    if isinstance(value, str) and value.lower() in _CLASSIC:
        raise ValueError(
            f"{value} is a Classic Load Balancer, AWS's previous generation: it speaks no TLS 1.3, "
            "reaches nodes instead of pods (no target type ip), takes no web application firewall "
            "and routes by neither host nor path; write application, or network for TCP as it is"
        )
    return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise ValueError(
            f"{value!r} is no network ({error}): write an address and a prefix, such as "
            "203.0.113.0/24"
        ) from None


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 or IPv6 network: `203.0.113.0/24`."""


class BalancerSettings(Settings):
    """The stack's `gateway.balancer`."""

    type: Annotated[Kind, BeforeValidator(_current)]
    """`application` reads requests and routes them; `network` passes connections on after TLS."""
    scheme: Scheme = "internet-facing"
    dualstack: bool = False
    """Whether it has IPv6 addresses too. The subnets have to have some."""
    domains: tuple[Domain, ...] = ()
    """Names that clients call. With some, requests for any other host are answered 404."""
    zone: Zone | None = None
    """Gets a record for each of the domains, and those that prove a certificate."""
    certificate: CertificateArn | None = None
    """One that is there already. AWS issues one for the domains, if not given."""
    allowed_cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)] = ("0.0.0.0/0",)
    """Who may connect."""
    idle_timeout_seconds: Annotated[int, Field(ge=1, le=4000)] = 120
    """How long nothing may be sent on a connection, so how long an answer may pause in its stream."""
    firewall: FirewallSettings | None = None
    """`{}` is one with its defaults. An application balancer open to everybody needs it."""
    access_log_days: Annotated[int, Field(ge=1)] = 365
    rules: tuple[Rule, ...] = ()
    """Which requests a second release of the gateway gets a share of, and exceptions from that."""

    @model_validator(mode="after")
    def _consistent(self) -> "BalancerSettings":
        found = [*self._names(), *self._addresses(), *self._layers(), *_repeated(self.domains)]
        found += faults(self.rules, self.domains)
        if found:
            raise ValueError("; ".join(found))
        return self

    def called(self, domains: tuple[str, ...]) -> "BalancerSettings":
        """The same for other names. Raises `ValidationError` where they do not fit to the rest."""
        given = self.model_dump(exclude_unset=True)
        return BalancerSettings.model_validate({**given, "domains": domains})

    @property
    def public(self) -> bool:
        """Whether anybody on the internet may connect."""
        return self.scheme == "internet-facing" and any(
            cidr in _ANYWHERE for cidr in self.allowed_cidrs
        )

    @property
    def canary(self) -> bool:
        """Whether a rule may send requests to a second release of the gateway."""
        return any(rule.weights is not None for rule in self.rules)

    def _names(self) -> Iterator[str]:
        if self.zone is not None:
            for domain in outside(self.domains, self.zone):
                yield (
                    f"{domain} is not in the zone {self.zone.name}: take it out of domains, or name "
                    "the zone that answers for it"
                )
            if not self.domains:
                yield "zone is given and domains is empty: list what clients call, or leave zone out"
        if self.certificate is None:
            yield from self._to_be_issued()

    def _to_be_issued(self) -> Iterator[str]:
        """What speaks against a certificate that AWS issues."""
        if self.zone is None:
            yield (
                "there is neither a certificate nor a zone, so no TLS: give the ARN of a "
                "certificate, or a zone in which AWS can prove the domains"
            )
        elif len(self.domains) > NAMES_LIMIT:
            yield (
                f"there are {len(self.domains)} domains and AWS issues a certificate for "
                f"{NAMES_LIMIT} at most: list fewer, or give the ARN of a certificate"
            )
        elif self.domains and len(self.domains[0]) > FIRST_NAME_LIMIT:
            yield (
                f"the first of domains has {len(self.domains[0])} characters and a certificate's "
                f"first name {FIRST_NAME_LIMIT} at most: put a shorter one first"
            )

    def _addresses(self) -> Iterator[str]:
        newer = [cidr for cidr in self.allowed_cidrs if isinstance(ip_network(cidr), IPv6Network)]
        if newer and not self.dualstack:
            yield (
                f"allowed_cidrs has {', '.join(newer)} and the balancer no IPv6 address: set "
                "dualstack, or take it out"
            )
        if self.dualstack and not newer:
            yield (
                "dualstack is set and allowed_cidrs has no IPv6 network, so nobody gets in that "
                "way: add one, such as ::/0"
            )

    def _layers(self) -> Iterator[str]:
        if self.type == "network":
            yield from self._layer_seven()
        elif self.public and self.firewall is None:
            yield (
                "the balancer is open to everybody and has no firewall: write `firewall: {}` for "
                "the defaults, or name in allowed_cidrs who may connect"
            )

    def _layer_seven(self) -> Iterator[str]:
        """What needs a balancer that reads requests."""
        why = "a network load balancer does not read requests (it works on layer 4)"
        if self.firewall is not None:
            yield f"type is network and firewall is given: {why}, so AWS WAF cannot stand in front of it"
        if self.rules:
            yield f"type is network and rules are given: {why}, so it knows no host, path or header"
        if "idle_timeout_seconds" in self.model_fields_set:
            yield (
                "type is network and idle_timeout_seconds is given: AWS fixes it at 350 s for TLS; "
                "leave it out"
            )


def _repeated(domains: tuple[str, ...]) -> Iterator[str]:
    repeated = sorted({domain for domain in domains if domains.count(domain) > 1})
    if repeated:
        yield f"{', '.join(repeated)} is in domains more than once: list it once"
