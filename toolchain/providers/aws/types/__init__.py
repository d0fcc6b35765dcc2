"""The resource types that are rehearsed, a module for each area.

To add a type, write an entry in the module of its area (see `table.Type` for every field):

    def _create(call: Call, inputs: Inputs) -> str:
        made = call.api.create_vpc(**api(inputs, "cidrBlock", "instanceTenancy"))
        return str(made["Vpc"]["VpcId"])

    def _read(call: Call, identity: str) -> Outputs | None:
        vpc = first(call.api.describe_vpcs(VpcIds=[identity])["Vpcs"])
        return vpc and {**wire(vpc, "cidrBlock", "ownerId"), "arn": ..., "tags": tags(vpc["Tags"])}

    VPC = Type("aws:ec2/vpc:Vpc", service="ec2", create=_create, read=_read, delete=...,
               replaces=("cidrBlock", "instanceTenancy"), tag=tagging.ec2)

and name it in the module's `TYPES`; a new module goes into `AREAS` below. What is in the type:

- `create` gives the id the official provider gives: it is what `pulumi import` would take.
- `read` gives outputs under the SDK's names. It is called after every create and update as well, so
  nothing else has to put outputs together. What it gives for an input is compared with the input, and
  shows as drift: give what AWS holds, leave out what AWS does not tell. `region`, `tagsAll` and empty
  `…Prefix` outputs are added; `tags` are all tags.
- AWS's NotFound in a read means that the resource is gone, in a delete that there is nothing to do.
- What moto lets pass and AWS refuses: `raise refused("InvalidSubnet.Range", "...", "CreateSubnet")`.
- What moto lacks altogether is played: `records.played(...)` makes the entry. A single property that it
  cannot hold goes to `records.write` and comes back by `records.read` (see `logs`).
- Outputs that the SDK promises and nobody needs are listed in `absent`, and are missing in the state.

To prove it, add a `Case` to tests/unit/toolchain/providers/aws/cases; `test_types.py` takes every case
through its life against a moto server, and refuses a type that has none.
"""

from functools import cache

from toolchain.providers.aws.errors import Unsupported
from toolchain.providers.aws.schema import schema
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.types import (
    addresses,
    backups,
    balancers,
    bucket_settings,
    buckets,
    caches,
    certificates,
    cluster_access,
    cluster_addons,
    clusters,
    databases,
    domains,
    endpoints,
    federation,
    firewalls,
    flow_logs,
    identity,
    keys,
    launch_templates,
    listener_rules,
    listeners,
    logs,
    network,
    node_groups,
    policies,
    registry,
    routes,
    secret_access,
    secrets,
    security,
    security_rules,
    targets,
)

AREAS = (
    *(addresses, endpoints, flow_logs, network, routes, security, security_rules),
    *(buckets, federation, identity, keys, launch_templates, logs, policies, registry),
    *(cluster_access, cluster_addons, clusters, node_groups),
    *(backups, caches, databases, secret_access, secrets),
    *(
        balancers,
        bucket_settings,
        certificates,
        domains,
        firewalls,
        listener_rules,
        listeners,
        targets,
    ),
)


@cache
def types() -> dict[str, Type]:
    """Every type by its token."""
    return {each.token: each for area in AREAS for each in area.TYPES}


def find(token: str) -> Type:
    """The type of a token; a refusal if it is not rehearsed."""
    found = types().get(token)
    if found is None:
        schema(token)
        raise Unsupported(
            f"{token} is not rehearsed yet; toolchain/providers/aws/types/__init__.py says how to "
            "add it"
        )
    return found
