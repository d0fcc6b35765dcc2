"""Unit: which requests the balancer sends where."""

import pytest
from pydantic import ValidationError

from components.edge.balancer.load_balancer import LoadBalancer
from components.edge.balancer.rules import LAST_PRIORITY, Header, Rule, Weights, faults, plan
from tests import samples_balancer as samples
from tests.recording import Recording, deploy

DOMAINS = samples.DOMAINS
CANARY = Rule(
    priority=10,
    paths=("/api/v2/*",),
    headers=(Header(name="x-release", values=("canary", "next")),),
    weights=Weights(stable=9, canary=1),
)


def weighted() -> Recording:
    settings = samples.settings(rules=(CANARY,))
    backend = samples.backend(canary="traefik-canary")
    return deploy(lambda: samples.load_balancer(settings, backend=backend))


def test_every_domain_is_admitted_in_rules_of_three_hosts() -> None:
    domains = tuple(f"a{number}.example.com" for number in range(7))
    rules = plan((), domains)
    assert [each.priority for each in rules] == [LAST_PRIORITY + number for number in range(3)]
    assert [host for each in rules for host in each.hosts] == list(domains)
    assert max(len(each.hosts) for each in rules) == 3


def test_a_rule_without_hosts_is_for_the_domains_and_for_no_other() -> None:
    first, *_ = plan((CANARY,), DOMAINS)
    assert first.hosts == DOMAINS


def test_own_rules_come_before_those_that_admit_the_domains() -> None:
    rules = (Rule(priority=20, paths=("/b",)), Rule(priority=10, paths=("/a",)))
    assert [each.priority for each in plan(rules, DOMAINS)] == [10, 20, LAST_PRIORITY]


def test_without_domains_a_rule_is_for_any_host() -> None:
    assert [each.hosts for each in plan((CANARY,), ())] == [()]


def test_weights_share_requests_between_two_target_groups() -> None:
    recording = weighted()
    inputs = recording.one("ListenerRule", "edge-rule-10").inputs
    (action,) = inputs["actions"]
    shares = {
        each["arn"].rsplit("/", 1)[-1]: each["weight"] for each in action["forward"]["targetGroups"]
    }
    assert shares == {"edge-stable": 9, "edge-canary": 1}
    assert inputs["conditions"] == [
        {"hostHeader": {"values": list(DOMAINS)}},
        {"pathPattern": {"values": ["/api/v2/*"]}},
        {"httpHeader": {"httpHeaderName": "x-release", "values": ["canary", "next"]}},
    ]


def test_each_target_group_has_the_service_of_its_release() -> None:
    bindings = {
        each.name: each.inputs["spec"]["serviceRef"]["name"]
        for each in weighted().kind("TargetGroupBinding")
    }
    assert bindings == {
        "edge-stable-binding": "traefik",
        "edge-canary-binding": "traefik-canary",
    }


def test_weights_without_a_second_release_are_refused() -> None:
    settings = samples.settings(rules=(CANARY,))
    with pytest.raises(ValueError, match="no second release to share requests with"):
        deploy(lambda: LoadBalancer("edge", samples.load_balancer_args(settings)))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"priority": 1}, "rule 1 has no condition: give hosts, paths or headers"),
        ({"priority": 0, "paths": ("/",)}, "greater than or equal to 1"),
        ({"priority": LAST_PRIORITY, "paths": ("/",)}, f"less than {LAST_PRIORITY}"),
        ({"priority": 1, "paths": ("beta",)}, "'beta' is no pattern of a path: start with '/'"),
        ({"priority": 1, "paths": ("/a b",)}, "is no pattern of a path"),
        ({"priority": 1, "paths": ("/" + "a" * 128,)}, "128 characters at most"),
        (
            {"priority": 1, "headers": ({"name": "x y", "values": ("1",)},)},
            "'x y' is no name of a header",
        ),
        (
            {"priority": 1, "headers": ({"name": "Host", "values": ("a",)},)},
            "the header is Host: name hosts in `hosts`",
        ),
        ({"priority": 1, "headers": ({"name": "x", "values": ()},)}, "at least 1 item"),
        (
            {"priority": 1, "paths": ("/",), "weights": {"stable": 0, "canary": 0}},
            "stable and canary both weigh 0, so requests go nowhere",
        ),
        (
            {"priority": 1, "paths": ("/",), "weights": {"stable": 1000, "canary": 0}},
            "less than or equal to 999",
        ),
    ],
)
def test_a_rule_that_aws_refuses_is_refused_before(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Rule.model_validate(rule, strict=True)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("rule", "domains", "message"),
    [
        (
            Rule(priority=1, hosts=("other.example.com",)),
            DOMAINS,
            "rule 1 is for other.example.com, which is not among domains",
        ),
        (
            Rule(priority=1, paths=("/a", "/b", "/c", "/d")),
            (),
            "rule 1 has 4 values for paths and AWS takes 3 in a condition: split the rule",
        ),
        (
            Rule(priority=1, paths=("/a",)),
            tuple(f"a{number}.example.com" for number in range(4)),
            "rule 1 has 4 values for hosts (all domains, as it names no hosts)",
        ),
        (
            Rule(
                priority=1,
                paths=("/a", "/b", "/c"),
                headers=(Header(name="x", values=("1", "2", "3")),),
            ),
            (),
            "rule 1 has 6 values in its conditions and AWS takes 5 in a rule",
        ),
    ],
)
def test_a_rule_with_more_than_aws_takes_is_refused(
    rule: Rule, domains: tuple[str, ...], message: str
) -> None:
    assert message in "; ".join(faults((rule,), domains))


def test_a_priority_decides_between_two_rules_so_each_has_its_own() -> None:
    rules = (Rule(priority=1, paths=("/a",)), Rule(priority=1, paths=("/b",)))
    with pytest.raises(ValidationError, match="priority 1 is there more than once"):
        samples.settings(rules=rules)
