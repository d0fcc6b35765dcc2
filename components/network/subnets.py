"""How a network's addresses are divided, as arithmetic.

The network is cut into equal parts, and each zone has the part of its letter: the first is zone a's,
the second zone b's. So a zone that is added or removed, or written in another order, moves no subnet
of the others. A part is divided again:

- its first half is private: nodes, and pods, which take most of the addresses;
- next is public: load balancers and NAT gateways;
- next is data: databases and caches;
- the rest is free, for tiers to come.

Public and data are a quarter of the part each, but never more than a /24: what lives there is counted
in tens. 10.0.0.0/16 in four parts gives zone b 10.0.64.0/18, and in it 10.0.64.0/19 (8187 addresses
for nodes and pods), 10.0.96.0/24 and 10.0.97.0/24 (251 each).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final, Literal

RESERVED: Final = 5
"""Addresses AWS keeps in every subnet: the first four and the last."""
EDGE_LARGEST: Final = 24
"""Shortest prefix of a public or data subnet."""
EDGE_SMALLEST: Final = 27
"""Longest prefix of a public or data subnet: a load balancer takes no subnet below a /27, and wants 8
free addresses. A private subnet is twice as large at least, which is more than EKS asks for."""

Slots = Literal[2, 4, 8]
"""Into how many parts a network is cut: a power of two, so that they are equal."""


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The subnets of one availability zone, as CIDR."""

    zone: str
    private: str
    public: str
    data: str


Plan = tuple[ZoneSubnets, ...]
"""The subnets of every zone, in the order of the zones."""


def letter(zone: str) -> str:
    """What tells the zone from the others of its region: `a` of `eu-central-1a`."""
    return zone[-1]


def usable(cidr: str) -> int:
    """How many addresses of the subnet `cidr` AWS hands out."""
    return IPv4Network(cidr).num_addresses - RESERVED


def plan(cidr: str, zones: Sequence[str], slots: Slots = 4) -> Plan:
    """Subnets for each of `zones`, unique zones of one region, in a network cut into `slots` parts.

    Raises `ValueError` when a zone's letter has no part, or the parts are too small.
    """
    network = IPv4Network(cidr)
    part = network.prefixlen + slots.bit_length() - 1
    edge = max(EDGE_LARGEST, part + 2)
    if edge > EDGE_SMALLEST:
        widest = EDGE_SMALLEST - 2 - slots.bit_length() + 1
        raise ValueError(
            f"{cidr} in {slots} parts leaves a /{edge} for a zone's public subnet, and load balancers "
            f"want a /{EDGE_SMALLEST}: take a /{widest} or larger, or fewer zone_slots"
        )
    return tuple(_zone(zone, network, part, edge, slots) for zone in zones)


def _zone(zone: str, network: IPv4Network, part: int, edge: int, slots: Slots) -> ZoneSubnets:
    index = ord(letter(zone)) - ord("a")
    if index >= slots:
        raise ValueError(
            f"zone {zone} has part {index + 1} of the network, and zone_slots is {slots}: take a zone "
            f"up to {chr(ord('a') + slots - 1)}, or set zone_slots before the network is created "
            "(it moves every subnet)"
        )
    own = _cut(network, part, index)
    rest = _cut(own, part + 1, 1)
    return ZoneSubnets(
        zone=zone,
        private=str(_cut(own, part + 1, 0)),
        public=str(_cut(rest, edge, 0)),
        data=str(_cut(rest, edge, 1)),
    )


def _cut(network: IPv4Network, prefix: int, index: int) -> IPv4Network:
    """The part with number `index` when `network` is cut into networks of `prefix`."""
    return IPv4Network((int(network.network_address) + (index << (32 - prefix)), prefix))
