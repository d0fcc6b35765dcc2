"""Unit: routes and the gateway that serves them."""

import pytest
from pydantic import ValidationError

from components.agents import Agent
from components.edge import Gateway, GatewaySettings, Route
from components.edge.proxy import OPEN, arguments
from components.edge.route import match
from tests import samples
from tests.recording import deploy


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        (Route(path="/api"), "(Path(`/api`) || PathPrefix(`/api/`))"),
        (Route(path="/api/"), "(Path(`/api`) || PathPrefix(`/api/`))"),
        (Route(path="/"), "PathPrefix(`/`)"),
        (Route(path="/a", host="x.org"), "Host(`x.org`) && (Path(`/a`) || PathPrefix(`/a/`))"),
    ],
)
def test_a_route_matches_whole_path_segments(entry: Route, rule: str) -> None:
    assert match(entry) == rule


@pytest.mark.parametrize("path", ["api", "/a`b", "/a b", ""])
def test_a_path_that_could_break_out_of_the_rule_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        Route(path=path)


def test_there_is_no_prefix_to_take_off_the_root() -> None:
    with pytest.raises(ValidationError, match="no prefix to take off"):
        Route(path="/", strip=True)


def test_the_agent_sees_a_path_without_the_prefix_that_is_the_gateways_own() -> None:
    routes = (
        Route(path="/reader", strip=True),
        Route(path="/reader/ab", strip=True),
        Route(path="/api/v1"),
    )
    settings = samples.AGENT.model_copy(update={"routes": routes})
    recording = deploy(lambda: Agent("extractor", samples.agent_args(settings)))

    stripped = [
        recording.one("Middleware", f"-strip-{number}").inputs["spec"]["stripPrefix"]["prefixes"]
        for number in (0, 1)
    ]
    assert stripped == [["/reader"], ["/reader/ab"]]
    rules = recording.one("IngressRoute").inputs["spec"]["routes"]
    assert [[each["name"] for each in rule["middlewares"]] for rule in rules] == [
        ["extractor-retry", "extractor-strip-0"],
        ["extractor-retry", "extractor-strip-1"],
        ["extractor-retry"],
    ]


@pytest.mark.parametrize(("expose", "port"), [("NodePort", None), ("ClusterIP", 30080)])
def test_a_node_port_goes_with_exposing_by_node_port_only(expose: str, port: int | None) -> None:
    values = {"replicas": 1, "expose": expose, "node_port": port, "resources": samples.COMPUTE}
    with pytest.raises(ValidationError, match="NodePort needs a port"):
        GatewaySettings.model_validate(values)


def test_the_gateway_watches_its_own_and_its_tenants_namespaces_only() -> None:
    words = arguments(samples.GATEWAY, OPEN, ["research", "gateway"])
    assert "--providers.kubernetescrd.namespaces=gateway,research" in words


def test_no_request_is_sent_on_a_connection_to_a_pod_that_may_be_gone() -> None:
    words = arguments(samples.GATEWAY, OPEN, ["gateway"])
    assert "--serverstransport.maxidleconnsperhost=-1" in words
    assert "--serverstransport.forwardingtimeouts.dialtimeout=1s" in words


def test_the_gateway_needs_no_right_in_the_whole_cluster() -> None:
    recording = deploy(lambda: Gateway("gateway", samples.gateway_args()))
    assert not recording.kind("ClusterRole", "ClusterRoleBinding")
    assert {r.inputs["metadata"]["namespace"] for r in recording.kind("Role")} == {
        "gateway",
        "research",
    }
