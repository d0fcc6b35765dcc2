"""Unit: what the firewall blocks, and what its log shows."""

import json

import pytest
from pydantic import ValidationError

from components.edge.balancer.firewall import OF_DOCUMENTS, FirewallSettings, RuleSet, log_policy
from tests import samples_balancer as samples
from tests.recording import Properties, Recording, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples.load_balancer)


def rules(recording: Recording) -> dict[str, Properties]:
    return {each["name"]: each for each in recording.one("WebAcl").inputs["rules"]}


def test_who_asks_too_often_is_told_so(built: Recording) -> None:
    rule = rules(built)["rate"]
    statement = rule["statement"]["rateBasedStatement"]
    assert (statement["limit"], statement["evaluationWindowSec"]) == (2000, 300)
    assert statement["aggregateKeyType"] == "IP"
    assert rule["action"]["block"]["customResponse"]["responseCode"] == 429


def test_the_defaults_are_three_rule_sets_of_aws(built: Recording) -> None:
    managed = [name for name in rules(built) if name != "rate"]
    assert managed == [
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
    ]
    for name in managed:
        assert rules(built)[name]["statement"]["managedRuleGroupStatement"]["vendorName"] == "AWS"
        assert rules(built)[name]["overrideAction"] == {"none": {}}


def test_what_documents_hold_is_counted_and_not_blocked(built: Recording) -> None:
    common = rules(built)["AWSManagedRulesCommonRuleSet"]["statement"]["managedRuleGroupStatement"]
    counted = {each["name"]: each["actionToUse"] for each in common["ruleActionOverrides"]}
    assert counted == {name: {"count": {}} for name in OF_DOCUMENTS}
    assert all(name.endswith("_BODY") for name in counted)


def test_no_two_rules_have_one_priority(built: Recording) -> None:
    priorities = [each["priority"] for each in rules(built).values()]
    assert priorities == sorted(set(priorities))


def test_a_stack_may_choose_its_rule_sets() -> None:
    firewall = FirewallSettings(
        requests_per_5_minutes=100,
        rule_sets=(RuleSet(name="AWSManagedRulesSQLiRuleSet", count=("SQLi_BODY",)),),
    )
    chosen = deploy(lambda: samples.load_balancer(samples.settings(firewall=firewall)))
    assert list(rules(chosen)) == ["rate", "AWSManagedRulesSQLiRuleSet"]


def test_the_firewall_stands_in_front_of_the_balancer(built: Recording) -> None:
    association = built.one("WebAclAssociation").inputs
    assert association["resourceArn"].endswith("/edge-balancer")
    assert association["webAclArn"].endswith("/edge-firewall-acl")
    assert built.one("WebAcl").inputs["scope"] == "REGIONAL"


def test_what_lets_a_reader_act_as_the_caller_is_not_logged(built: Recording) -> None:
    logging = built.one("WebAclLoggingConfiguration").inputs
    redacted = [each["singleHeader"]["name"] for each in logging["redactedFields"]]
    assert redacted == ["authorization", "cookie", "x-api-key"]
    for rule in (built.one("WebAcl").inputs, *rules(built).values()):
        assert rule["visibilityConfig"]["sampledRequestsEnabled"] is False


def test_the_log_holds_what_was_blocked_or_counted(built: Recording) -> None:
    inputs = built.one("WebAclLoggingConfiguration").inputs["loggingFilter"]
    assert inputs["defaultBehavior"] == "DROP"
    kept = [
        each["actionCondition"]["action"]
        for filter_ in inputs["filters"]
        for each in filter_["conditions"]
    ]
    assert kept == ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"]


def test_the_log_is_encrypted_ends_and_has_the_prefix_that_aws_wants(built: Recording) -> None:
    inputs = built.one("LogGroup").inputs
    assert inputs["name"] == "aws-waf-logs-agents-prod-balancer"
    assert inputs["kmsKeyId"] == "arn:aws:kms:eu-central-1:123456789012:key/1"
    assert inputs["retentionInDays"] == 90


def test_only_this_accounts_deliveries_write_to_the_log(built: Recording) -> None:
    document = json.loads(built.one("LogResourcePolicy").inputs["policyDocument"])
    assert document == log_policy(samples.ACCOUNT, "aws-waf-logs-agents-prod-balancer")
    (statement,) = document["Statement"]
    assert statement["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert statement["Resource"].startswith("arn:aws:logs:eu-central-1:123456789012:log-group:aws-")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"requests_per_5_minutes": 9}, "greater than or equal to 10"),
        ({"log_days": 91}, "Input should be 1, 3, 5"),
        ({"rule_sets": ({"name": "AWSManagedRulesEverything"},)}, "AWSManagedRulesCommonRuleSet"),
        (
            {"rule_sets": ({"name": "AWSManagedRulesSQLiRuleSet"},) * 2},
            "AWSManagedRulesSQLiRuleSet is there more than once",
        ),
    ],
)
def test_what_aws_refuses_is_refused_before(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        FirewallSettings.model_validate(changed, strict=True)
    assert message in str(raised.value)
