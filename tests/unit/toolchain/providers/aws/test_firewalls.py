"""Unit: a web ACL stands in front of what AWS WAF can stand in front of, and logs where it may."""

from typing import Any

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.balancers import BALANCER, balancer
from tests.unit.toolchain.providers.aws.cases.firewalls import (
    LOG_GROUP,
    MANAGED,
    RATE,
    WEB_ACL,
    log_group,
    measured,
)
from tests.unit.toolchain.providers.aws.stand_in import Engine, Inputs, Refused, World

ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
COUNT: Inputs = {"count": {}}
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


def acl(world: World, *rules: Any) -> dict[str, Any]:  # noqa: ANN401 - inputs
    return {**world[WEB_ACL].inputs, "name": "second", "rules": list(rules)}


def test_aws_sees_the_rules_as_they_were_written(world: World, aws: Moto) -> None:
    made = world[WEB_ACL]
    client = aws.client("wafv2")
    found = client.get_web_acl(Name="other-0123456", Scope="REGIONAL", Id=made.id)["WebACL"]
    rate, managed = found["Rules"]
    assert rate["Action"] == {"Block": {"CustomResponse": {"ResponseCode": 429}}}
    assert rate["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True
    assert managed["OverrideAction"] == {"None": {}}
    overrides = managed["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert overrides == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ([RATE, {**MANAGED, "priority": 0}], "the same priority more than once"),
        ([RATE, {**MANAGED, "name": "rate"}], "the same name more than once"),
        ([{**MANAGED, "action": COUNT}], "needs overrideAction and no action"),
        ([{k: v for k, v in RATE.items() if k != "action"}], "needs action and no overrideAction"),
    ],
)
def test_rules_are_such_as_aws_takes(
    world: World, rules: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        world.engine.make(WEB_ACL, acl(world, *rules))


def test_the_last_rule_stays_as_moto_keeps_it(world: World) -> None:
    made = world[WEB_ACL]
    with pytest.raises(Refused, match="moto does not take the last rule out"):
        world.engine.change(made, {**made.inputs, "rules": []})


def test_a_web_acl_stays_while_it_stands_in_front_of_something(world: World) -> None:
    association = world[ASSOCIATION]
    with pytest.raises(Refused, match="WAFAssociatedItemException"):
        world.engine.remove(world[WEB_ACL])
    world.engine.remove(association)
    world.engine.remove(world[WEB_ACL])
    assert world.engine.read(world[WEB_ACL]) is None


def test_a_balancer_has_one_web_acl_and_the_last_counts(world: World) -> None:
    first = world[ASSOCIATION]
    second = world.engine.make(WEB_ACL, acl(world, RATE), name="second")
    inputs = {"resourceArn": world[BALANCER].id, "webAclArn": second.outputs["arn"]}
    world.engine.make(ASSOCIATION, inputs, name="second")
    assert world.engine.read(first) is None
    # It is gone already, and the one that took its place stays.
    world.engine.remove(first)
    with pytest.raises(Refused, match="WAFAssociatedItemException"):
        world.engine.remove(second)


def test_nothing_stands_in_front_of_a_network_balancer(world: World) -> None:
    given = {k: v for k, v in balancer(world).items() if k != "accessLogs"}
    made = world.engine.make(BALANCER, {**given, "loadBalancerType": "network"}, name="network")
    inputs = {"resourceArn": made.id, "webAclArn": world[WEB_ACL].outputs["arn"]}
    with pytest.raises(Refused, match="a network load balancer"):
        world.engine.make(ASSOCIATION, inputs)


def test_a_web_acl_logs_to_a_group_of_its_prefix_that_is_there(world: World) -> None:
    arn = world[WEB_ACL].outputs["arn"]
    other = world.engine.make(LOG_GROUP, {"name": "waf"}, name="waf").outputs["arn"]
    for destination in (other, other.replace(":waf", ":aws-waf-logs-none")):
        with pytest.raises(Refused, match="field: LOG_DESTINATION"):
            world.engine.make(LOGGING, {"resourceArn": arn, "logDestinationConfigs": [destination]})
    world.engine.make(LOGGING, {"resourceArn": arn, "logDestinationConfigs": [log_group(world)]})


def test_what_it_logs_to_goes_with_a_web_acl(world: World) -> None:
    logging = world[LOGGING]
    world.engine.remove(world[WEB_ACL])
    assert world.engine.read(logging) is None


def test_a_description_that_is_no_longer_given_is_no_drift(world: World) -> None:
    inputs = {**world[WEB_ACL].inputs, "name": "described", "description": "of the gateway"}
    made = world.engine.make(WEB_ACL, inputs)
    assert made.outputs["description"] == "of the gateway"
    plain = {k: v for k, v in inputs.items() if k != "description"}
    made = world.engine.change(made, {**plain, "visibilityConfig": measured("all")})
    assert "description" not in made.outputs
