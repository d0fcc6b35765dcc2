"""The network as a stack file writes it."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from components.network.subnets import Slots, plan
from components.settings import Settings

PRIVATE: Final = tuple(
    IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""Where a network may lie: RFC 1918, and RFC 6598, which is shared but never public."""
LARGEST: Final = 16
"""AWS refuses a network larger than this."""
SMALLEST: Final = 24
"""Below it two zones have no room for load balancers."""
ZONE: Final = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-h]")

INTERFACE_ENDPOINTS: Final = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "secretsmanager",
    "sts",
)
"""What nodes, controllers and pods call all the time: images, identities, secrets, logs."""

RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
"""For how many days CloudWatch Logs can be told to keep what it has (API of PutRetentionPolicy)."""


def _cidr(value: str) -> str:
    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise ValueError(
            f"{value!r} is no IPv4 network: write its address and prefix, such as 10.0.0.0/16"
        ) from None
    if not LARGEST <= network.prefixlen <= SMALLEST:
        raise ValueError(
            f"{value!r} has the prefix /{network.prefixlen}: choose one from /{LARGEST}, the largest "
            f"AWS takes, to /{SMALLEST}, the smallest two zones fit in"
        )
    if str(network) != value:
        raise ValueError(f"{value!r} is an address inside a network: write the network, {network}")
    if not any(network.subnet_of(each) for each in PRIVATE):
        raise ValueError(
            f"{value!r} is not private: choose a network inside {', '.join(map(str, PRIVATE))}"
        )
    return value


def region_of(zone: str) -> str:
    """The region of an availability zone: `eu-central-1` of `eu-central-1a`.

    Raises `ValueError` for anything else, local and wavelength zones too.
    """
    match = ZONE.fullmatch(zone)
    if match is None:
        raise ValueError(
            f"{zone!r} is no availability zone: write the region and a letter, such as eu-central-1a "
            "(EKS takes no local or wavelength zones for its control plane)"
        )
    return match[1]


def _zones(zones: tuple[str, ...]) -> tuple[str, ...]:
    regions = sorted({region_of(zone) for zone in zones})
    if len(regions) > 1:
        raise ValueError(f"the zones lie in {' and '.join(regions)}: a network has one region")
    if len(set(zones)) < len(zones):
        raise ValueError(f"{', '.join(zones)}: a zone is there more than once, name each one once")
    if not 2 <= len(zones) <= 6:
        raise ValueError(
            f"got {len(zones)} of the 2 to 6 zones a network has: EKS and RDS Multi-AZ need two zones "
            "or more, and three let one fail while the others keep a majority"
        )
    return zones


def _services(services: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(services)) < len(services):
        raise ValueError(
            f"{', '.join(services)}: a service is there more than once, name each once"
        )
    if "s3" in services:
        raise ValueError("s3 has its gateway endpoint already, which costs nothing: remove it here")
    return services


Cidr = Annotated[str, AfterValidator(_cidr)]
Service = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
"""An AWS service by the end of its endpoint's name: `ecr.api` of `com.amazonaws.<region>.ecr.api`."""


class NetworkSettings(Settings):
    """The `network` of a cluster that the stack makes."""

    cidr: Cidr
    """Every subnet is cut from it (components/network/subnets.py). It cannot change later."""
    zones: Annotated[tuple[str, ...], AfterValidator(_zones)]
    """Availability zones by full name. More can be added later, up to the letter of `zone_slots`."""
    zone_slots: Slots = 4
    """How many zones there is room for: 4 is a to d. Changing it moves every subnet."""
    nat: Literal["per_zone", "single"] = "per_zone"
    """`single` saves a gateway's price for each further zone; if its zone fails, none reaches out."""
    flow_log_days: RetentionDays = 365
    interface_endpoints: Annotated[tuple[Service, ...], AfterValidator(_services)] = (
        INTERFACE_ENDPOINTS
    )
    """Services that are called without the NAT gateway. Each is paid by the hour and zone."""

    @model_validator(mode="after")
    def _fits(self) -> "NetworkSettings":
        plan(self.cidr, self.zones, self.zone_slots)
        return self


def faults(settings: NetworkSettings, *, region: str, service_cidr: str) -> Iterator[str]:
    """What keeps the network from `region` or from a cluster whose services live in `service_cidr`."""
    for zone in settings.zones:
        if region_of(zone) != region:
            yield (
                f"zone {zone} is in {region_of(zone)} and the stack in {region}: name zones of "
                f"{region}, or correct the region"
            )
    if IPv4Network(settings.cidr).overlaps(IPv4Network(service_cidr)):
        yield (
            f"the network {settings.cidr} and the cluster's services ({service_cidr}) share addresses, "
            "so that pods could not reach one or the other: move one of them"
        )
