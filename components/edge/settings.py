"""The gateway as a stack file writes it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.edge.balancer.settings import BalancerSettings
from components.hardening import Compute
from components.settings import Settings

NodePort = Annotated[int, Field(ge=30000, le=32767)]


class GatewaySettings(Settings):
    """The stack's `gateway`."""

    replicas: Annotated[int, Field(ge=1)]
    expose: Literal["ClusterIP", "NodePort"]
    """`NodePort` where the cluster's edge is a port of its nodes, `ClusterIP` behind a load balancer."""
    node_port: NodePort | None = None
    read_timeout_seconds: Annotated[int, Field(ge=1)] = 60
    """How long a client may take to send a request."""
    resources: Compute
    balancer: BalancerSettings | None = None
    """The load balancer that AWS puts before it; none where the cluster has an edge of its own."""

    @model_validator(mode="after")
    def _port_fits(self) -> "GatewaySettings":
        if (self.expose == "NodePort") != (self.node_port is not None):
            raise ValueError(
                f"expose is {self.expose} and node_port is {self.node_port}: NodePort needs a port "
                "(30000 to 32767), ClusterIP has none"
            )
        return self
