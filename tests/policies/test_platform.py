"""The platform's own resources, as its components register them, before the pack."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from pulumi.runtime.proto import analyzer_pb2

from components.agents import Agent
from components.edge import Gateway
from components.tenancy import Tenant
from tests import samples
from tests.policies.analyzer import Analyzer, running
from tests.policies.aws_world import OPTIONS, aws_world
from tests.policies.world import UNKNOWN, Declared, world
from tests.recording import deploy


def _program() -> None:
    Tenant("research", samples.tenant_args())
    Gateway("gateway", replace(samples.gateway_args(), priority="platform-gateway"))
    Agent("extractor", replace(samples.agent_args(), priority="agents"))


@cache
def platform() -> dict[str, Declared]:
    """Every resource of a platform with one tenant and one agent, stores included."""
    return {each.name: Declared(each.type, each.inputs) for each in deploy(_program).resources}


@pytest.fixture(scope="module")
def dev() -> Iterator[Analyzer]:
    """The pack as the stack `dev` runs it."""
    with running(environment="dev", stack="dev") as started:
        yield started


def said(analyzer: Analyzer, stack: dict[str, Declared]) -> list[tuple[str, str]]:
    """Rule and message of everything the pack has to say of a run."""
    found = [d for name, each in stack.items() for d in analyzer.analyze(name, each).diagnostics]
    found += analyzer.analyze_stack(stack).diagnostics
    return [(diagnostic.policyName, diagnostic.message) for diagnostic in found]


def test_the_platform_keeps_every_rule_and_needs_every_exemption(dev: Analyzer) -> None:
    assert said(dev, platform()) == []


def test_what_is_exempt_says_until_when_and_why(dev: Analyzer) -> None:
    answer = dev.analyze("gateway-service", platform()["gateway-service"])
    reasons = {entry.policy_name: entry.reason for entry in answer.not_applicable}
    assert "(platform): The local cluster has no load balancer" in reasons["forbid-exposed-service"]


def test_a_gateway_on_a_port_of_the_node_is_refused_in_production() -> None:
    with running(environment="prod", stack="prod") as analyzer:
        found = analyzer.analyze("gateway-service", platform()["gateway-service"]).diagnostics
    assert [(d.policyName, d.enforcementLevel) for d in found] == [
        ("forbid-exposed-service", analyzer_pb2.MANDATORY)
    ]


def test_a_first_preview_that_knows_no_name_stops_nothing(dev: Analyzer) -> None:
    """Names and namespaces are what a first preview may not know."""
    unnamed = {
        name: Declared(
            each.type,
            {
                **each.props,
                "metadata": {**each.props["metadata"], "name": UNKNOWN, "namespace": UNKNOWN},
            },
        )
        if each.type.startswith("kubernetes:")
        else each
        for name, each in platform().items()
    }
    found = [d for name, each in unnamed.items() for d in dev.analyze(name, each).diagnostics]
    found += dev.analyze_stack(unnamed).diagnostics
    assert [d for d in found if d.enforcementLevel == analyzer_pb2.MANDATORY] == []
    assert any("can't be known during preview" in d.message for d in found)


def test_six_of_everything_break_only_what_copies_break() -> None:
    few = {**world(), **aws_world()}
    many = {
        f"{name}-{number}": Declared(
            each.type,
            each.props,
            {
                key: tuple(f"{origin}-{number}" for origin in origins)
                for key, origins in each.links.items()
            },
        )
        for number in range(6)
        for name, each in few.items()
    }
    assert len(many) >= 400
    with running(options=OPTIONS) as analyzer:
        found = {rule for rule, _ in said(analyzer, many)} - {
            rule for rule, _ in said(analyzer, few)
        }
    assert found == {"forbid-duplicate-autoscaler", "forbid-cost-over-ceiling"}
