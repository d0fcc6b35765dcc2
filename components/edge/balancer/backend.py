"""The gateway as a balancer sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Backend:
    """Pods that take the balancer's requests, and the Services that list them."""

    namespace: pulumi.Input[str]
    service: pulumi.Input[str]
    canary: pulumi.Input[str] | None = None
    """Service of a second release of the gateway. Rules with weights need one."""
    service_port: str
    """Name of the port, the same in each Service."""
    pods: Mapping[str, str]
    """Labels of the pods."""
    port: int
    """Where a pod takes requests."""
    health_port: int
    health_path: str
    pre_stop_seconds: int
    """How long a pod that has to end goes on taking requests."""
    drain_seconds: int
    """How long it then has for the requests it holds."""
    idle_seconds: int
    """After how long without a request a pod closes a connection."""

    @property
    def ports(self) -> tuple[int, ...]:
        """Everything the balancer connects to, each port once."""
        return tuple(dict.fromkeys((self.port, self.health_port)))
