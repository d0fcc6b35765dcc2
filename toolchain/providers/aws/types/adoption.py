"""What AWS has whether anybody wants it or not: it is adopted, and left again.

A record says that it is adopted, for AWS shows no difference.
"""

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call


def adopt(call: Call, identity: str) -> None:
    """From now on it counts as there."""
    records.write(call, identity, {"adopted": True})


def adopted(call: Call, identity: str) -> bool:
    """Whether it counts as there. An import adopts it."""
    if not call.inputs and not call.state:
        adopt(call, identity)
    return records.read(call, identity) is not None


def leave(call: Call, identity: str) -> None:
    """From now on it counts as gone."""
    records.remove(call, identity)
