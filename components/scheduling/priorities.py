"""Priority classes: what everybody needs goes before what some need, and both before what is unnamed."""

from typing import Final

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.scheduling.v1 import PriorityClass

from components.labels import labels

SHARED: Final = 100_000
"""Of the gateway and the stores: without them no agent answers."""
AGENTS: Final = 10_000
"""Of the agents. Pods without a class have 0, those of the cluster itself two thousand million."""


class Priorities(pulumi.ComponentResource):
    """The two classes of a cluster."""

    shared: pulumi.Output[str]
    """Name of the class of gateway and stores."""
    agents: pulumi.Output[str]
    """Name of the class of agents."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("agents:scheduling:Priorities", name, None, opts)
        self._name, self._child = name, pulumi.ResourceOptions(parent=self)
        self.shared = self._class("shared", SHARED, "Gateway and stores: no agent answers without")
        self.agents = self._class("agents", AGENTS, "Agents: they answer requests")
        self.register_outputs({"shared": self.shared, "agents": self.agents})

    def _class(self, role: str, value: int, description: str) -> pulumi.Output[str]:
        return PriorityClass(
            f"{self._name}-{role}",
            metadata=ObjectMetaArgs(name=f"platform-{role}", labels=labels(role, "priority")),
            value=value,
            description=description,
            opts=self._child,
        ).metadata.name
