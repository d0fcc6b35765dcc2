"""Vocabulary that the settings of all components share: names, quantities, durations.

Settings are frozen and refuse unknown keys, so that a misspelt key in a stack file is an error
at its own line of YAML and not a default somewhere in the cluster.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_DNS_LABEL: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_CPU: Final = re.compile(r"(\d+(\.\d{1,3})?|\d+m)")
_BYTES: Final = re.compile(r"(\d+)(Ki|Mi|Gi|Ti|k|M|G|T)?")
_BYTE_FACTORS: Final = {
    None: 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
# 63 characters for a label, less what generated children append ("-" and a hash, a role).
NAME_LIMIT: Final = 40


class Settings(BaseModel):
    """A part of the stack's configuration: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _dns_label(value: str) -> str:
    if len(value) > NAME_LIMIT or not _DNS_LABEL.fullmatch(value):
        raise ValueError(
            f"Kubernetes refuses the name {value!r}: use lower-case letters, digits and '-', "
            f"start with a letter, end with a letter or digit, {NAME_LIMIT} characters at most"
        )
    return value


def millicores(quantity: str) -> int:
    """CPU quantity in thousandths of a core: `250m` is 250, `2` is 2000.

    Raises `ValueError` when `quantity` is not one that Kubernetes reads.
    """
    if not _CPU.fullmatch(quantity):
        raise ValueError(
            f"{quantity!r} is no CPU quantity: write cores or thousandths of a core, "
            "such as 2, 0.5 or 500m"
        )
    if quantity.endswith("m"):
        return int(quantity[:-1])
    return round(float(quantity) * 1000)


def in_bytes(quantity: str) -> int:
    """Memory or storage quantity in bytes: `1Ki` is 1024, `1k` is 1000.

    Raises `ValueError` when `quantity` is not one that Kubernetes reads.
    """
    match = _BYTES.fullmatch(quantity)
    if match is None:
        raise ValueError(
            f"{quantity!r} is no amount of memory or storage: write a whole number and a unit, "
            "such as 256Mi, 1Gi or 500M"
        )
    return int(match[1]) * _BYTE_FACTORS[match[2]]


def _cpu(value: str) -> str:
    millicores(value)
    return value


def _byte_quantity(value: str) -> str:
    in_bytes(value)
    return value


Name = Annotated[str, AfterValidator(_dns_label)]
"""A name Kubernetes takes for any object, with room for what generated children append."""

Cpu = Annotated[str, AfterValidator(_cpu)]
"""CPU as Kubernetes writes it: `250m`, `2`."""

Bytes = Annotated[str, AfterValidator(_byte_quantity)]
"""Memory or storage as Kubernetes writes it: `256Mi`, `10Gi`."""

Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[float, Field(gt=0, le=100)]
