"""Flow logs: who talked to whom in a network."""

from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, tags, wire
from toolchain.providers.aws.types import tagging
from toolchain.providers.aws.values import Inputs, Outputs

_KINDS = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}
_NAMES: dict[str, str] = {
    "iamRoleArn": "DeliverLogsPermissionArn",
    "logDestination": "LogDestination",
    "logDestinationType": "LogDestinationType",
    "logFormat": "LogFormat",
    "maxAggregationInterval": "MaxAggregationInterval",
}


def _create(call: Call, inputs: Inputs) -> str:
    name = next((each for each in _KINDS if each in inputs), None)
    if name is None:
        raise refused(
            "MissingParameter", f"wanted one of {', '.join(_KINDS)}, got none", "CreateFlowLogs"
        )
    made = call.api.create_flow_logs(
        ResourceType=_KINDS[name],
        ResourceIds=[inputs[name]],
        TrafficType=inputs.get("trafficType", "ALL"),
        **api(inputs, **_NAMES),
        **tagging.specified(call, "vpc-flow-log"),
    )
    for each in made.get("Unsuccessful", ()):
        error: dict[str, Any] = each["Error"]
        raise refused(str(error["Code"]), str(error["Message"]), "CreateFlowLogs")
    return str(made["FlowLogIds"][0])


def _read(call: Call, identity: str) -> Outputs | None:
    log = first(call.api.describe_flow_logs(FlowLogIds=[identity])["FlowLogs"])
    if log is None:
        return None
    resource = str(log["ResourceId"])
    kind = {"vpc": "vpcId", "subnet": "subnetId"}.get(resource.split("-", 1)[0], "eniId")
    return {
        kind: resource,
        **wire(log, "trafficType", **_NAMES),
        "arn": call.arn(f"vpc-flow-log/{identity}"),
        "tags": tags(log.get("Tags")),
    }


FLOW_LOG = Type(
    "aws:ec2/flowLog:FlowLog",
    service="ec2",
    create=_create,
    read=_read,
    delete=lambda call, identity: call.api.delete_flow_logs(FlowLogIds=[identity]),
    tag=tagging.ec2,
    replaces=(*_KINDS, *_NAMES, "trafficType"),
    # Moto has one for each network and destination; AWS, where they differ in something.
    delete_first=True,
)

TYPES = (FLOW_LOG,)
