"""Tags where several types are tagged by the same calls."""

from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.translation import pairs


def ec2(call: Call, identity: str, changed: dict[str, str], removed: list[str]) -> None:
    """Whatever EC2 gives an id of its own."""
    client = call.client("ec2")
    if changed:
        client.create_tags(Resources=[identity], Tags=pairs(changed))
    if removed:
        client.delete_tags(Resources=[identity], Tags=[{"Key": name} for name in removed])


def specified(call: Call, resource: str) -> dict[str, Any]:
    """The parameter that tags a resource of EC2 while it is made; none without tags."""
    if not call.tags:
        return {}
    return {"TagSpecifications": [{"ResourceType": resource, "Tags": pairs(call.tags)}]}
