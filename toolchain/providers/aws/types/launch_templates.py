"""Launch templates: what machines are started with, version by version."""

from collections.abc import Mapping
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, pairs, tags, wire
from toolchain.providers.aws.types import tagging
from toolchain.providers.aws.types.naming import chosen
from toolchain.providers.aws.values import Inputs, Json, Outputs, is_list, is_object

_PLAIN = (
    *("blockDeviceMappings", "ebsOptimized", "iamInstanceProfile", "imageId", "instanceType"),
    *("keyName", "metadataOptions", "monitoring", "userData"),
)
_RENAMED = {"vpcSecurityGroupIds": "SecurityGroupIds", "networkInterfaces": "NetworkInterfaces"}
_DATA = (*_PLAIN, *_RENAMED, "tagSpecifications")
_FLAGS = frozenset(
    (
        *("AssociateCarrierIpAddress", "AssociatePublicIpAddress", "DeleteOnTermination"),
        *("EbsOptimized", "Encrypted", "PrimaryIpv6"),
    )
)
"""Truth values that the SDK has as text, so that "not said" is something else than "false"."""


def _data(inputs: Inputs) -> dict[str, Any]:
    data: dict[str, Any] = _flags(api(inputs, *_PLAIN, **_RENAMED), told=False)
    for interface in data.get("NetworkInterfaces", ()):
        if "SecurityGroups" in interface:
            interface["Groups"] = interface.pop("SecurityGroups")
    specified = inputs.get("tagSpecifications", ())
    if specified:
        data["TagSpecifications"] = [
            {"ResourceType": each["resourceType"], "Tags": pairs(each.get("tags", {}))}
            for each in specified
        ]
    return data


def _properties(data: Mapping[str, Any]) -> Outputs:
    found = wire(_flags(data, told=True), *_PLAIN, **_RENAMED)
    for interface in found.get("networkInterfaces", ()):
        if "groups" in interface:
            interface["securityGroups"] = interface.pop("groups")
    if data.get("TagSpecifications"):
        found["tagSpecifications"] = [
            {"resourceType": each["ResourceType"], "tags": tags(each["Tags"])}
            for each in data["TagSpecifications"]
        ]
    return found


def _flags(value: Json, *, told: bool) -> Json:
    """The data with its flags as text if AWS told it, as truth values otherwise."""
    if is_list(value):
        return [_flags(each, told=told) for each in value]
    if not is_object(value):
        return value
    return {
        name: _flag(each, told=told) if name in _FLAGS else _flags(each, told=told)
        for name, each in value.items()
    }


def _flag(value: Json, *, told: bool) -> Json:
    return str(value).lower() if told else str(value).lower() == "true"


def _create(call: Call, inputs: Inputs) -> str:
    made = call.api.create_launch_template(
        LaunchTemplateName=chosen(call, inputs, "name"),
        **api(inputs, description="VersionDescription"),
        LaunchTemplateData=_data(inputs),
    )
    identity = call.made(made["LaunchTemplate"]["LaunchTemplateId"])
    # Moto takes tags that come with the template for those of its machines.
    tagging.ec2(call, identity, dict(call.tags), [])
    return identity


def _change(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    default = new.get("defaultVersion")
    if any(new.get(name) != old.get(name) for name in (*_DATA, "description")):
        made = call.api.create_launch_template_version(
            LaunchTemplateId=identity,
            **api(new, description="VersionDescription"),
            LaunchTemplateData=_data(new),
        )
        if new.get("updateDefaultVersion"):
            default = made["LaunchTemplateVersion"]["VersionNumber"]
    elif new.get("updateDefaultVersion") and not old.get("updateDefaultVersion"):
        default = _describe(call, identity)["LatestVersionNumber"]
    if default:
        call.api.modify_launch_template(LaunchTemplateId=identity, DefaultVersion=str(default))


def _describe(call: Call, identity: str) -> dict[str, Any]:
    found = call.api.describe_launch_templates(LaunchTemplateIds=[identity])["LaunchTemplates"]
    return first(found) or {}


def _read(call: Call, identity: str) -> Outputs | None:
    template = _describe(call, identity)
    if not template:
        return None
    version = call.api.describe_launch_template_versions(
        LaunchTemplateId=identity, Versions=["$Latest"]
    )["LaunchTemplateVersions"][0]
    where = [{"Name": "resource-id", "Values": [identity]}]
    return {
        "arn": call.arn(f"launch-template/{identity}"),
        "name": template["LaunchTemplateName"],
        "defaultVersion": template["DefaultVersionNumber"],
        "latestVersion": template["LatestVersionNumber"],
        "description": version.get("VersionDescription") or None,
        **_properties(version["LaunchTemplateData"]),
        # What the template says of its own tags is from the time it was made.
        "tags": tags(call.api.describe_tags(Filters=where)["Tags"]),
    }


LAUNCH_TEMPLATE = Type(
    "aws:ec2/launchTemplate:LaunchTemplate",
    service="ec2",
    create=_create,
    read=_read,
    update=_change,
    delete=lambda call, identity: call.api.delete_launch_template(LaunchTemplateId=identity),
    tag=tagging.ec2,
    updates=(*_DATA, "defaultVersion", "description", "updateDefaultVersion"),
    replaces=("name", "namePrefix"),
    volatile=("defaultVersion", "latestVersion"),
)

TYPES = (LAUNCH_TEMPLATE,)
