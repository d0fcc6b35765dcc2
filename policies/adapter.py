"""The one place where rules meet Pulumi's policy SDK.

It runs every rule, reports complaints that no exemption covers, and hands on what a preview cannot
know in the way the SDK has for it: the engine then prints an advisory note, and the rule is judged
when the value is known, before the resource is created.

What makes a rule mandatory or advisory in an environment is the engine's own configuration of
policies, `--policy-pack-config policies/environments/<stack>.json`. Without it everything is
mandatory.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PulumiSeverity

from policies.exemptions import Exemption, Register
from policies.resource import Props, Resource, Stack, mapping
from policies.rule import AnyRule, Complaint, ResourceRule, Rule, Severity, StackRule, Verdict

UNUSED_EXEMPTION: Final = Rule(
    name="forbid-unused-exemption",
    description="Exemptions are removed once nothing needs them.",
    severity=Severity.LOW,
    remedy="remove the entry from policies/exemptions.yaml, or correct its type, name, part or stacks.",
    advisory=True,
)


@dataclass
class Run:
    """What has been seen in one run of the engine, which starts a process of its own for each.

    The engine shows stack rules what resources have become. What the program asked for is kept here
    as the resources pass by: a number of replicas, for example, is a fault only if the program sets
    it, not if the cluster filled it in.
    """

    exemptions: Register
    inputs: dict[str, Props] = field(default_factory=dict[str, Props])


def policies(
    rules: Iterable[AnyRule], exemptions: Iterable[Exemption], today: date
) -> list[Policy]:
    """The rules as the policies that the SDK serves, and the check on the exemptions themselves."""
    run = Run(Register(tuple(exemptions), today))
    adapted = [
        _resource_policy(rule, run) if isinstance(rule, ResourceRule) else _stack_policy(rule, run)
        for rule in rules
    ]
    return [*adapted, _exemption_policy(run)]


def _resource_policy(rule: ResourceRule[Any], run: Run) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(args.resource_type, args.name, args.urn, args.props)
        run.inputs[args.urn] = args.props
        verdict = rule.judge(resource, args.get_config())
        if not verdict.applies:
            args.not_applicable("the resource has nothing that the rule is about")
        exempt = _report(rule, verdict, run, report)
        if verdict.unknown:
            run.exemptions.undecided(rule.name, Complaint(resource, "", ""))
            raise verdict.unknown[0]
        if exempt:
            args.not_applicable(exempt)

    return ResourceValidationPolicy(
        **_described(rule),
        validate=validate,
        config_schema=PolicyConfigSchema({key: dict(rule.options[key]) for key in rule.options})
        if rule.options
        else None,
    )


def _stack_policy(rule: StackRule, run: Run) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = Stack(
            tuple(
                Resource(
                    entry.resource_type,
                    entry.name,
                    entry.urn,
                    run.inputs.get(entry.urn, mapping(entry.props)),
                )
                for entry in args.resources
            )
        )
        verdict = rule.judge(stack)
        if not verdict.applies:
            args.not_applicable("the stack has nothing that the rule is about")
        exempt = _report(rule, verdict, run, report)
        if verdict.unknown:
            for resource in stack.of(*rule.kinds):
                run.exemptions.undecided(rule.name, Complaint(resource, "", ""))
            raise verdict.unknown[0]
        if exempt:
            args.not_applicable(exempt)

    return StackValidationPolicy(**_described(rule), validate=validate)


def _exemption_policy(run: Run) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stacks = {Resource("", "", entry.urn, {}).stack for entry in args.resources}
        for stack in stacks:
            for exemption in run.exemptions.unused(stack):
                report(f"Nothing needs the exemption {exemption}. {_fix(UNUSED_EXEMPTION)}", None)

    return StackValidationPolicy(**_described(UNUSED_EXEMPTION), validate=validate)


def _report(rule: Rule, verdict: Verdict, run: Run, report: ReportViolation) -> str:
    """Report what no exemption covers; return why nothing was reported, if that is why."""
    covered = ""
    reported = False
    for complaint in verdict.complaints:
        exemption = run.exemptions.holding(rule.name, complaint)
        if exemption is None:
            reported = True
            report(_message(rule, complaint, run), complaint.resource.urn)
        else:
            covered = f"exempt until {exemption.expires} ({exemption.owner}): {exemption.reason}"
    return "" if reported else covered


def _message(rule: Rule, complaint: Complaint, run: Run) -> str:
    resource = complaint.resource
    kind = resource.kind.rpartition("/")[2] or resource.type
    place = f"{kind} {resource.name}"
    if complaint.subject:
        place += f", {complaint.subject}"
    expired = run.exemptions.expired(rule.name, complaint)
    note = (
        "" if expired is None else f" (its exemption for {expired.owner} ended {expired.expires})"
    )
    return f"{place}: {complaint.reason}{note}. {_fix(rule)}"


def _fix(rule: Rule) -> str:
    return f"To mend it: {rule.remedy}"


_SEVERITIES: Final = {
    Severity.LOW: PulumiSeverity.LOW,
    Severity.MEDIUM: PulumiSeverity.MEDIUM,
    Severity.HIGH: PulumiSeverity.HIGH,
    Severity.CRITICAL: PulumiSeverity.CRITICAL,
}


def _described(rule: Rule) -> dict[str, Any]:
    reference = rule.reference
    return {
        "name": rule.name,
        "description": rule.description,
        "enforcement_level": (
            EnforcementLevel.ADVISORY if rule.advisory else EnforcementLevel.MANDATORY
        ),
        "severity": _SEVERITIES[rule.severity],
        "remediation_steps": rule.remedy,
        "framework": None
        if reference is None
        else PolicyComplianceFramework(reference.framework, reference.version, reference.reference),
    }
