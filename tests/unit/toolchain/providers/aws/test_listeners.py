"""Unit: listeners, rules and target groups fit together as AWS asks, which moto does not."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.moto import Moto
from tests.unit.toolchain.providers.aws.cases import CASES
from tests.unit.toolchain.providers.aws.cases.balancers import (
    BALANCER,
    LISTENER,
    POLICY,
    RULE,
    TARGET_GROUP,
    balancer,
)
from tests.unit.toolchain.providers.aws.cases.certificates import CERTIFICATE, VALIDATION
from tests.unit.toolchain.providers.aws.cases.network import VPC
from tests.unit.toolchain.providers.aws.stand_in import Engine, Made, Refused, World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine, CASES)


def refused(world: World, token: str, inputs: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        world.engine.make(token, inputs, name="refused")


def group(world: World, name: str = "sample", **changed: Any) -> Made:  # noqa: ANN401 - inputs
    inputs = {"vpcId": world[VPC].id, "port": 8000, "protocol": "TCP", "targetType": "ip"}
    return world.engine.make(TARGET_GROUP, {**inputs, **changed}, name=name)


def network(world: World) -> Made:
    inputs = {k: v for k, v in balancer(world).items() if k != "accessLogs"}
    return world.engine.make(BALANCER, {**inputs, "loadBalancerType": "network"}, name="network")


def http(world: World, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - inputs
    """Inputs of a listener that needs no certificate."""
    target = {"type": "forward", "targetGroupArn": world[TARGET_GROUP].id}
    inputs = {"loadBalancerArn": world[BALANCER].id, "port": 80, "protocol": "HTTP"}
    return {**inputs, "defaultActions": [target], **changed}


def rule(world: World, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - inputs
    """Inputs of a rule of a listener that needs no certificate."""
    listener = world.engine.make(LISTENER, http(world), name="http").id
    return {
        "listenerArn": listener,
        "conditions": [{"pathPattern": {"values": ["/v1/*"]}}],
        "actions": [{"type": "forward", "targetGroupArn": world[TARGET_GROUP].id}],
        **changed,
    }


def test_a_group_for_connections_keeps_the_clients_address_if_it_is_told(world: World) -> None:
    made = group(world, preserveClientIp="true", connectionTermination=True)
    assert made.outputs["preserveClientIp"] == "true"
    assert made.outputs["connectionTermination"] is True
    assert group(world, "second").outputs["preserveClientIp"] == "false"
    assert group(world, "third", protocol="UDP").outputs["preserveClientIp"] == "true"


def test_a_group_for_connections_asks_for_a_page_and_moto_keeps_its_code(world: World) -> None:
    check = {"protocol": "HTTP", "path": "/ping", "port": "9090", "matcher": "200"}
    sticky = {"type": "source_ip", "enabled": False}
    made = group(world, healthCheck=check, stickiness=sticky)
    assert check.items() <= made.outputs["healthCheck"].items()
    assert made.outputs["stickiness"] == sticky
    with pytest.raises(Refused, match="moto does not change which codes are healthy"):
        changed = {**made.inputs, "healthCheck": {**check, "matcher": "204"}}
        world.engine.change(made, changed)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"slowStart": 60}, r"slow_start\.duration_seconds' is not recognized: TCP"),
        (
            {"protocol": "HTTP", "preserveClientIp": "true"},
            r"preserve_client_ip\.enabled' is not recognized: HTTP",
        ),
        (
            {
                "protocol": "HTTP",
                "slowStart": 60,
                "loadBalancingAlgorithmType": "least_outstanding_requests",
            },
            "Slow start can only be enabled",
        ),
        ({"protocol": "HTTP", "slowStart": 10}, "between '30-900'"),
        ({"healthCheck": {"healthyThreshold": 1}}, "Health check healthyThreshold '1'"),
        ({"healthCheck": {"interval": 301}}, "Health check interval '301'"),
        ({"protocol": "GENEVE"}, "is not rehearsed"),
    ],
)
def test_a_group_has_what_its_protocol_has(
    world: World, changed: dict[str, Any], reason: str
) -> None:
    inputs = {"vpcId": world[VPC].id, "port": 8000, "protocol": "TCP", "targetType": "ip"}
    refused(world, TARGET_GROUP, {**inputs, **changed}, reason)


def test_a_group_stays_while_something_sends_to_it(world: World) -> None:
    listener = world.engine.make(LISTENER, http(world))
    with pytest.raises(Refused, match="ResourceInUse"):
        world.engine.remove(world[TARGET_GROUP])
    world.engine.remove(listener)
    world.engine.remove(world[TARGET_GROUP])


def test_a_group_is_of_one_balancer(world: World) -> None:
    world.engine.make(LISTENER, http(world))
    inputs = {k: v for k, v in world[BALANCER].inputs.items() if k not in ("name", "accessLogs")}
    second = world.engine.make(BALANCER, inputs, name="second").id
    listener = http(world, loadBalancerArn=second)
    refused(world, LISTENER, listener, "TargetGroupAssociationLimit")


def test_a_group_speaks_as_its_balancer_does_and_is_in_its_network(world: World) -> None:
    connections = [{"type": "forward", "targetGroupArn": group(world).id}]
    refused(world, LISTENER, http(world, defaultActions=connections), "IncompatibleProtocols")
    elsewhere = world.engine.make(VPC, {"cidrBlock": "10.9.0.0/16"}, name="elsewhere").id
    far = group(world, "far", vpcId=elsewhere, protocol="HTTP").id
    forward = [{"type": "forward", "targetGroupArn": far}]
    refused(world, LISTENER, http(world, defaultActions=forward), "the load balancer in vpc-")


def test_a_listener_has_its_port_to_itself(world: World) -> None:
    world.engine.make(LISTENER, http(world))
    refused(world, LISTENER, http(world), "DuplicateListener")


def test_a_listener_shows_an_issued_certificate_of_its_region(world: World) -> None:
    secure = http(world, port=443, protocol="HTTPS")
    refused(world, LISTENER, secure, "A certificate must be specified for HTTPS")
    far = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-0123456789ab"
    refused(world, LISTENER, {**secure, "certificateArn": far}, "not found in eu-central-1")
    waiting = {**secure, "certificateArn": world[CERTIFICATE].id}
    refused(world, LISTENER, waiting, "is not issued yet")
    usable = {**secure, "certificateArn": world[VALIDATION].id}
    refused(world, LISTENER, {**usable, "sslPolicy": "none"}, "SSL policy 'none' not found")
    refused(world, LISTENER, {**usable, "alpnPolicy": "HTTP2Only"}, "for TLS listeners only")
    refused(world, LISTENER, http(world, sslPolicy=POLICY), "sslPolicy cannot be specified")
    idle = {**usable, "tcpIdleTimeoutSeconds": 60}
    refused(world, LISTENER, idle, "is not recognized: a listener with protocol HTTPS")
    world.engine.make(LISTENER, usable)


def test_a_tls_listener_changes_its_certificate_and_what_it_offers(world: World) -> None:
    first = world[VALIDATION].id
    names = {"domainName": "agents.example.com", "validationMethod": "DNS"}
    second = world.engine.make(CERTIFICATE, names, name="second").id
    inputs = {
        "loadBalancerArn": network(world).id,
        "port": 443,
        "protocol": "TLS",
        "certificateArn": first,
        "sslPolicy": POLICY,
        "alpnPolicy": "HTTP2Preferred",
        "defaultActions": [{"type": "forward", "targetGroupArn": group(world).id}],
    }
    made = world.engine.make(LISTENER, inputs)
    assert made.outputs["alpnPolicy"] == "HTTP2Preferred"
    assert "mutualAuthentication" not in made.outputs
    made = world.engine.change(
        made, {**inputs, "certificateArn": second, "alpnPolicy": "HTTP2Only"}
    )
    found = world.engine.read(made)
    assert found is not None
    assert found.outputs["certificateArn"] == second
    assert found.outputs["alpnPolicy"] == "HTTP2Only"
    del inputs["alpnPolicy"]
    made = world.engine.change(made, inputs)
    assert "alpnPolicy" not in made.outputs
    fixed = {"contentType": "text/plain", "statusCode": "404"}
    answer = [{"type": "fixed-response", "fixedResponse": fixed}]
    with pytest.raises(Refused, match="it can only forward"):
        world.engine.change(made, {**inputs, "defaultActions": answer})
    ruled = {
        "listenerArn": made.id,
        "conditions": [{"pathPattern": {"values": ["/v1/*"]}}],
        "actions": inputs["defaultActions"],
    }
    refused(world, RULE, ruled, "Rules are for application load balancers")


def test_rules_come_one_after_the_other_and_have_priorities_of_their_own(world: World) -> None:
    inputs = rule(world)
    assert world.engine.make(RULE, {**inputs, "priority": 10}).outputs["priority"] == 10
    assert world.engine.make(RULE, inputs, name="next").outputs["priority"] == 11
    refused(world, RULE, {**inputs, "priority": 10}, "PriorityInUse")


def test_a_rule_has_five_values_at_most(world: World) -> None:
    many = {"values": [f"/v{number}" for number in range(6)]}
    inputs = rule(world, conditions=[{"pathPattern": many}])
    refused(world, RULE, inputs, "only have '5' condition values")


def test_shares_of_the_requests_change_in_place(world: World, aws: Moto) -> None:
    canary = group(world, "canary", protocol="HTTP").id

    def shares(stable: int, new: int) -> list[dict[str, Any]]:
        groups = [
            {"arn": world[TARGET_GROUP].id, "weight": stable},
            {"arn": canary, "weight": new},
        ]
        sticky = {"enabled": True, "duration": 60}
        return [{"type": "forward", "forward": {"targetGroups": groups, "stickiness": sticky}}]

    inputs = rule(world, actions=shares(9, 1))
    made = world.engine.make(RULE, inputs)
    changed = {**inputs, "actions": shares(5, 5)}
    assert not world.engine.diff(made, changed).replaces
    made = world.engine.change(made, changed)
    (found,) = aws.client("elbv2").describe_rules(RuleArns=[made.id])["Rules"]
    config = found["Actions"][0]["ForwardConfig"]
    assert [each["Weight"] for each in config["TargetGroups"]] == [5, 5]
    read = world.engine.read(made)
    assert read is not None
    assert read.inputs == made.inputs


def test_what_a_rule_does_is_forward_redirect_or_answer(world: World) -> None:
    inputs = rule(world)
    refused(world, RULE, {**inputs, "actions": [{"type": "forward"}]}, "target group ARN must be")
    login = [{"type": "authenticate-oidc"}]
    refused(world, RULE, {**inputs, "actions": login}, "not rehearsed")
