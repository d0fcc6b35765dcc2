"""Names that begin as the program says, and end as nobody else's."""

import secrets

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.values import Inputs

RANDOM = 26
"""Letters that the official provider puts behind a prefix. Here they are as many, so that a prefix that
is too long for AWS is too long here."""


def chosen(call: Call, inputs: Inputs, name: str) -> str:
    """The name in the input `name`, else one that begins with its prefix, else with the resource's."""
    if name in inputs:
        return str(inputs[name])
    prefix = str(inputs.get(f"{name}Prefix", f"{call.name}-"))
    return prefix + secrets.token_hex(RANDOM // 2)
