"""Unit: what a stack file may say about the balancer, and what is answered to the rest."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from components.edge.balancer import BalancerSettings
from components.edge.balancer.naming import Names
from tests import samples_balancer as samples

RULE = {"priority": 10, "paths": ("/beta/*",)}


def refused(**changed: object) -> str:
    with pytest.raises(ValidationError) as raised:
        samples.settings(**changed)
    return str(raised.value)


def test_the_shortest_entry_of_a_stack_file_is_valid() -> None:
    entry: dict[str, Any] = {
        "type": "application",
        "domains": ["agents.example.com"],
        "zone": samples.ZONE,
        "firewall": {},
    }
    parsed = BalancerSettings.model_validate_json(json.dumps(entry))
    assert parsed.idle_timeout_seconds == 120
    assert parsed.access_log_days == 365
    assert parsed.public


@pytest.mark.parametrize("name", ["classic", "elb", "Classic"])
def test_a_classic_load_balancer_is_refused_with_what_it_lacks(name: str) -> None:
    message = refused(type=name)
    for lacking in ("no TLS 1.3", "no target type ip", "no web application firewall"):
        assert lacking in message
    assert "write application, or network" in message


def test_any_other_type_is_refused_with_those_there_are() -> None:
    assert "'application' or 'network'" in refused(type="gateway")


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ("*.example.com", "list the names that clients call"),
        ("Agents.example.com", "write it in lower case with at least one dot"),
        ("localhost", "write it in lower case with at least one dot"),
        ("-a.example.com", "is no name of a host"),
        ("a_b.example.com", "is no name of a host"),
        ("10.0.0.1", "is no name of a host"),
        (f"{'a.' * 60}example.com", "128 characters at most"),
    ],
)
def test_a_domain_that_no_client_can_call_is_refused(domain: str, message: str) -> None:
    assert message in refused(domains=(domain,))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"domains": ("agents.example.org",)}, "agents.example.org is not in the zone example.com"),
        ({"domains": ("myexample.com",)}, "myexample.com is not in the zone example.com"),
        ({"domains": ("a.example.com",) * 2}, "a.example.com is in domains more than once"),
        ({"domains": ()}, "zone is given and domains is empty"),
        ({"zone": None}, "there is neither a certificate nor a zone, so no TLS"),
        (
            {"domains": tuple(f"a{n}.example.com" for n in range(11))},
            "there are 11 domains and AWS issues a certificate for 10 at most",
        ),
        (
            {"domains": (f"{'a' * 60}.example.com",)},
            "the first of domains has 72 characters and a certificate's first name 64 at most",
        ),
        ({"certificate": "arn:aws:iam::123456789012:server-certificate/x"}, "is no ARN of a cert"),
    ],
)
def test_names_that_no_certificate_can_cover_are_refused(
    changed: dict[str, object], message: str
) -> None:
    assert message in refused(**changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"allowed_cidrs": ("203.0.113.5/24",)}, "has host bits set"),
        ({"allowed_cidrs": ("office",)}, "write an address and a prefix, such as 203.0.113.0/24"),
        ({"allowed_cidrs": ()}, "at least 1 item"),
        ({"allowed_cidrs": ("::/0",)}, "allowed_cidrs has ::/0 and the balancer no IPv6 address"),
        ({"dualstack": True}, "allowed_cidrs has no IPv6 network"),
        ({"idle_timeout_seconds": 4001}, "less than or equal to 4000"),
        ({"firewall": None}, "is open to everybody and has no firewall: write `firewall: {}`"),
    ],
)
def test_addresses_that_would_let_in_nobody_or_anybody_are_refused(
    changed: dict[str, object], message: str
) -> None:
    assert message in refused(**changed)


@pytest.mark.parametrize(
    "changed", [{"scheme": "internal"}, {"allowed_cidrs": ("203.0.113.0/24", "198.51.100.7/32")}]
)
def test_a_balancer_that_is_not_open_to_everybody_may_do_without_a_firewall(
    changed: dict[str, object],
) -> None:
    assert not samples.settings(firewall=None, **changed).public


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"firewall": {}}, "firewall is given: a network load balancer does not read requests"),
        ({"rules": (RULE,)}, "rules are given: a network load balancer does not read requests"),
        ({"idle_timeout_seconds": 60}, "AWS fixes it at 350 s for TLS"),
    ],
)
def test_a_network_balancer_has_nothing_of_layer_seven(
    changed: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        samples.network(**changed)
    assert message in str(raised.value)


def test_every_fault_is_reported_at_once() -> None:
    message = refused(domains=("agents.example.org",), firewall=None, dualstack=True)
    for part in ("is not in the zone", "has no firewall", "no IPv6 network"):
        assert part in message


@pytest.mark.parametrize("name", ["Agents", "agents--prod", "agents-", "1st", "a" * 21])
def test_a_name_that_aws_refuses_is_refused_before(name: str) -> None:
    with pytest.raises(ValueError, match="20 characters at most"):
        Names(name)


def test_a_name_that_aws_keeps_to_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="AWS keeps names that start with internal-"):
        Names("internal-agents")


def test_every_name_fits_into_what_aws_takes() -> None:
    names = Names("a" * 20)
    groups = [names.target_group(role, "HTTP", 65535) for role in ("stable", "canary")]
    balancers = [
        names.balancer(kind, scheme)
        for kind in ("application", "network")
        for scheme in ("internet-facing", "internal")
    ]
    assert max(len(each) for each in (*groups, *balancers)) <= 32
    assert len({*groups, *balancers}) == 6
    assert len(names.access_logs(samples.ACCOUNT)) <= 63


def test_what_is_replaced_gets_a_new_name() -> None:
    names = Names("agents")
    assert names.target_group("stable", "HTTP", 8000) != names.target_group("stable", "TCP", 8000)
    assert names.target_group("stable", "HTTP", 8000) != names.target_group("stable", "HTTP", 8001)
