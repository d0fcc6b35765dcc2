"""Route 53: zones and their records."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, pairs, tags, wire
from toolchain.providers.aws.values import Inputs, Outputs

OPERATION = "ChangeResourceRecordSets"
_OWN = ("NS", "SOA")
"""Records at the top of a zone that come and go with it."""


def _create_zone(call: Call, inputs: Inputs) -> str:
    made = call.api.create_hosted_zone(
        Name=inputs["name"],
        # AWS makes no second zone for a reference it knows.
        CallerReference=call.urn,
        HostedZoneConfig=api({"comment": inputs.get("comment", "Managed by Pulumi")}, "comment"),
    )
    identity = call.made(made["HostedZone"]["Id"].rsplit("/", 1)[-1])
    _tag_zone(call, identity, dict(call.tags), [])
    return identity


def _read_zone(call: Call, identity: str) -> Outputs | None:
    found = call.api.get_hosted_zone(Id=identity)
    answer = call.api.list_tags_for_resource(ResourceType="hostedzone", ResourceId=identity)
    servers = found["DelegationSet"]["NameServers"]
    return {
        "arn": f"arn:{call.partition}:route53:::hostedzone/{identity}",
        "zoneId": identity,
        "name": found["HostedZone"]["Name"].rstrip("."),
        "comment": found["HostedZone"]["Config"].get("Comment", ""),
        "nameServers": sorted(servers),
        "primaryNameServer": servers[0],
        "tags": tags(answer["ResourceTagSet"]["Tags"]),
    }


def _delete_zone(call: Call, identity: str) -> None:
    if call.inputs.get("forceDestroy"):
        zone = call.api.get_hosted_zone(Id=identity)["HostedZone"]["Name"]
        for each in _records(call, identity):
            if each["Type"] not in _OWN or each["Name"] != zone:
                _put(call, identity, "DELETE", each)
    call.api.delete_hosted_zone(Id=identity)


def _tag_zone(call: Call, identity: str, changed: dict[str, str], removed: list[str]) -> None:
    if changed or removed:
        call.api.change_tags_for_resource(
            ResourceType="hostedzone",
            ResourceId=identity,
            **({"AddTags": pairs(changed)} if changed else {}),
            **({"RemoveTagKeys": removed} if removed else {}),
        )


ZONE = Type(
    "aws:route53/zone:Zone",
    service="route53",
    create=_create_zone,
    read=_read_zone,
    update=lambda call, identity, new, _: call.api.update_hosted_zone_comment(
        Id=identity, Comment=new.get("comment", "Managed by Pulumi")
    ),
    delete=_delete_zone,
    tag=_tag_zone,
    # The latter counts when the zone is deleted.
    updates=("comment", "forceDestroy"),
    replaces=("name",),
    absent=("enableAcceleratedRecovery",),
)


def _create_record(call: Call, inputs: Inputs) -> str:
    zone, wanted = str(inputs["zoneId"]), _wanted(call, inputs)
    _check(call, zone, wanted, inputs)
    # Moto refuses to create what has been created before, even if it has been deleted since.
    _put(call, zone, "UPSERT", wanted)
    return f"{zone}_{inputs['name']}_{inputs['type']}"


def _wanted(call: Call, inputs: Inputs) -> dict[str, Any]:
    name = _full(call, inputs["zoneId"], inputs["name"])
    wanted: dict[str, Any] = {"Name": name, "Type": inputs["type"]}
    if "aliases" in inputs:
        (alias,) = inputs["aliases"]
        target = api(alias, "evaluateTargetHealth", name="DNSName", zoneId="HostedZoneId")
        return {**wanted, "AliasTarget": target}
    records = [{"Value": value} for value in inputs.get("records", ())]
    return {**wanted, "ResourceRecords": records, **api(inputs, ttl="TTL")}


def _full(call: Call, zone: str, name: str) -> str:
    """The whole name, as Route 53 has it: with a dot at the end."""
    top = call.api.get_hosted_zone(Id=zone)["HostedZone"]["Name"].strip(".")
    bare = name.strip(".").lower()
    return f"{bare}." if bare == top or bare.endswith(f".{top}") else f"{bare}.{top}."


def _check(call: Call, zone: str, wanted: Mapping[str, Any], inputs: Inputs) -> None:
    name, kind = wanted["Name"], wanted["Type"]
    here = [each["Type"] for each in _records(call, zone) if _plain(each["Name"]) == name]
    if kind in here and not inputs.get("allowOverwrite"):
        raise _refused(
            f"Tried to create resource record set [name='{name}', type='{kind}'] but it already exists"
        )
    if kind == "CNAME" and "SOA" in here:
        raise _refused(f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone")
    if set(here) - {kind} and "CNAME" in (kind, *here):
        raise _refused(
            f"RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other "
            "records with the same DNS name in zone"
        )
    if "AliasTarget" in wanted:
        _check_alias(call, wanted["AliasTarget"])
    elif not wanted["ResourceRecords"] or "TTL" not in wanted:
        raise _refused("Expected either AliasTarget, or both TTL and ResourceRecords")


def _check_alias(call: Call, target: Mapping[str, Any]) -> None:
    """The zone of a balancer's name is AWS's, and has to be the one it belongs to."""
    name, zone = target["DNSName"].rstrip("."), target["HostedZoneId"]
    for page in call.client("elbv2").get_paginator("describe_load_balancers").paginate():
        for each in page["LoadBalancers"]:
            if each["DNSName"] == name and each["CanonicalHostedZoneId"] != zone:
                raise _refused(
                    f"Tried to create an alias that targets {name}., type A in zone {zone}, but the "
                    "alias target name does not lie within the target zone"
                )


def _refused(message: str) -> Exception:
    return refused("InvalidChangeBatch", message, OPERATION)


def _put(call: Call, zone: str, action: str, record: Mapping[str, Any]) -> None:
    change = {"Action": action, "ResourceRecordSet": dict(record)}
    call.api.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def _records(call: Call, zone: str) -> Iterator[dict[str, Any]]:
    pages = call.client("route53").get_paginator("list_resource_record_sets")
    for page in pages.paginate(HostedZoneId=zone):
        yield from page["ResourceRecordSets"]


def _plain(name: str) -> str:
    """Route 53 writes a star as the number of its letter."""
    return name.replace("\\052", "*").lower()


def _found(call: Call, identity: str) -> dict[str, Any] | None:
    zone, rest = identity.split("_", 1)
    name, kind = rest.rsplit("_", 1)
    wanted = _full(call, zone, name)
    return first(
        each
        for each in _records(call, zone)
        if each["Type"] == kind and _plain(each["Name"]) == wanted
    )


def _read_record(call: Call, identity: str) -> Outputs | None:
    zone, rest = identity.split("_", 1)
    found = _found(call, identity)
    if found is None:
        return None
    alias = found.get("AliasTarget")
    values = [each["Value"] for each in found.get("ResourceRecords", ())]
    return {
        "zoneId": zone,
        "name": rest.rsplit("_", 1)[0],
        "type": found["Type"],
        "fqdn": _plain(found["Name"]).rstrip("."),
        "ttl": found.get("TTL"),
        "records": values or None,
        "aliases": [_alias(alias)] if alias else None,
        "allowOverwrite": call.inputs.get("allowOverwrite", False),
    }


def _alias(found: Mapping[str, Any]) -> Outputs:
    return wire(found, "evaluateTargetHealth", name="DNSName", zoneId="HostedZoneId")


def _change_record(call: Call, identity: str, new: Inputs, _: Inputs) -> None:
    wanted = _wanted(call, new)
    _check(call, identity.split("_", 1)[0], wanted, {**new, "allowOverwrite": True})
    _put(call, str(new["zoneId"]), "UPSERT", wanted)


def _delete_record(call: Call, identity: str) -> None:
    found = _found(call, identity)
    if found is not None:
        _put(call, identity.split("_", 1)[0], "DELETE", found)


RECORD = Type(
    "aws:route53/record:Record",
    service="route53",
    create=_create_record,
    read=_read_record,
    update=_change_record,
    delete=_delete_record,
    updates=("records", "ttl", "aliases", "allowOverwrite"),
    replaces=("zoneId", "name", "type"),
)


def answers(call: Call, name: str, kind: str) -> list[str]:
    """What the account's public zones answer to a question for `name`."""
    route53 = call.client("route53")
    zones = [
        each
        for page in route53.get_paginator("list_hosted_zones").paginate()
        for each in page["HostedZones"]
        if not each["Config"].get("PrivateZone") and f".{name}".endswith(f".{each['Name']}")
    ]
    if not zones:
        return []
    # The longest name is nearest.
    zone = max(zones, key=lambda each: len(each["Name"]))["Id"].rsplit("/", 1)[-1]
    return [
        value["Value"]
        for each in _records(call, zone)
        if each["Type"] == kind and _plain(each["Name"]) == name.lower()
        for value in each.get("ResourceRecords", ())
    ]


TYPES = (ZONE, RECORD)
