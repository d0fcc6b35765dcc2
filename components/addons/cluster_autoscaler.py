"""Cluster Autoscaler: nodes come when pods have no place, and go when theirs would fit elsewhere."""

from collections.abc import Mapping
from typing import Final

import pulumi

from components.addons.workload import (
    CONTAINER_SECURITY,
    NOBODY,
    REPLICAS,
    Values,
    Workload,
    placement,
    pod_security,
    resources,
)
from components.cluster.autoscaling import SERVICE_ACCOUNT
from components.hardening import Compute

COMPUTE: Final = Compute(cpu="100m", memory="300Mi", cpu_limit="500m", memory_limit="600Mi")
AUTOSCALER: Final = Workload(name="cluster-autoscaler", metrics=8085, calls_aws=True)

IMAGES: Final[Mapping[str, str]] = {"1.34": "v1.34.5", "1.35": "v1.35.2"}
"""Minor version of Kubernetes to the autoscaler's image.

It decides with the scheduler of its own minor version, which has to be the cluster's. Newest of each in
public use on 2026-11-21; a new row goes with one in components/cluster/versions.py.
"""


def image_tag(version: str) -> str:
    """Tag of the image for a minor version of Kubernetes. Raises `ValueError` when there is none."""
    if version not in IMAGES:
        raise ValueError(
            f"Kubernetes {version!r} has no autoscaler that goes with it: choose from "
            f"{', '.join(IMAGES)}, or add a row to components/addons/cluster_autoscaler.py"
        )
    return IMAGES[version]


def autoscaler_values(
    *, cluster: str, version: str, region: str, annotations: Mapping[str, pulumi.Input[str]]
) -> Values:
    """Values of the chart; `version` is the cluster's minor version of Kubernetes."""
    return {
        "cloudProvider": "aws",
        "awsRegion": region,
        # By the tags that EKS gives the groups of its nodes.
        "autoDiscovery": {"clusterName": cluster},
        "image": {"tag": image_tag(version)},
        "replicaCount": REPLICAS,
        "rbac": {"serviceAccount": {"name": SERVICE_ACCOUNT, "annotations": dict(annotations)}},
        "securityContext": pod_security(NOBODY),
        "containerSecurityContext": dict(CONTAINER_SECURITY),
        "resources": resources(COMPUTE),
        "podDisruptionBudget": {"maxUnavailable": 1},
        **placement(AUTOSCALER),
        "extraArgs": {
            "balance-similar-node-groups": True,
            "expander": "least-waste",
            # Scratch space of ours is no data: with the default, an agent's /tmp keeps its node.
            "skip-nodes-with-local-storage": False,
            "skip-nodes-with-system-pods": False,
        },
    }
