"""Unit: the load balancer, who gets to it, and what it hands to whom."""

import pytest

from components.edge.balancer import LoadBalancer
from tests import samples_balancer as samples
from tests.recording import Properties, Recording, Registered, deploy


@pytest.fixture(scope="module")
def application() -> Recording:
    return deploy(samples.load_balancer)


@pytest.fixture(scope="module")
def network() -> Recording:
    return deploy(lambda: samples.load_balancer(samples.network()))


@pytest.fixture(scope="module")
def internal() -> Recording:
    settings = samples.settings(
        scheme="internal", certificate=samples.CERTIFICATE, zone=None, domains=(), firewall=None
    )
    return deploy(lambda: samples.load_balancer(settings, protect=False))


def balancer(recording: Recording) -> Properties:
    return recording.one("LoadBalancer", "edge-balancer").inputs


def listeners(recording: Recording) -> dict[int, Properties]:
    return {int(each.inputs["port"]): each.inputs for each in recording.kind("Listener")}


def needed(recording: Recording, first: Registered) -> set[str]:
    """Names of everything that has to be there before `first`, and so goes after it."""
    by_urn = {each.urn: each for each in recording.resources}
    found: set[str] = set()
    waiting = [first]
    while waiting:
        for urn in waiting.pop().dependencies:
            each = by_urn[urn]
            if each.name not in found:
                found.add(each.name)
                waiting.append(each)
    return found


def test_requests_that_could_be_read_in_two_ways_are_refused(application: Recording) -> None:
    inputs = balancer(application)
    assert inputs["desyncMitigationMode"] == "strictest"
    assert inputs["dropInvalidHeaderFields"] is True
    assert inputs["enableWafFailOpen"] is False


def test_the_gateway_hears_who_asked_and_for_which_host(application: Recording) -> None:
    inputs = balancer(application)
    assert inputs["preserveHostHeader"] is True
    assert inputs["xffHeaderProcessingMode"] == "append"
    assert inputs["idleTimeout"] == 120


def test_a_balancer_for_clients_outside_is_in_the_public_subnets(application: Recording) -> None:
    inputs = balancer(application)
    assert inputs["internal"] is False
    assert inputs["subnets"] == ["subnet-public-a", "subnet-public-b"]


def test_an_internal_balancer_is_in_the_private_subnets(internal: Recording) -> None:
    inputs = balancer(internal)
    assert inputs["internal"] is True
    assert inputs["subnets"] == ["subnet-private-a", "subnet-private-b"]
    assert inputs["name"] == "agents-prod-alb-int"


def test_protection_guards_the_balancer_and_its_logs(
    application: Recording, internal: Recording
) -> None:
    assert balancer(application)["enableDeletionProtection"] is True
    assert application.one("Bucket").inputs["forceDestroy"] is False
    assert balancer(internal)["enableDeletionProtection"] is False
    assert internal.one("Bucket").inputs["forceDestroy"] is True


@pytest.mark.parametrize("kind", ["application", "network"])
def test_tls_is_1_2_at_least_with_forward_secrecy(
    kind: str, request: pytest.FixtureRequest
) -> None:
    recording: Recording = request.getfixturevalue(kind)
    inputs = listeners(recording)[443]
    assert inputs["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert inputs["certificateArn"].endswith("/edge-certificate")


def test_requests_without_tls_are_sent_to_where_there_is_some(application: Recording) -> None:
    inputs = listeners(application)[80]
    (action,) = inputs["defaultActions"]
    assert inputs["protocol"] == "HTTP"
    assert action["redirect"] == {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}


def test_a_request_for_any_other_host_is_answered_404(application: Recording) -> None:
    inputs = listeners(application)[443]
    (action,) = inputs["defaultActions"]
    assert action["fixedResponse"]["statusCode"] == "404"
    assert inputs["routingHttpResponseStrictTransportSecurityHeaderValue"] == "max-age=31536000"


def test_a_balancer_without_domains_takes_requests_for_any_host(internal: Recording) -> None:
    (action,) = listeners(internal)[443]["defaultActions"]
    assert action["type"] == "forward"
    assert action["targetGroupArn"].endswith("/edge-stable")
    assert internal.kind("ListenerRule") == []


def test_a_network_balancer_listens_to_tls_alone(network: Recording) -> None:
    (port,) = listeners(network)
    inputs = listeners(network)[port]
    assert (port, inputs["protocol"], inputs["alpnPolicy"]) == (443, "TLS", "HTTP2Preferred")
    assert inputs["defaultActions"][0]["targetGroupArn"].endswith("/edge-stable")
    admitted = [each.name for each in network.kind("SecurityGroupIngressRule")]
    assert not [name for name in admitted if "-in-80-" in name]


def test_a_network_balancer_is_given_nothing_that_only_requests_have(network: Recording) -> None:
    assert not balancer(network).keys() & {
        "desyncMitigationMode",
        "dropInvalidHeaderFields",
        "enableHttp2",
        "enableWafFailOpen",
        "idleTimeout",
        "preserveHostHeader",
        "xffHeaderProcessingMode",
    }
    assert network.kind("WebAcl", "ListenerRule") == []


def test_targets_are_pods_and_checked_at_the_gateways_ping(application: Recording) -> None:
    inputs = application.one("TargetGroup").inputs
    assert (inputs["targetType"], inputs["protocol"], inputs["port"]) == ("ip", "HTTP", 8000)
    assert inputs["healthCheck"]["port"] == "9090"
    assert inputs["healthCheck"]["path"] == "/ping"
    assert inputs["loadBalancingAlgorithmType"] == "least_outstanding_requests"
    assert inputs["stickiness"]["enabled"] is False


def test_slow_start_is_off_because_aws_takes_it_with_turns_only(application: Recording) -> None:
    assert application.one("TargetGroup").inputs["slowStart"] == 0


def test_a_network_balancer_shows_the_pod_who_connects(network: Recording) -> None:
    inputs = network.one("TargetGroup").inputs
    assert (inputs["protocol"], inputs["preserveClientIp"]) == ("TCP", "true")
    assert inputs["connectionTermination"] is True
    assert not inputs.keys() & {"loadBalancingAlgorithmType", "slowStart", "protocolVersion"}


def test_targets_are_drained_for_as_long_as_their_pods_answer(
    application: Recording, network: Recording
) -> None:
    delays = [
        each.one("TargetGroup").inputs["deregistrationDelay"] for each in (application, network)
    ]
    assert delays == [130 + 20 - 15, 130 + 20 - 120]


def test_there_is_one_target_group_until_a_rule_has_weights(application: Recording) -> None:
    assert [each.name for each in application.kind("TargetGroup")] == ["edge-stable"]


def test_no_request_gets_in_before_the_firewall_and_the_certificate(
    application: Recording,
) -> None:
    before = needed(application, application.one("Listener", "edge-https"))
    assert {"edge-firewall-association", "edge-firewall-logging", "edge-validation"} <= before


def test_the_log_can_be_written_before_the_balancer_is_told_to(application: Recording) -> None:
    before = needed(application, application.one("LoadBalancer", "edge-balancer"))
    assert {"edge-access-logs-policy", "edge-access-logs-encryption"} <= before


def test_the_binding_goes_before_all_that_it_needs(application: Recording) -> None:
    after = needed(application, application.one("TargetGroupBinding"))
    assert {
        "controller-account",
        "edge-balancer",
        "edge-group",
        "edge-group-cluster-8000",
        "edge-group-cluster-9090",
        "edge-health-checks",
        "edge-https",
        "edge-stable",
    } <= after


def test_a_connection_that_the_pod_may_close_first_is_refused() -> None:
    settings = samples.settings(idle_timeout_seconds=180)
    with pytest.raises(ValueError, match=r"answers 502\): set it to 179 or less"):
        deploy(lambda: LoadBalancer("edge", samples.load_balancer_args(settings)))


def test_a_gateway_that_closes_before_the_balancer_knows_is_refused() -> None:
    backend = samples.backend(pre_stop_seconds=5)
    with pytest.raises(ValueError, match="let their preStop hook wait 15 s or more"):
        deploy(lambda: samples.load_balancer(backend=backend))
