"""Security groups, with their rules inside of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, tags, wire
from toolchain.providers.aws.types import adoption, tagging
from toolchain.providers.aws.types.dependencies import release_group
from toolchain.providers.aws.values import Inputs, Outputs

_LISTS = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}
_TARGETS = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}


def _create_group(call: Call, inputs: Inputs) -> str:
    made = call.api.create_security_group(
        **api(inputs, "vpcId", name="GroupName"),
        Description=inputs.get("description", "Managed by Pulumi"),
        **tagging.specified(call, "security-group"),
    )
    identity = call.made(made["GroupId"])
    # AWS lets a new group call anybody. The official provider takes that away, and so do we.
    _replace_rules(call, identity, {"egress": inputs.get("egress", ())})
    _replace_rules(call, identity, {"ingress": inputs.get("ingress", ())})
    return identity


def _change_group(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    changed = {name: new[name] for name in _LISTS if name in new and new[name] != old.get(name)}
    _replace_rules(call, identity, changed)


def _replace_rules(call: Call, identity: str, wanted: Mapping[str, Iterable[Inputs]]) -> None:
    group = _describe(call, identity)
    for name, rules in wanted.items():
        present: list[dict[str, Any]] = group[_LISTS[name]] if group else []
        if present:
            getattr(call.api, f"revoke_security_group_{name}")(
                GroupId=identity, IpPermissions=present
            )
        permissions = [_permission(rule, identity) for rule in rules]
        if permissions:
            getattr(call.api, f"authorize_security_group_{name}")(
                GroupId=identity, IpPermissions=permissions
            )


def _permission(rule: Inputs, group: str) -> dict[str, Any]:
    described = api(rule, description="Description")
    targets: dict[str, list[dict[str, Any]]] = {}
    for name, (parameter, key) in _TARGETS.items():
        for each in rule.get(name, ()):
            targets.setdefault(parameter, []).append({key: each, **described})
    if rule.get("self"):
        targets.setdefault("UserIdGroupPairs", []).append({"GroupId": group, **described})
    return {"IpProtocol": rule["protocol"], **api(rule, "fromPort", "toPort"), **targets}


def _rule(permission: Mapping[str, Any], group: str) -> Outputs:
    found: Outputs = {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
    }
    for name, (parameter, key) in _TARGETS.items():
        targets = permission.get(parameter, [])
        values = [each[key] for each in targets if each[key] != group]
        if values:
            found[name] = values
        if any(each[key] == group for each in targets):
            found["self"] = True
        for each in targets:
            found |= wire(each, "description")
    return found


def _describe(call: Call, identity: str) -> dict[str, Any] | None:
    return first(call.api.describe_security_groups(GroupIds=[identity])["SecurityGroups"])


def _read_group(call: Call, identity: str) -> Outputs | None:
    group = _describe(call, identity)
    return group and {
        **wire(group, "vpcId", "ownerId", "description", name="GroupName"),
        "arn": call.arn(f"security-group/{identity}"),
        **{
            name: [_rule(each, identity) for each in group[parameter]]
            for name, parameter in _LISTS.items()
        },
        "tags": tags(group.get("Tags")),
    }


def _delete_group(call: Call, identity: str) -> None:
    if call.inputs.get("revokeRulesOnDelete"):
        _replace_rules(call, identity, {"ingress": (), "egress": ()})
    release_group(call, identity)
    call.api.delete_security_group(GroupId=identity)


SECURITY_GROUP = Type(
    "aws:ec2/securityGroup:SecurityGroup",
    service="ec2",
    create=_create_group,
    read=_read_group,
    update=_change_group,
    delete=_delete_group,
    tag=tagging.ec2,
    updates=(
        "ingress",
        "egress",
        # Counts when the group is deleted.
        "revokeRulesOnDelete",
    ),
    replaces=("name", "description", "vpcId"),
    autoname="name",
)


def _adopt(call: Call, inputs: Inputs) -> str:
    where = [{"Name": "group-name", "Values": ["default"]}]
    if "vpcId" in inputs:
        where.append({"Name": "vpc-id", "Values": [inputs["vpcId"]]})
    else:
        network = first(
            call.api.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        )
        where.append({"Name": "vpc-id", "Values": [network["VpcId"] if network else ""]})
    group = first(call.api.describe_security_groups(Filters=where)["SecurityGroups"])
    if group is None:
        vpc = inputs.get("vpcId", "the account")
        raise refused("InvalidGroup.NotFound", f"{vpc} has no default group", "Adopt")
    identity = str(group["GroupId"])
    adoption.adopt(call, identity)
    _replace_rules(call, identity, {name: inputs.get(name, ()) for name in _LISTS})
    if call.tags:
        tagging.ec2(call, identity, dict(call.tags), [])
    return identity


def _read_adopted(call: Call, identity: str) -> Outputs | None:
    return _read_group(call, identity) if adoption.adopted(call, identity) else None


DEFAULT_SECURITY_GROUP = Type(
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    service="ec2",
    create=_adopt,
    read=_read_adopted,
    update=_change_group,
    # The group goes with its VPC, and not before.
    delete=adoption.leave,
    tag=tagging.ec2,
    updates=("ingress", "egress", "revokeRulesOnDelete"),
    replaces=("vpcId",),
)

TYPES = (SECURITY_GROUP, DEFAULT_SECURITY_GROUP)
