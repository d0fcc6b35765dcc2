"""The one place where rules meet Pulumi's policy SDK.

It runs every rule, reports complaints that no exemption covers, and hands on what a preview cannot
know in the way the SDK has for it: the engine then prints an advisory note, and the rule is judged
when the value is known, before the resource is created.

What makes a rule mandatory or advisory in an environment is the engine's own configuration of
policies, `--policy-pack-config policies/environments/<stack>.json`. Without it everything is
mandatory.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
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
EXPIRED_EXEMPTION: Final = Rule(
    name="forbid-expired-exemption",
    description="Exemptions end on their last day, whether something still needs them or not.",
    severity=Severity.MEDIUM,
    remedy="mend what it was for and remove the entry from policies/exemptions.yaml, or have its "
    "owner set a new last day.",
    everywhere=True,
)
OWN: Final = (EXPIRED_EXEMPTION, UNUSED_EXEMPTION)
"""Rules on the pack's own data."""


class RuleFailedError(Exception):
    """A rule could not be applied. The engine takes it for a failure, never for nothing found."""


@dataclass
class Run:
    """What has been seen in one run of the engine, which starts a process of its own for each.

    The engine shows stack rules what resources have become. What the program asked for is kept here
    as the resources pass by: a number of replicas, for example, is a fault only if the program sets
    it, not if the cluster filled it in.
    """

    exemptions: Register
    inputs: dict[str, Props] = field(default_factory=dict[str, Props])
    _shown: tuple[Sequence[object], Stack] = ((), Stack(()))

    def stack(self, entries: Sequence[PolicyResource]) -> Stack:
        """The stack that the engine shows, the same object for each rule that it shows it to."""
        # Properties are read once (policies.reading), so the same ones are the same showing.
        showing = [entry.props for entry in entries]
        if not _same(self._shown[0], showing):
            self._shown = (showing, Stack(tuple(self._resource(entry) for entry in entries)))
        return self._shown[1]

    def _resource(self, entry: PolicyResource) -> Resource:
        return Resource(
            entry.resource_type,
            entry.name,
            entry.urn,
            self.inputs.get(entry.urn, mapping(entry.props)),
            links={
                key: frozenset(origin.urn for origin in origins)
                for key, origins in entry.property_dependencies.items()
            },
        )


def _same(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def policies(
    rules: Iterable[AnyRule], exemptions: Iterable[Exemption], today: date
) -> list[Policy]:
    """The rules as the policies that the SDK serves, and the checks on the exemptions themselves."""
    run = Run(Register(tuple(exemptions), today))
    adapted = [
        _resource_policy(rule, run) if isinstance(rule, ResourceRule) else _stack_policy(rule, run)
        for rule in rules
    ]
    return [
        *adapted,
        _exemption_policy(
            EXPIRED_EXEMPTION, run.exemptions.over, "has ended {0.expires} ({0.owner})"
        ),
        _exemption_policy(UNUSED_EXEMPTION, run.exemptions.unused, "is needed by nothing"),
    ]


def _resource_policy(rule: ResourceRule[Any], run: Run) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(args.resource_type, args.name, args.urn, args.props)
        run.inputs[args.urn] = args.props
        try:
            verdict = rule.judge(resource, args.get_config())
        except Exception as error:
            raise _failed(rule, f"{args.resource_type} {args.name}", error) from error
        if not verdict.applies:
            args.not_applicable("the resource has nothing that the rule is about")
        exempt = _report(rule, verdict, run, report)
        if verdict.unknown:
            run.exemptions.undecided(rule.name, Complaint(resource, "", ""))
            raise verdict.unknown[0]
        if exempt:
            args.not_applicable(exempt)

    return ResourceValidationPolicy(**_described(rule), validate=validate)


def _stack_policy(rule: StackRule, run: Run) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = run.stack(args.resources)
        try:
            verdict = rule.judge(stack, args.get_config())
        except Exception as error:
            raise _failed(rule, "the stack", error) from error
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


def _exemption_policy(
    rule: Rule, found: Callable[[str], Iterable[Exemption]], fault: str
) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stacks = {Resource("", "", entry.urn, {}).stack for entry in args.resources}
        for stack in stacks:
            for exemption in found(stack):
                report(f"The exemption {exemption} {fault.format(exemption)}. {_fix(rule)}", None)

    return StackValidationPolicy(**_described(rule), validate=validate)


def _failed(rule: Rule, what: str, error: Exception) -> RuleFailedError:
    return RuleFailedError(
        f"the rule {rule.name} failed on {what}, which counts as a fault: "
        f"{type(error).__name__}: {error}"
    )


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
        "config_schema": PolicyConfigSchema(
            {name: dict(rule.options[name]) for name in rule.options}
        )
        if rule.options
        else None,
        "framework": None
        if reference is None
        else PolicyComplianceFramework(reference.framework, reference.version, reference.reference),
    }
