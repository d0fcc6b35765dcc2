"""On which nodes an agent's pods may run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pulumi_kubernetes.core.v1 import PodSpecArgs, TolerationArgs

from components.labels import TENANT


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Nodes by their labels, and the taints that do not keep the pods away."""

    node_selector: Mapping[str, str] = field(default_factory=dict[str, str])
    tolerations: Sequence[TolerationArgs] = ()

    def place(self, pod: PodSpecArgs) -> None:
        """Have `pod` run there."""
        if self.node_selector:
            pod.node_selector = dict(self.node_selector)
        if self.tolerations:
            pod.tolerations = list(self.tolerations)


ANYWHERE: Final = Placement()
"""Every node without a taint."""


def dedicated(tenant: str) -> Placement:
    """The tenant's own nodes, which have its label and the taint of the same name, `NoSchedule`."""
    return Placement(
        node_selector={TENANT: tenant},
        tolerations=[
            TolerationArgs(key=TENANT, operator="Equal", value=tenant, effect="NoSchedule")
        ],
    )
