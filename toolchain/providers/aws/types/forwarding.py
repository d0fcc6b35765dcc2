"""What a listener does with requests and which: actions and conditions, and what AWS asks of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import Unsupported, refused
from toolchain.providers.aws.translation import api, wire
from toolchain.providers.aws.types.targets import CONNECTIONS, REQUESTS
from toolchain.providers.aws.values import Inputs, Outputs

_AS_IT_WAS = {
    "host": "#{host}",
    "path": "/#{path}",
    "port": "#{port}",
    "protocol": "#{protocol}",
    "query": "#{query}",
}
"""A redirect that changes nothing but the code."""
_FIELDS = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}
_QUERY = ("query-string", "QueryStringConfig")
PER_RULE = 5
"""Values that AWS takes in the conditions of one rule."""


def actions(given: Sequence[Inputs]) -> list[dict[str, Any]]:
    """Actions as AWS takes them."""
    return [
        {"Type": each["type"], "Order": each.get("order", position), **_action(each)}
        for position, each in enumerate(given, start=1)
    ]


def _action(given: Inputs) -> dict[str, Any]:
    kind = given["type"]
    if kind == "redirect":
        return api({"redirect": {**_AS_IT_WAS, **given["redirect"]}}, redirect="RedirectConfig")
    if kind == "fixed-response":
        return api(given, fixedResponse="FixedResponseConfig")
    if kind != "forward":
        raise Unsupported(
            f"the action {kind} is not rehearsed; types/forwarding.py is the place for it"
        )
    if given.get("targetGroupArn"):
        return api(given, "targetGroupArn")
    forward: Inputs = given.get("forward", {})
    groups = [
        {"TargetGroupArn": each["arn"], "Weight": each.get("weight", 1)}
        for each in forward.get("targetGroups", ())
    ]
    if not groups:
        raise refused("ValidationError", "A target group ARN must be specified", "CreateRule")
    sticky = forward.get("stickiness")
    config = {"TargetGroupStickinessConfig": _sticky(sticky)} if sticky else {}
    return {"ForwardConfig": {"TargetGroups": groups, **config}}


def _sticky(given: Inputs) -> dict[str, Any]:
    return {**api(given, "enabled"), **api(given, duration="DurationSeconds")}


def read_actions(found: Sequence[Mapping[str, Any]]) -> list[Outputs]:
    """Actions as the SDK has them."""
    return [
        {
            **wire(each, "type", "targetGroupArn"),
            **wire(each, redirect="RedirectConfig", fixedResponse="FixedResponseConfig"),
            **_read_forward(each.get("ForwardConfig")),
            "order": each.get("Order", position),
        }
        for position, each in enumerate(found, start=1)
    ]


def _read_forward(config: Mapping[str, Any] | None) -> Outputs:
    if config is None:
        return {}
    sticky = config.get("TargetGroupStickinessConfig", {})
    forward: Outputs = {
        "targetGroups": [
            {**wire(each, arn="TargetGroupArn"), "weight": int(each["Weight"])}
            for each in config["TargetGroups"]
        ],
        # One that is off has no duration, and then the SDK's own type has no value for it.
        **({"stickiness": _read_sticky(sticky)} if sticky.get("DurationSeconds") else {}),
    }
    return {"forward": forward}


def _read_sticky(found: Mapping[str, Any]) -> Outputs:
    return {**wire(found, "enabled"), "duration": int(found["DurationSeconds"])}


def groups(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """ARNs of the target groups that actions of AWS forward to."""
    for each in found:
        if each.get("TargetGroupArn"):
            yield each["TargetGroupArn"]
        for group in each.get("ForwardConfig", {}).get("TargetGroups", ()):
            yield group["TargetGroupArn"]


def check_actions(
    call: Call, balancer: Mapping[str, Any], found: Sequence[Mapping[str, Any]], operation: str
) -> None:
    """Refuse what AWS refuses: groups that this kind of balancer, or this very one, cannot have."""
    kind = balancer["Type"]
    if kind == "network" and any(each["Type"] != "forward" for each in found):
        raise refused(
            "InvalidLoadBalancerAction",
            "The action type is not valid with network load balancer: it can only forward",
            operation,
        )
    arns = sorted(set(groups(found)))
    if not arns:
        return
    fitting = REQUESTS if kind == "application" else CONNECTIONS
    for group in call.api.describe_target_groups(TargetGroupArns=arns)["TargetGroups"]:
        arn = group["TargetGroupArn"]
        if group["Protocol"] not in fitting:
            raise refused(
                "IncompatibleProtocols",
                f"The protocol of target group '{arn}' is {group['Protocol']}, a balancer of type "
                f"{kind} takes {', '.join(fitting)}",
                operation,
            )
        if group["VpcId"] != balancer["VpcId"]:
            raise refused(
                "InvalidConfigurationRequest",
                f"The target group '{arn}' is in {group['VpcId']}, the load balancer in "
                f"{balancer['VpcId']}",
                operation,
            )
    _check_taken(call, str(balancer["LoadBalancerArn"]), set(arns), operation)


def _check_taken(call: Call, balancer: str, arns: set[str], operation: str) -> None:
    pages = call.api.get_paginator("describe_load_balancers").paginate()
    others = [each["LoadBalancerArn"] for page in pages for each in page["LoadBalancers"]]
    for other in others:
        if other != balancer and (shared := sorted(arns & set(_used(call, other)))):
            raise refused(
                "TargetGroupAssociationLimit",
                "The following target groups cannot be associated with more than one load balancer: "
                f"{', '.join(shared)} (of {other})",
                operation,
            )


def _used(call: Call, balancer: str) -> Iterator[str]:
    for listener in call.api.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
        for rule in call.api.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
            yield from groups(rule["Actions"])


def conditions(given: Sequence[Inputs]) -> list[dict[str, Any]]:
    """Conditions as AWS takes them."""
    found = [one for each in given for one in _condition(each)]
    values = sum(len(config.get("Values", ())) for _, _, config in found)
    if values > PER_RULE:
        raise refused(
            "ValidationError",
            f"A rule can only have '{PER_RULE}' condition values, and these are {values}",
            "CreateRule",
        )
    return [{"Field": field, parameter: config} for field, parameter, config in found]


def _condition(given: Inputs) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, (field, parameter) in _FIELDS.items():
        if name in given:
            yield field, parameter, api(given, **{name: "config"})["config"]
    if "queryStrings" in given:
        yield *_QUERY, api(given, queryStrings="Values")


def read_conditions(found: Sequence[Mapping[str, Any]]) -> list[Outputs]:
    """Conditions as the SDK has them."""
    return [
        {
            **wire(each, **{name: parameter for name, (_, parameter) in _FIELDS.items()}),
            **wire(each.get(_QUERY[1], {}), queryStrings="Values"),
        }
        for each in found
    ]
