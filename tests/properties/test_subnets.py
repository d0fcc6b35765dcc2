"""Properties: what holds for every network that can be divided."""

from ipaddress import IPv4Network
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from components.network.settings import NetworkSettings
from components.network.subnets import EDGE_SMALLEST, Slots, letter, plan

SLOTS: tuple[Slots, ...] = (2, 4, 8)


@st.composite
def networks(draw: st.DrawFn) -> NetworkSettings:
    """Every size, every way to cut it that leaves room, any of the zones there is room for."""
    slots = draw(st.sampled_from(SLOTS))
    prefix = draw(st.integers(16, EDGE_SMALLEST - 1 - slots.bit_length()))
    address = (10 << 24) + (draw(st.integers(0, 2 ** (prefix - 8) - 1)) << (32 - prefix))
    zones = draw(st.lists(st.sampled_from("abcdefgh"[:slots]), min_size=2, max_size=6, unique=True))
    return NetworkSettings(
        cidr=str(IPv4Network((address, prefix))),
        zones=tuple(f"eu-central-1{each}" for each in zones),
        zone_slots=slots,
    )


def cut(network: NetworkSettings) -> list[tuple[IPv4Network, IPv4Network, IPv4Network]]:
    """Private, public and data subnet of each zone."""
    return [
        (IPv4Network(each.private), IPv4Network(each.public), IPv4Network(each.data))
        for each in plan(network.cidr, network.zones, network.zone_slots)
    ]


@given(network=networks())
def test_subnets_lie_inside_the_network_and_share_no_address(network: NetworkSettings) -> None:
    every = [subnet for zone in cut(network) for subnet in zone]
    assert len(every) == 3 * len(network.zones)
    assert all(subnet.subnet_of(IPv4Network(network.cidr)) for subnet in every)
    assert not any(one.overlaps(other) for one, other in combinations(every, 2))


@given(network=networks())
def test_every_subnet_has_a_size_that_aws_and_load_balancers_take(network: NetworkSettings) -> None:
    for private, public, data in cut(network):
        assert 16 <= private.prefixlen <= EDGE_SMALLEST
        assert 24 <= public.prefixlen == data.prefixlen <= EDGE_SMALLEST
        assert private.num_addresses >= 2 * public.num_addresses


@given(network=networks())
def test_zones_have_the_same_number_of_addresses(network: NetworkSettings) -> None:
    sizes = {tuple(subnet.prefixlen for subnet in zone) for zone in cut(network)}
    assert len(sizes) == 1


@given(network=networks(), further=st.sampled_from("abcdefgh"))
def test_a_further_zone_moves_no_subnet(network: NetworkSettings, further: str) -> None:
    before = plan(network.cidr, network.zones, network.zone_slots)
    if further in map(letter, network.zones) or ord(further) - ord("a") >= network.zone_slots:
        return
    zones = (*network.zones, f"eu-central-1{further}")
    assert plan(network.cidr, zones, network.zone_slots)[:-1] == before


@given(network=networks(), order=st.randoms())
def test_the_order_and_the_loss_of_zones_move_no_subnet(
    network: NetworkSettings, order: Random
) -> None:
    before = {each.zone: each for each in plan(network.cidr, network.zones, network.zone_slots)}
    left = list(network.zones[1:])
    order.shuffle(left)
    for each in plan(network.cidr, left, network.zone_slots):
        assert before[each.zone] == each
