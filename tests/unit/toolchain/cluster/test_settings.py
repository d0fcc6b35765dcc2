"""Addresses and ports: what a person may choose, and what is refused with an explanation."""

import pytest

from toolchain.cluster.model import ClusterError
from toolchain.cluster.settings import Settings


def test_the_host_has_the_first_address_and_the_node_the_second() -> None:
    settings = Settings.from_environment({})
    assert (settings.host_ip, settings.node_ip) == ("192.168.255.1", "192.168.255.2")


def test_ports_and_network_are_taken_from_the_environment() -> None:
    settings = Settings.from_environment(
        {
            "AGENT_PLATFORM_API_PORT": "26443",
            "AGENT_PLATFORM_EDGE_PORT": "18080",
            "AGENT_PLATFORM_NODE_NETWORK": "192.168.254.0/30",
        }
    )
    assert (settings.api_port, settings.edge_port) == (26443, 18080)
    assert settings.node_ip == "192.168.254.2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AGENT_PLATFORM_API_PORT", "0"),
        ("AGENT_PLATFORM_API_PORT", "many"),
        ("AGENT_PLATFORM_EDGE_PORT", "65536"),
        ("AGENT_PLATFORM_EDGE_PORT", "16443"),
        ("AGENT_PLATFORM_NODE_NETWORK", "192.168.254.0/24"),
        ("AGENT_PLATFORM_NODE_NETWORK", "192.168.254.1/30"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(name: str, value: str) -> None:
    with pytest.raises(ClusterError) as refused:
        Settings.from_environment({name: value})
    assert name in str(refused.value)
    assert value in str(refused.value)
    assert "wanted" in str(refused.value)
