"""EC2 instance types and machine images: which processor, which image goes with it."""

import re
from typing import Final, Literal

Architecture = Literal["arm64", "amd64"]
"""Of a processor, as images of containers call it."""
Ami = Literal["bottlerocket", "al2023"]
"""System of a node: Bottlerocket, read-only and without a shell, or Amazon Linux 2023."""

AMI_TYPES: Final[dict[tuple[Ami, Architecture], str]] = {
    ("bottlerocket", "arm64"): "BOTTLEROCKET_ARM_64",
    ("bottlerocket", "amd64"): "BOTTLEROCKET_x86_64",
    ("al2023", "arm64"): "AL2023_ARM_64_STANDARD",
    ("al2023", "amd64"): "AL2023_x86_64_STANDARD",
}

_TYPE: Final = re.compile(r"([a-z]+-?)(\d+)([a-z0-9-]*)\.[a-z0-9-]+")


def architecture_of(instance_type: str) -> Architecture:
    """Processor of an instance type: of `m7g.large` `arm64`, of `g5.xlarge` `amd64`.

    AWS marks its Graviton families with a `g` right behind the generation. The first of them, `a1`,
    came before the mark. Raises `ValueError` for what is no instance type.
    """
    match = _TYPE.fullmatch(instance_type)
    if match is None:
        raise ValueError(f"{instance_type!r} is no EC2 instance type: write it as m7g.large")
    family, generation, attributes = match.groups()
    graviton = attributes.startswith("g") or (family, generation) == ("a", "1")
    return "arm64" if graviton else "amd64"


def ami_type(ami: Ami, architecture: Architecture) -> str:
    """The kind of image, in the words of EKS, which picks the newest of its Kubernetes version."""
    return AMI_TYPES[ami, architecture]


def volumes(ami: Ami, disk_gib: int) -> dict[str, int | None]:
    """Device of each volume to its size in GiB. None leaves it at the size of its image.

    Bottlerocket keeps its system apart from what grows, which are images and logs.
    """
    if ami == "bottlerocket":
        return {"/dev/xvda": None, "/dev/xvdb": disk_gib}
    return {"/dev/xvda": disk_gib}
