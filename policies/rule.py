"""What a rule is, and how one is applied.

A rule is a pure function from a subject (a container, a pod, a whole resource, …) to complaints.
The decorators below turn it into an entry of the catalogue: its name is the function's name, its
description the first line of its docstring.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, Required, TypedDict, TypeVar, Unpack

from pulumi_policy.proxy import UnknownValueError

from policies.resource import NOTHING, Props, Resource, Stack


class Severity(StrEnum):
    """How bad it is, as Pulumi names it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Reference:
    """The place in a published standard that asks for a rule."""

    framework: str
    version: str
    reference: str

    def __str__(self) -> str:
        return f"{self.framework} {self.version}: {self.reference}".replace(" :", ":")


def baseline(control: str) -> Reference:
    """A control of the Pod Security Standard *baseline*."""
    return Reference("Pod Security Standards", "1.34", f"Baseline, {control}")


def restricted(control: str) -> Reference:
    """A control of the Pod Security Standard *restricted*."""
    return Reference("Pod Security Standards", "1.34", f"Restricted, {control}")


def fsbp(control: str) -> Reference:
    """A control of AWS Foundational Security Best Practices, as AWS Security Hub numbers them."""
    return Reference("AWS Foundational Security Best Practices", "1.0.0", control)


def cis(control: str) -> Reference:
    """A control of the CIS benchmark for Amazon EKS."""
    return Reference("CIS Amazon EKS Benchmark", "1.7.0", control)


class Subject(Protocol):
    """What a rule judges by itself. The label says which part of the resource it is."""

    @property
    def label(self) -> str:
        """Such as `container app`; empty for the whole resource."""
        ...


S = TypeVar("S", bound=Subject)


@dataclass(frozen=True)
class Complaint:
    """What is wrong, and with which part of which resource."""

    resource: Resource
    subject: str
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a resource or a stack."""

    applies: bool
    """Whether there was anything for the rule to judge."""
    complaints: tuple[Complaint, ...]
    unknown: tuple[UnknownValueError, ...]
    """Reads of values that the preview does not know: what was not judged."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is known of a rule besides its check."""

    name: str
    description: str
    severity: Severity
    remedy: str
    reference: Reference | None = None
    everywhere: bool = False
    """Mandatory in every environment: no environment may make it advisory."""
    advisory: bool = False
    """Never stops a deployment."""
    options: Props = field(default_factory=lambda: NOTHING)
    """JSON schemas of the options that an environment may set, by name."""


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule, Generic[S]):
    """Judges the subjects of one resource, each by itself."""

    find: Callable[[Resource], Iterable[S]]
    check: Callable[[S, Props], Iterator[str]]

    def judge(self, resource: Resource, settings: Props = NOTHING) -> Verdict:
        """Complaints about `resource`; a subject that cannot be judged never hides another."""
        complaints: list[Complaint] = []
        unknown: list[UnknownValueError] = []
        applies = False
        subjects = iter(self.find(resource))
        while True:
            try:
                subject = next(subjects, None)
                if subject is None:
                    break
                applies = True
                for reason in self.check(subject, settings):
                    complaints.append(Complaint(resource, subject.label, reason))  # noqa: PERF401 (what was found before an unknown value must stay)
            except UnknownValueError as error:
                unknown.append(error)
        return Verdict(applies or bool(unknown), tuple(complaints), tuple(unknown))


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """Judges resources by what else is in the stack."""

    kinds: tuple[str, ...]
    check: Callable[[Resource, Stack, Props], Iterator[str]]

    def judge(self, stack: Stack, settings: Props = NOTHING) -> Verdict:
        """Complaints about the stack; a resource that cannot be judged never hides another."""
        complaints: list[Complaint] = []
        unknown: list[UnknownValueError] = []
        subjects = list(stack.of(*self.kinds))
        for resource in subjects:
            try:
                for reason in self.check(resource, stack, settings):
                    complaints.append(Complaint(resource, "", reason))  # noqa: PERF401 (what was found before an unknown value must stay)
            except UnknownValueError as error:
                unknown.append(error)
        return Verdict(bool(subjects), tuple(complaints), tuple(unknown))


AnyRule = ResourceRule[Any] | StackRule


class Registered(TypedDict, total=False):
    """What the decorators take besides the subject."""

    severity: Required[Severity]
    remedy: Required[str]
    reference: Reference | None
    everywhere: bool
    advisory: bool


def configured_rule(
    find: Callable[[Resource], Iterable[S]], *, options: Props, **known: Unpack[Registered]
) -> Callable[[Callable[[S, Props], Iterator[str]]], ResourceRule[S]]:
    """A rule whose check also takes the options that the environment has set for it."""

    def register(check: Callable[[S, Props], Iterator[str]]) -> ResourceRule[S]:
        return ResourceRule(
            name=_name(check),
            description=_description(check),
            find=find,
            check=check,
            options=options,
            **known,
        )

    return register


def rule(
    find: Callable[[Resource], Iterable[S]], **known: Unpack[Registered]
) -> Callable[[Callable[[S], Iterator[str]]], ResourceRule[S]]:
    """A rule on each subject that `find` finds in a resource."""

    def register(check: Callable[[S], Iterator[str]]) -> ResourceRule[S]:
        return ResourceRule(
            name=_name(check),
            description=_description(check),
            find=find,
            check=lambda subject, _: check(subject),
            **known,
        )

    return register


def configured_stack_rule(
    *kinds: str, options: Props, **known: Unpack[Registered]
) -> Callable[[Callable[[Resource, Stack, Props], Iterator[str]]], StackRule]:
    """A rule on each resource of `kinds`, judged by the rest of the stack and the options."""

    def register(check: Callable[[Resource, Stack, Props], Iterator[str]]) -> StackRule:
        return StackRule(
            name=_name(check),
            description=_description(check),
            kinds=kinds,
            check=check,
            options=options,
            **known,
        )

    return register


def stack_rule(
    *kinds: str, **known: Unpack[Registered]
) -> Callable[[Callable[[Resource, Stack], Iterator[str]]], StackRule]:
    """A rule on each resource of `kinds`, judged by the rest of the stack."""

    def register(check: Callable[[Resource, Stack], Iterator[str]]) -> StackRule:
        return StackRule(
            name=_name(check),
            description=_description(check),
            kinds=kinds,
            check=lambda resource, stack, _: check(resource, stack),
            **known,
        )

    return register


def option(kind: str, default: object, description: str) -> Props:
    """The schema of an option: `kind` is JSON's, or `strings` for an array of them."""
    schema: dict[str, object] = {"type": kind}
    if kind == "strings":
        schema = {"type": "array", "items": {"type": "string"}}
    return {**schema, "default": default, "description": description}


def defaults(rule: Rule) -> Props:
    """What the rule's options are where the environment sets none."""
    return {name: schema["default"] for name, schema in rule.options.items()}


def of(*kinds: str) -> Callable[[Resource], Iterator[Resource]]:
    """Finds resources of these kinds, each a subject as a whole."""

    def find(resource: Resource) -> Iterator[Resource]:
        if resource.kind in kinds:
            yield resource

    return find


def _name(check: Callable[..., Any]) -> str:
    return check.__name__.replace("_", "-")


def _description(check: Callable[..., Any]) -> str:
    return (check.__doc__ or "").strip().splitlines()[0]
