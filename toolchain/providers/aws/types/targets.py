"""Target groups: where balancers send to, and how they look whether anybody is there."""

from collections.abc import Mapping
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, wire
from toolchain.providers.aws.types import elb
from toolchain.providers.aws.types.elb import Attribute, Table
from toolchain.providers.aws.values import Inputs, Outputs

REQUESTS = ("HTTP", "HTTPS")
"""Protocols of application balancers."""
CONNECTIONS = ("TCP", "TLS", "UDP", "TCP_UDP")
"""Protocols of network balancers."""
_BOTH = (*REQUESTS, *CONNECTIONS)
_STREAMS = ("TCP", "TLS")
ATTRIBUTES: Table = {
    "connectionTermination": Attribute(
        "deregistration_delay.connection_termination.enabled", False, CONNECTIONS
    ),
    "deregistrationDelay": Attribute("deregistration_delay.timeout_seconds", 300, _BOTH),
    "loadBalancingAlgorithmType": Attribute(
        "load_balancing.algorithm.type", "round_robin", REQUESTS
    ),
    "loadBalancingAnomalyMitigation": Attribute(
        "load_balancing.algorithm.anomaly_mitigation", "off", REQUESTS
    ),
    "loadBalancingCrossZoneEnabled": Attribute(
        "load_balancing.cross_zone.enabled", "use_load_balancer_configuration", _BOTH
    ),
    "proxyProtocolV2": Attribute("proxy_protocol_v2.enabled", False, CONNECTIONS),
    "slowStart": Attribute("slow_start.duration_seconds", 0, REQUESTS),
}
_STICKY: Mapping[str, Table] = {
    "lb_cookie": {
        "cookieDuration": Attribute("stickiness.lb_cookie.duration_seconds", 86400, _BOTH)
    },
    "app_cookie": {
        "cookieDuration": Attribute("stickiness.app_cookie.duration_seconds", 86400, _BOTH),
        "cookieName": Attribute("stickiness.app_cookie.cookie_name", "", _BOTH),
    },
}
_CHECK = {
    "enabled": "HealthCheckEnabled",
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "path": "HealthCheckPath",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthyThreshold": "HealthyThresholdCount",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}
_CHECK_DEFAULTS: Inputs = {
    "enabled": True,
    "protocol": "HTTP",
    "port": "traffic-port",
    "interval": 30,
    "healthyThreshold": 3,
    "unhealthyThreshold": 3,
}
"""What the official provider adds to a health check that is given."""
_LIMITS = {
    "interval": (5, 300),
    "timeout": (2, 120),
    "healthyThreshold": (2, 10),
    "unhealthyThreshold": (2, 10),
}
"""What AWS takes (API reference, CreateTargetGroup)."""


def _create(call: Call, inputs: Inputs) -> str:
    _check(inputs, "CreateTargetGroup")
    made = call.api.create_target_group(
        **api(inputs, "name", "port", "protocol", "protocolVersion", "targetType", "vpcId"),
        **api(inputs, "ipAddressType"),
        **_health_check(inputs),
        **elb.tagged(call),
    )
    arn = call.made(made["TargetGroups"][0]["TargetGroupArn"])
    _set_attributes(call, arn, inputs, {})
    return arn


def _check(inputs: Inputs, operation: str) -> None:
    protocol = inputs.get("protocol", "")
    if protocol not in _BOTH:
        raise refused("ValidationError", f"Protocol '{protocol}' is not rehearsed", operation)
    for key in elb.foreign(_attributes(inputs), protocol, inputs):
        raise refused(
            "ValidationError",
            f"Target group attribute key '{key}' is not recognized: {protocol} has none",
            "ModifyTargetGroupAttributes",
        )
    slow = inputs.get("slowStart", 0)
    if slow and not 30 <= slow <= 900:
        raise refused(
            "ValidationError",
            f"'slow_start.duration_seconds' value '{slow}' must be between '30-900' inclusive",
            "ModifyTargetGroupAttributes",
        )
    if slow and inputs.get("loadBalancingAlgorithmType", "round_robin") != "round_robin":
        raise refused(
            "InvalidConfigurationRequest",
            "Slow start can only be enabled with the load balancing algorithm 'round_robin'",
            "ModifyTargetGroupAttributes",
        )
    for name, (least, most) in _LIMITS.items():
        value = inputs.get("healthCheck", {}).get(name, least)
        if not least <= value <= most:
            raise refused(
                "ValidationError",
                f"Health check {name} '{value}' must be between '{least}-{most}' inclusive",
                operation,
            )


def _attributes(inputs: Inputs) -> Table:
    """All that a group with the inputs has; whether it keeps the client's address depends on them."""
    by_address = inputs.get("targetType", "instance") == "ip"
    kept = not by_address or inputs.get("protocol") not in _STREAMS
    address = Attribute("preserve_client_ip.enabled", elb.text(kept), CONNECTIONS)
    return {**ATTRIBUTES, "preserveClientIp": address}


def _health_check(inputs: Inputs) -> dict[str, Any]:
    if "healthCheck" not in inputs:
        return {}
    given = {**_CHECK_DEFAULTS, **inputs["healthCheck"]}
    matcher = {"Matcher": {"HttpCode": given["matcher"]}} if given.get("matcher") else {}
    return {**api(given, **_CHECK), **matcher}


def _set_attributes(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    protocol = new["protocol"]
    attributes = elb.wanted(_attributes(new), protocol, new, old)
    if new.get("stickiness") != old.get("stickiness"):
        attributes += _stickiness(protocol, new.get("stickiness"))
    if attributes:
        call.api.modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)


def _stickiness(protocol: str, given: Inputs | None) -> list[dict[str, str]]:
    if given is None:
        return [{"Key": "stickiness.enabled", "Value": "false"}]
    kind = str(given["type"])
    return [
        {"Key": "stickiness.enabled", "Value": elb.text(given.get("enabled", True))},
        {"Key": "stickiness.type", "Value": kind},
        *elb.wanted(_cookie(protocol, kind), protocol, given, {}),
    ]


def _cookie(protocol: str, kind: str) -> Table:
    """What keeps a client with a target has besides; only those who read requests have cookies."""
    none: Table = {}
    return _STICKY.get(kind, none) if protocol in REQUESTS else none


def _change(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    _check(new, "ModifyTargetGroup")
    check = _health_check(new)
    if check and check != _health_check(old):
        call.api.modify_target_group(TargetGroupArn=arn, **check)
        _check_matcher(call, arn, check)
    _set_attributes(call, arn, new, old)


def _check_matcher(call: Call, arn: str, check: Mapping[str, Any]) -> None:
    """Moto changes the codes of groups of application balancers only, and says nothing."""
    found = _described(call, arn)
    wanted = check.get("Matcher")
    if found and wanted and found.get("Matcher") != wanted:
        raise refused(
            "NotImplemented",
            "moto does not change which codes are healthy in a group of a network balancer; give the "
            "group another name in the rehearsal, AWS itself changes them in place",
            "ModifyTargetGroup",
        )


def _described(call: Call, arn: str) -> dict[str, Any] | None:
    return first(call.api.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"])


def _read(call: Call, arn: str) -> Outputs | None:
    group = _described(call, arn)
    if group is None:
        return None
    protocol = group["Protocol"]
    answer = call.api.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    attributes = elb.listed(answer)
    found = wire(group, "port", "protocol", "protocolVersion", "targetType", "vpcId")
    return {
        **found,
        **wire(group, "ipAddressType", arn="TargetGroupArn", name="TargetGroupName"),
        "arnSuffix": arn.rsplit(":", 1)[1],
        "healthCheck": {
            **wire(group, **_CHECK),
            **({"matcher": group["Matcher"]["HttpCode"]} if "Matcher" in group else {}),
        },
        # Moto names a balancer once for each of its rules.
        "loadBalancerArns": sorted(set(group.get("LoadBalancerArns", ()))),
        "stickiness": _read_stickiness(protocol, attributes),
        "targetGroupHealth": {
            "dnsFailover": {
                "minimumHealthyTargetsCount": "1",
                "minimumHealthyTargetsPercentage": "off",
            },
            "unhealthyStateRouting": {
                "minimumHealthyTargetsCount": 1,
                "minimumHealthyTargetsPercentage": "off",
            },
        },
        **elb.found(_attributes(found), protocol, attributes),
        "tags": elb.tags_of(call, arn),
    }


def _read_stickiness(protocol: str, attributes: Mapping[str, str]) -> Outputs:
    kind = attributes.get("stickiness.type", "source_ip")
    return {
        "enabled": attributes["stickiness.enabled"] == "true",
        "type": kind,
        **elb.found(_cookie(protocol, kind), protocol, attributes),
    }


TARGET_GROUP = Type(
    "aws:lb/targetGroup:TargetGroup",
    service="elbv2",
    create=_create,
    read=_read,
    update=_change,
    # One that a listener or rule sends to stays: moto sees to that as AWS does.
    delete=lambda call, arn: call.api.delete_target_group(TargetGroupArn=arn),
    tag=elb.tag,
    updates=(*ATTRIBUTES, "healthCheck", "preserveClientIp", "stickiness"),
    replaces=(
        "name",
        "port",
        "protocol",
        "protocolVersion",
        "targetType",
        "vpcId",
        "ipAddressType",
    ),
    autoname="name",
    autoname_limit=32,
    # Some of these are of network balancers' groups only, and there they are told.
    absent=("preserveClientIp", "connectionTermination", "targetFailovers", "targetHealthStates"),
)

TYPES = (TARGET_GROUP,)
