"""Which versions of Kubernetes the platform runs on EKS, and the add-ons that go with each."""

import re
from collections.abc import Mapping
from typing import Final, Literal

Addon = Literal[
    "vpc-cni",
    "kube-proxy",
    "eks-pod-identity-agent",
    "coredns",
    "aws-ebs-csi-driver",
    "metrics-server",
]
"""An add-on, by the name EKS gives it."""

ADDONS: Final[Mapping[str, Mapping[Addon, str]]] = {
    "1.34": {
        "vpc-cni": "v1.22.4-eksbuild.3",
        "kube-proxy": "v1.34.6-eksbuild.29",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "coredns": "v1.12.4-eksbuild.38",
        "aws-ebs-csi-driver": "v1.66.0-eksbuild.1",
        "metrics-server": "v0.9.0-eksbuild.11",
    },
    "1.35": {
        "vpc-cni": "v1.22.4-eksbuild.3",
        "kube-proxy": "v1.35.3-eksbuild.29",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "coredns": "v1.13.2-eksbuild.31",
        "aws-ebs-csi-driver": "v1.66.0-eksbuild.1",
        "metrics-server": "v0.9.0-eksbuild.11",
    },
}
"""What EKS installs by default with each minor version of Kubernetes.

Source: answers of `aws eks describe-addon-versions --kubernetes-version <minor>`, where
`defaultVersion` is true, as published between 2026-09-20 and 2026-10-10. The same call tells what is
newer; a new row wants all six.
"""

_MINOR: Final = re.compile(r"1\.(\d{2})")


def supported() -> str:
    """The versions of the table, for messages."""
    return ", ".join(ADDONS)


def addon_versions(version: str) -> Mapping[Addon, str]:
    """The add-ons of a minor version of Kubernetes, such as `1.34`.

    Raises `ValueError` when the table has no row for it.
    """
    if version not in ADDONS:
        raise ValueError(
            f"Kubernetes {version!r} has no tested set of add-ons: choose from {supported()}, or add "
            "a row to components/cluster/versions.py"
        )
    return ADDONS[version]


def upgrade_fault(running: str, wanted: str) -> str | None:
    """What keeps a cluster at `running` from going to `wanted`, minor versions both; None if nothing.

    EKS goes up one minor version at a time, and never back.
    """
    before, after = _minor(running), _minor(wanted)
    if after < before:
        return (
            f"the cluster runs Kubernetes {running} and EKS cannot take it back to {wanted}: "
            f"set cluster.version to {running}"
        )
    if after > before + 1:
        return (
            f"the cluster runs Kubernetes {running} and EKS goes up one minor version at a time, not "
            f"to {wanted}: set cluster.version to 1.{before + 1} first"
        )
    return None


def _minor(version: str) -> int:
    match = _MINOR.fullmatch(version)
    if match is None:
        raise ValueError(f"{version!r} is no minor version of Kubernetes: write it as 1.34")
    return int(match[1])
