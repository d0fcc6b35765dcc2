"""Rules of an application balancer's listeners."""

from typing import Any

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import first
from toolchain.providers.aws.types import elb, forwarding
from toolchain.providers.aws.values import Inputs, Outputs


def _create(call: Call, inputs: Inputs) -> str:
    listener = inputs["listenerArn"]
    chosen = forwarding.actions(inputs["actions"])
    _check(call, listener, chosen, "CreateRule")
    made = call.api.create_rule(
        ListenerArn=listener,
        Priority=inputs.get("priority") or _next_priority(call, listener),
        Conditions=forwarding.conditions(inputs["conditions"]),
        Actions=chosen,
        **elb.tagged(call),
    )
    return str(made["Rules"][0]["RuleArn"])


def _check(call: Call, listener: str, chosen: list[dict[str, Any]], operation: str) -> None:
    (found,) = call.api.describe_listeners(ListenerArns=[listener])["Listeners"]
    arn = found["LoadBalancerArn"]
    (balancer,) = call.api.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    if balancer["Type"] != "application":
        raise refused(
            "InvalidConfigurationRequest",
            f"Rules are for application load balancers; this one's type is {balancer['Type']}",
            operation,
        )
    forwarding.check_actions(call, balancer, chosen, operation)


def _next_priority(call: Call, listener: str) -> int:
    pages = call.api.get_paginator("describe_rules").paginate(ListenerArn=listener)
    found = [each["Priority"] for page in pages for each in page["Rules"]]
    return 1 + max((int(each) for each in found if each != "default"), default=0)


def _change(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    chosen = forwarding.actions(new["actions"])
    _check(call, new["listenerArn"], chosen, "ModifyRule")
    if new.get("priority", old.get("priority")) != old.get("priority"):
        pair = {"RuleArn": arn, "Priority": new["priority"]}
        call.api.set_rule_priorities(RulePriorities=[pair])
    call.api.modify_rule(
        RuleArn=arn, Conditions=forwarding.conditions(new["conditions"]), Actions=chosen
    )


def _read(call: Call, arn: str) -> Outputs | None:
    rule = first(call.api.describe_rules(RuleArns=[arn])["Rules"])
    return rule and {
        "arn": arn,
        "listenerArn": arn.replace(":listener-rule/", ":listener/").rsplit("/", 1)[0],
        "priority": int(rule["Priority"]),
        "conditions": forwarding.read_conditions(rule["Conditions"]),
        "actions": forwarding.read_actions(rule["Actions"]),
        "tags": elb.tags_of(call, arn),
    }


RULE = Type(
    "aws:lb/listenerRule:ListenerRule",
    service="elbv2",
    create=_create,
    read=_read,
    update=_change,
    delete=lambda call, arn: call.api.delete_rule(RuleArn=arn),
    tag=elb.tag,
    updates=("actions", "conditions", "priority"),
    replaces=("listenerArn",),
)

TYPES = (RULE,)
