"""AWS WAF in front of an application load balancer: managed rules, a rate limit, and its logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import pulumi
from pulumi_aws import cloudwatch, wafv2
from pydantic import Field, model_validator

from components.account import Account
from components.edge.balancer.naming import Names
from components.network.settings import RetentionDays
from components.settings import Settings

ManagedRules = Literal[
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesAnonymousIpList",
]
"""Rule sets that AWS keeps, 1175 of the 1500 capacity units a web ACL has without a surcharge."""
WINDOW_SECONDS: Final = 300
# Each of these lets whoever reads the log act as the caller.
REDACTED: Final = ("authorization", "cookie", "x-api-key")


class RuleSet(Settings):
    """One rule set that AWS keeps."""

    name: ManagedRules
    count: tuple[str, ...] = ()
    """Names of its rules that count what they match instead of blocking it."""


OF_DOCUMENTS: Final = (
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "SizeRestrictions_BODY",
)
"""Rules on bodies that count instead of blocking: agents are sent documents, which are long (AWS WAF reads
8 KiB of them) and hold HTML, paths and addresses."""


class FirewallSettings(Settings):
    """What the firewall in front of the balancer blocks."""

    requests_per_5_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """Of one address. Whoever sends more is answered 429 until the rate is lower."""
    rule_sets: tuple[RuleSet, ...] = (
        RuleSet(name="AWSManagedRulesCommonRuleSet", count=OF_DOCUMENTS),
        RuleSet(name="AWSManagedRulesKnownBadInputsRuleSet"),
        RuleSet(name="AWSManagedRulesAmazonIpReputationList"),
    )
    log_days: RetentionDays = 90
    """How long requests that were blocked or counted are kept."""

    @model_validator(mode="after")
    def _once_each(self) -> FirewallSettings:
        names = [each.name for each in self.rule_sets]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(
                f"{', '.join(repeated)} is there more than once: AWS counts and charges a rule set "
                "each time; name it once"
            )
        return self


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """What a firewall is made from."""

    settings: FirewallSettings
    account: Account
    names: Names
    balancer: pulumi.Input[str]
    """ARN of the load balancer it stands in front of."""
    key_arn: pulumi.Input[str]
    """Encrypts its logs. CloudWatch Logs has to be among the services that may use it."""


def firewall(
    name: str, args: FirewallArgs, opts: pulumi.ResourceOptions
) -> wafv2.WebAclAssociation:
    """A web ACL, joined to the balancer once its log is written."""
    acl = wafv2.WebAcl(
        f"{name}-acl",
        name=args.names.firewall,
        scope="REGIONAL",
        default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
        rules=list(_rules(args.settings)),
        visibility_config=wafv2.WebAclVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True,
            metric_name=args.names.firewall,
            sampled_requests_enabled=False,
        ),
        opts=opts,
    )
    logged = _logs(name, args, acl, opts)
    return wafv2.WebAclAssociation(
        f"{name}-association",
        resource_arn=args.balancer,
        web_acl_arn=acl.arn,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[logged])),
    )


def _rules(settings: FirewallSettings) -> Iterator[wafv2.WebAclRuleArgs]:
    # The rate comes first: it is the cheapest to tell, and a flood need not be read any further.
    rate = wafv2.WebAclRuleStatementRateBasedStatementArgs(
        aggregate_key_type="IP",
        limit=settings.requests_per_5_minutes,
        evaluation_window_sec=WINDOW_SECONDS,
    )
    too_many = wafv2.WebAclRuleActionBlockCustomResponseArgs(response_code=429)
    yield wafv2.WebAclRuleArgs(
        name="rate",
        priority=0,
        action=wafv2.WebAclRuleActionArgs(
            block=wafv2.WebAclRuleActionBlockArgs(custom_response=too_many)
        ),
        statement=wafv2.WebAclRuleStatementArgs(rate_based_statement=rate),
        visibility_config=_measured("rate"),
    )
    for priority, rule_set in enumerate(settings.rule_sets, start=1):
        yield wafv2.WebAclRuleArgs(
            name=rule_set.name,
            priority=priority,
            override_action=wafv2.WebAclRuleOverrideActionArgs(
                none=wafv2.WebAclRuleOverrideActionNoneArgs()
            ),
            statement=wafv2.WebAclRuleStatementArgs(
                managed_rule_group_statement=_managed(rule_set)
            ),
            visibility_config=_measured(rule_set.name),
        )


def _managed(rule_set: RuleSet) -> wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs:
    use = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs
    count = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs
    return wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
        vendor_name="AWS",
        name=rule_set.name,
        rule_action_overrides=[
            wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
                name=each, action_to_use=use(count=count())
            )
            for each in rule_set.count
        ],
    )


def _measured(metric: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    # Samples show headers and queries in the console, past what the log leaves out.
    return wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )


def log_policy(account: Account, group: str) -> dict[str, Any]:
    """Lets AWS deliver this account's logs to `group`.

    Without it AWS WAF writes a policy of its own, which would stay when everything else is gone.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DeliverFirewallLogs",
                "Effect": "Allow",
                "Principal": {"Service": "delivery.logs.amazonaws.com"},
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": account.arn("logs", f"log-group:{group}:log-stream:*"),
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account.id},
                    "ArnLike": {"aws:SourceArn": account.arn("logs", "*")},
                },
            }
        ],
    }


def _logs(
    name: str, args: FirewallArgs, acl: wafv2.WebAcl, opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    group = cloudwatch.LogGroup(
        f"{name}-logs",
        name=args.names.firewall_logs,
        retention_in_days=args.settings.log_days,
        kms_key_id=args.key_arn,
        opts=opts,
    )
    policy = cloudwatch.LogResourcePolicy(
        f"{name}-logs-policy",
        policy_name=args.names.firewall_logs,
        policy_document=pulumi.Output.json_dumps(
            log_policy(args.account, args.names.firewall_logs)
        ),
        opts=opts,
    )
    header = wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs
    return wafv2.WebAclLoggingConfiguration(
        f"{name}-logging",
        resource_arn=acl.arn,
        log_destination_configs=[group.arn],
        redacted_fields=[
            wafv2.WebAclLoggingConfigurationRedactedFieldArgs(single_header=header(name=each))
            for each in REDACTED
        ],
        logging_filter=_only("BLOCK", "COUNT", "EXCLUDED_AS_COUNT"),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )


def _only(*actions: str) -> wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    """What was let through is in the balancer's access log already."""
    condition = wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs
    action = wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs
    return wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
        default_behavior="DROP",
        filters=[
            wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
                behavior="KEEP",
                requirement="MEETS_ANY",
                conditions=[condition(action_condition=action(action=each)) for each in actions],
            )
        ],
    )
