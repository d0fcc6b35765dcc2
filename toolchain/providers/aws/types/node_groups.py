"""EKS node groups. Where a control plane stands in for the cluster, their nodes join it."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from toolchain.providers.aws import nodes, records, stand_ins
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import code, refused
from toolchain.providers.aws.nodes import Group, Machine
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import pick, plain
from toolchain.providers.aws.types import cluster_rules as rules
from toolchain.providers.aws.types import clusters
from toolchain.providers.aws.types.naming import chosen
from toolchain.providers.aws.values import Inputs, Outputs

LONGEST = 63
"""Letters of a group's name."""
DISK_GIB = 20
USUAL_TYPE = "t3.medium"
"""What EKS gives a node if nobody says anything."""
READY_SECONDS = 120
_ARCHITECTURES = {"arm64": "arm64", "x86_64": "amd64"}
"""EC2's words, and those of images of containers."""


def _create(call: Call, inputs: Inputs) -> str:
    cluster = clusters.describe(call, inputs["clusterName"])
    version = str(inputs.get("version", cluster["version"]))
    _check(call, inputs, cluster, version)
    name = chosen(call, inputs, "nodeGroupName")
    if len(name) > LONGEST:
        message = f"nodegroupName {name} has {len(name)} letters, and may have {LONGEST}"
        raise refused(rules.INVALID, message, "CreateNodegroup")
    call.api.create_nodegroup(
        clusterName=inputs["clusterName"],
        nodegroupName=name,
        nodeRole=inputs["nodeRoleArn"],
        subnets=inputs["subnetIds"],
        version=version,
        **pick(inputs, "amiType", "capacityType", "diskSize", "instanceTypes", "labels"),
        **pick(inputs, "launchTemplate", "releaseVersion", "scalingConfig", "taints"),
        tags=dict(call.tags),
    )
    identity = call.made(f"{inputs['clusterName']}:{name}")
    call.api.update_nodegroup_config(
        clusterName=inputs["clusterName"],
        nodegroupName=name,
        updateConfig=inputs.get("updateConfig", {"maxUnavailable": 1}),
    )
    _note(call, identity, releaseVersion=_release(inputs, version))
    _settle(call, identity, None)
    return identity


def _check(call: Call, inputs: Inputs, cluster: Mapping[str, Any], version: str) -> None:
    operation = "CreateNodegroup"
    rules.trusted(call, inputs["nodeRoleArn"], "ec2.amazonaws.com", operation)
    for subnet in rules.subnets(call, inputs["subnetIds"], operation):
        if subnet["VpcId"] != cluster.get("vpc"):
            message = f"Subnet {subnet['SubnetId']} is not in the VPC of the cluster"
            raise refused(rules.INVALID, message, operation)
    rules.node_version(cluster["version"], version, None, operation)
    rules.sizes(inputs["scalingConfig"], operation)
    for taint in inputs.get("taints", ()):
        if taint["effect"] not in nodes.EFFECTS:
            message = f"The taint effect {taint['effect']} is none of {', '.join(nodes.EFFECTS)}"
            raise refused(rules.INVALID, message, operation)
    _machine(call, inputs)


def _machine(call: Call, group: Inputs) -> Machine:
    """The first choice of the group. Refuses types that are not there, or another processor's."""
    template = _template(call, group.get("launchTemplate"))
    chosen_type = template.get("InstanceType")
    wanted = [chosen_type] if chosen_type else group.get("instanceTypes") or [USUAL_TYPE]
    kind = str(group.get("amiType", ""))
    found: dict[str, Any] = {}
    for each in wanted:
        found[each] = _described(call, each)
        has = _ARCHITECTURES[found[each]["ProcessorInfo"]["SupportedArchitectures"][-1]]
        if ("ARM_64" in kind) != (has == "arm64") and kind not in ("", "CUSTOM"):
            message = f"[{each}] is not a valid instance type for requested amiType {kind}"
            raise refused(rules.INVALID, message, "CreateNodegroup")
    first = found[wanted[0]]
    volumes = [
        each.get("Ebs", {}).get("VolumeSize", 0) for each in template.get("BlockDeviceMappings", ())
    ]
    return Machine(
        type=wanted[0],
        cores=first["VCpuInfo"]["DefaultVCpus"],
        memory_mib=first["MemoryInfo"]["SizeInMiB"],
        architecture=_ARCHITECTURES[first["ProcessorInfo"]["SupportedArchitectures"][-1]],
        disk_gib=max([*volumes, int(group.get("diskSize", 0))]) or DISK_GIB,
    )


def _described(call: Call, kind: str) -> dict[str, Any]:
    try:
        found = call.client("ec2").describe_instance_types(InstanceTypes=[kind])
    except ClientError as error:
        if code(error) != "InvalidInstanceType":
            raise
        message = f"The following supplied instance types do not exist: [{kind}]"
        raise refused(rules.INVALID, message, "CreateNodegroup") from error
    return found["InstanceTypes"][0]


def _template(call: Call, wanted: Inputs | None) -> dict[str, Any]:
    """What the launch template says; AWS's NotFound if it, or its version, is not there."""
    if not wanted:
        return {}
    names = {"id": "LaunchTemplateId", "name": "LaunchTemplateName"}
    found = call.client("ec2").describe_launch_template_versions(
        **{parameter: wanted[name] for name, parameter in names.items() if name in wanted},
        Versions=[str(wanted["version"])],
    )
    return found["LaunchTemplateVersions"][0]["LaunchTemplateData"]


def _release(inputs: Inputs, version: str) -> str:
    newest = "1.0.0" if "BOTTLEROCKET" in str(inputs.get("amiType", "")) else f"{version}.0"
    return str(inputs.get("releaseVersion", f"{newest}-20260101"))


def _note(call: Call, identity: str, **more: object) -> None:
    """Keep what moto does not."""
    records.write(call, identity, {**(records.read(call, identity) or {}), **more})


def _parts(identity: str) -> dict[str, str]:
    cluster, name = identity.split(":", 1)
    return {"clusterName": cluster, "nodegroupName": name}


def _describe(call: Call, identity: str) -> dict[str, Any]:
    found = call.api.describe_nodegroup(**_parts(identity))["nodegroup"]
    return {**found, **(records.read(call, identity) or {})}


def _group(call: Call, found: Mapping[str, Any]) -> Group:
    subnets = rules.subnets(call, found["subnets"], "DescribeNodegroup")
    return Group(
        arn=found["nodegroupArn"],
        name=found["nodegroupName"],
        version=found["version"],
        size=found["scalingConfig"]["desiredSize"],
        zones=[each["AvailabilityZone"] for each in subnets],
        machine=_machine(call, {**found, "diskSize": int(found["diskSize"] or 0)}),
        capacity_type=found["capacityType"],
        labels=found["labels"],
        taints=found["taints"],
    )


def _settle(call: Call, identity: str, former: Group | None) -> None:
    """Let the group's nodes join what stands in for the cluster, and wait until they are ready."""
    stand_in = stand_ins.find(_parts(identity)["clusterName"])
    if stand_in is None:
        _note(
            call, identity, nodes="none: nothing stands in for the cluster, so that none can join"
        )
        return
    group = _group(call, _describe(call, identity))
    with stand_in.api() as api:
        nodes.settle(api, group, former)
        until = f"the nodes of {identity} are ready"
        call.wait(lambda: nodes.ready(api, group), until, READY_SECONDS)
    _note(call, identity, nodes=[each["metadata"]["name"] for each in nodes.manifests(group)])


def _read(call: Call, identity: str) -> Outputs | None:
    found = _describe(call, identity)
    groups = found["resources"]["autoScalingGroups"]
    return {
        **pick(found, "clusterName", "amiType", "capacityType", "instanceTypes", "labels"),
        **pick(found, "launchTemplate", "releaseVersion", "scalingConfig", "status", "taints"),
        **pick(found, "updateConfig", "version", "tags"),
        "arn": found["nodegroupArn"],
        "nodeGroupName": found["nodegroupName"],
        "nodeRoleArn": found["nodeRole"],
        "subnetIds": found["subnets"],
        # With a launch template it says how large the disk is.
        "diskSize": 0 if found.get("launchTemplate") else int(found["diskSize"]),
        "nodeRepairConfig": {"enabled": False},
        "resources": [
            {"autoscalingGroups": plain(groups), "remoteAccessSecurityGroupId": ""},
        ],
    }


def _change(call: Call, identity: str, new: Inputs, old: Inputs) -> None:
    found = _describe(call, identity)
    cluster = clusters.describe(call, new["clusterName"])
    version = str(new.get("version", found["version"]))
    rules.node_version(cluster["version"], version, found["version"], "UpdateNodegroupVersion")
    rules.sizes(new["scalingConfig"], "UpdateNodegroupConfig")
    _machine(call, new)
    former = _group(call, found)
    if any(new.get(name) != old.get(name) for name in _REPLACE_NODES):
        # Moto lacks UpdateNodegroupVersion.
        release = _release(new, version)
        template = pick({**found, **new}, "launchTemplate")
        _note(call, identity, version=version, releaseVersion=release, **template)
    # What is not to change is not said: the autoscaler may have set another size by now.
    resized = new["scalingConfig"] != old.get("scalingConfig")
    call.api.update_nodegroup_config(
        **_parts(identity),
        labels=_labels(new.get("labels", {}), found["labels"]),
        taints=_taints(new.get("taints", []), found["taints"]),
        **(pick(new, "scalingConfig") if resized else {}),
        updateConfig=new.get("updateConfig", {"maxUnavailable": 1}),
    )
    _settle(call, identity, former)


_REPLACE_NODES = ("version", "releaseVersion", "launchTemplate")
"""Inputs for which EKS puts new nodes in the place of those that are there."""


def _labels(new: Mapping[str, str], old: Mapping[str, str]) -> dict[str, Any]:
    return {
        "addOrUpdateLabels": dict(new),
        "removeLabels": sorted(set(old) - set(new)),
    }


def _taints(new: list[Inputs], old: list[Inputs]) -> dict[str, Any]:
    # A taint is known by its key and its effect.
    kept = {(each["key"], each["effect"]) for each in new}
    return {
        "addOrUpdateTaints": list(new),
        "removeTaints": [each for each in old if (each["key"], each["effect"]) not in kept],
    }


def _delete(call: Call, identity: str) -> None:
    parts = _parts(identity)
    call.api.describe_nodegroup(**parts)
    stand_in = stand_ins.find(parts["clusterName"])
    if stand_in:
        with stand_in.api() as api:
            nodes.leave(api, parts["nodegroupName"])
    call.api.delete_nodegroup(**parts)
    records.remove(call, identity)


def _tag(call: Call, identity: str, changed: dict[str, str], removed: list[str]) -> None:
    # Moto tags clusters only.
    tags: dict[str, str] = _describe(call, identity).get("tags", {})
    kept = {name: value for name, value in tags.items() if name not in removed}
    _note(call, identity, tags={**kept, **changed})


NODE_GROUP = Type(
    "aws:eks/nodeGroup:NodeGroup",
    service="eks",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=_tag,
    updates=("labels", "scalingConfig", "taints", "updateConfig", *_REPLACE_NODES),
    replaces=(
        *("amiType", "capacityType", "clusterName", "diskSize", "instanceTypes"),
        *("launchTemplate.id", "launchTemplate.name", "nodeGroupName", "nodeGroupNamePrefix"),
        *("nodeRoleArn", "subnetIds"),
    ),
    volatile=("releaseVersion",),
)

TYPES = (NODE_GROUP,)
