"""Samples of web ACLs."""

from typing import Any

from tests.unit.toolchain.providers.aws.cases.balancers import BALANCER
from tests.unit.toolchain.providers.aws.stand_in import Case, Inputs, World

WEB_ACL = "aws:wafv2/webAcl:WebAcl"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def measured(name: str) -> dict[str, Any]:
    """How often a rule fits is counted; what was in the requests is not kept."""
    return {
        "cloudwatchMetricsEnabled": True,
        "metricName": name,
        "sampledRequestsEnabled": False,
    }


RATE: Inputs = {
    "name": "rate",
    "priority": 0,
    "action": {"block": {"customResponse": {"responseCode": 429}}},
    "statement": {
        "rateBasedStatement": {
            "aggregateKeyType": "IP",
            "limit": 2000,
            "evaluationWindowSec": 300,
        }
    },
    "visibilityConfig": measured("rate"),
}
MANAGED: Inputs = {
    "name": "common",
    "priority": 1,
    "overrideAction": {"none": {}},
    "statement": {
        "managedRuleGroupStatement": {
            "vendorName": "AWS",
            "name": "AWSManagedRulesCommonRuleSet",
            "ruleActionOverrides": [
                {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
            ],
        }
    },
    "visibilityConfig": measured("common"),
}


def log_group(world: World) -> str:
    """A log group whose name AWS WAF takes."""
    return world.engine.make(LOG_GROUP, {"name": "aws-waf-logs-sample"}, name="waf").outputs["arn"]


CASES = (
    Case(
        token=WEB_ACL,
        inputs=lambda _: {
            "scope": "REGIONAL",
            "defaultAction": {"allow": {}},
            "visibilityConfig": measured("all"),
            "rules": [RATE, MANAGED],
        },
        changes={
            "description": "in front of the gateway",
            "rules": [RATE],
            "defaultAction": {"block": {}},
            "visibilityConfig": measured("others"),
        },
        replaces={"name": "other", "scope": "CLOUDFRONT"},
    ),
    Case(
        token="aws:wafv2/webAclAssociation:WebAclAssociation",
        inputs=lambda world: {
            "resourceArn": world[BALANCER].id,
            "webAclArn": world[WEB_ACL].outputs["arn"],
        },
        replaces={"resourceArn": "arn:aws:other", "webAclArn": "arn:aws:wafv2:other"},
    ),
    Case(
        token="aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        inputs=lambda world: {
            "resourceArn": world[WEB_ACL].outputs["arn"],
            "logDestinationConfigs": [log_group(world)],
            "redactedFields": [{"singleHeader": {"name": "authorization"}}],
        },
        changes={
            "redactedFields": None,
            "loggingFilter": {
                "defaultBehavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [{"actionCondition": {"action": "BLOCK"}}],
                    }
                ],
            },
        },
        replaces={"resourceArn": "arn:aws:wafv2:other"},
    ),
)
