"""The addresses and names that the cluster is made with."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass

from toolchain.cluster.model import ClusterError

API_PORT = "AGENT_PLATFORM_API_PORT"
EDGE_PORT = "AGENT_PLATFORM_EDGE_PORT"
NODE_NETWORK = "AGENT_PLATFORM_NODE_NETWORK"

DEFAULT_NODE_NETWORK = ipaddress.IPv4Network("192.168.255.0/30")

CONTEXT = "agent-platform-dev"
NODE_NAME = "agent-platform-dev"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the cluster listens and which networks it uses."""

    api_port: int = 16443
    """Loopback port of the host that leads to the API server."""
    edge_port: int = 8080
    """Loopback port of the host that leads to the gateway's node port."""
    edge_node_port: int = 30080
    node_network: ipaddress.IPv4Network = DEFAULT_NODE_NETWORK
    """Two usable addresses: the host's end first, the node's end second."""
    pod_cidr: str = "10.244.0.0/16"
    service_cidr: str = "10.96.0.0/16"
    dns_ip: str = "10.96.0.10"
    kubernetes_ip: str = "10.96.0.1"
    domain: str = "cluster.local"

    def __post_init__(self) -> None:
        """Refuse networks that cannot hold a host end and a node end."""
        if self.node_network.prefixlen != 30:
            raise ClusterError(
                f"got {NODE_NETWORK}={self.node_network}, wanted an IPv4 network with prefix /30 "
                "(two addresses: host and node), for example 192.168.255.0/30"
            )
        if self.api_port == self.edge_port:
            raise ClusterError(
                f"got {API_PORT} and {EDGE_PORT} both {self.api_port}, wanted two different ports"
            )

    @property
    def host_ip(self) -> str:
        """The host's end of the link to the node."""
        return str(self.node_network[1])

    @property
    def node_ip(self) -> str:
        """The node's end of the link to the host."""
        return str(self.node_network[2])

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings a person chose through the environment, defaults for the rest."""
        defaults = cls()
        network = environment.get(NODE_NETWORK, str(defaults.node_network))
        try:
            node_network = ipaddress.IPv4Network(network)
        except ValueError as error:
            raise ClusterError(
                f"got {NODE_NETWORK}={network!r} ({error}), wanted an IPv4 network such as "
                "192.168.255.0/30"
            ) from error
        return cls(
            api_port=_port(environment, API_PORT, defaults.api_port),
            edge_port=_port(environment, EDGE_PORT, defaults.edge_port),
            node_network=node_network,
        )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ClusterError(f"got {name}={text!r}, wanted a port number from 1 to 65535")
    return int(text)
