"""Rules of security groups, each a resource of its own."""

from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, tags, wire
from toolchain.providers.aws.types import tagging
from toolchain.providers.aws.types.references import security_groups
from toolchain.providers.aws.values import Inputs, Outputs

_TARGETS = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
_ANY = "-1"
"""The protocol that stands for all, which have no ports in common."""


def _permission(inputs: Inputs) -> dict[str, Any]:
    described = api(inputs, description="Description")
    targets = {
        parameter: [{key: inputs[name], **described}]
        for name, (parameter, key) in _TARGETS.items()
        if name in inputs
    }
    return {**api(inputs, "ipProtocol", "fromPort", "toPort"), **targets}


def _change(call: Call, identity: str, new: Inputs, _: Inputs) -> None:
    ports = {"FromPort": -1, "ToPort": -1} if new["ipProtocol"] == _ANY else {}
    rule = {
        **api(new, "ipProtocol", "cidrIpv4", "cidrIpv6", "prefixListId", "fromPort", "toPort"),
        **api(new, referencedSecurityGroupId="ReferencedGroupId"),
        **ports,
        "Description": new.get("description", ""),
    }
    call.api.modify_security_group_rules(
        GroupId=new["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": identity, "SecurityGroupRule": rule}],
    )


def _read(call: Call, identity: str) -> Outputs | None:
    found = call.api.describe_security_group_rules(SecurityGroupRuleIds=[identity])
    rule = first(found["SecurityGroupRules"])
    if rule is None:
        return None
    ports = wire(rule, "fromPort", "toPort") if rule["IpProtocol"] != _ANY else {}
    return {
        **wire(rule, "ipProtocol", "cidrIpv4", "cidrIpv6", "prefixListId", **_NAMES),
        **ports,
        "description": rule.get("Description") or None,
        "referencedSecurityGroupId": rule.get("ReferencedGroupInfo", {}).get("GroupId"),
        "arn": call.arn(f"security-group-rule/{identity}"),
        "tags": tags(rule.get("Tags")),
    }


_NAMES = {"securityGroupId": "GroupId", "securityGroupRuleId": "SecurityGroupRuleId"}


def _check(call: Call, inputs: Inputs, operation: str) -> None:
    """Refuses a rule that names a group of another network, which moto takes."""
    if "referencedSecurityGroupId" not in inputs:
        return
    both = {inputs["securityGroupId"], inputs["referencedSecurityGroupId"]}
    if len(security_groups(call, sorted(both), operation)) > 1:
        raise refused(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
            operation,
        )


def _type(direction: str) -> Type:
    def create(call: Call, inputs: Inputs) -> str:
        _check(call, inputs, f"AuthorizeSecurityGroup{direction.title()}")
        authorize = getattr(call.api, f"authorize_security_group_{direction}")
        made = authorize(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_permission(inputs)],
            **tagging.specified(call, "security-group-rule"),
        )
        identity = call.made(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])
        if "description" in inputs and "cidrIpv4" not in inputs:
            # Moto has forgotten it by now.
            _change(call, identity, inputs, {})
        return identity

    def delete(call: Call, identity: str) -> None:
        rule = _read(call, identity)
        if rule:
            getattr(call.api, f"revoke_security_group_{direction}")(
                GroupId=rule["securityGroupId"], SecurityGroupRuleIds=[identity]
            )

    noun = f"SecurityGroup{direction.title()}Rule"
    return Type(
        f"aws:vpc/{noun[0].lower()}{noun[1:]}:{noun}",
        service="ec2",
        create=create,
        read=_read,
        update=_change,
        delete=delete,
        tag=tagging.ec2,
        updates=("cidrIpv4", "description", "fromPort", "ipProtocol", "toPort"),
        # AWS could change the last three in place; moto cannot.
        replaces=("securityGroupId", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
    )


TYPES = (_type("ingress"), _type("egress"))
