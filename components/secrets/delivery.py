"""How secrets get to pods."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import pulumi
from pulumi_kubernetes.core.v1 import Secret
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs


class Delivery(Protocol):
    """Puts secret files where pods can mount them.

    Another content gives another name, which rolls the pods. What a name stands for never changes,
    and is there as long as pods with that name are.
    """

    def deliver(
        self,
        name: str,
        *,
        metadata: ObjectMetaArgs,
        files: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Output[str]:
        """Name of the Kubernetes Secret with these files.

        `metadata` has the pods' namespace and no name. The values of `files` are secret outputs.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class ClusterDelivery:
    """Secrets go straight into the cluster: its store is where they are kept."""

    def deliver(
        self,
        name: str,
        *,
        metadata: ObjectMetaArgs,
        files: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Output[str]:
        """Name of an immutable Secret, which the provider gives it."""
        return Secret(
            name, metadata=metadata, string_data=files, immutable=True, opts=opts
        ).metadata.name


DIRECT: Final[Delivery] = ClusterDelivery()
"""What components go by that are told nothing else."""
