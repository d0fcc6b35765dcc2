"""Rules of an application load balancer: which requests go where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import pulumi
from pulumi_aws import lb
from pydantic import AfterValidator, Field, model_validator

from components.edge.balancer.domain import Domain
from components.edge.balancer.naming import Role
from components.settings import Settings

# Application Load Balancer guide, condition types for listener rules.
PER_CONDITION: Final = 3
PER_RULE: Final = 5
LAST_PRIORITY: Final = 49_000
"""The highest priority a stack's own rule may have; those above admit the domains."""
_PATH: Final = re.compile(r"/[A-Za-z0-9_\-.$/~\"'@:+&*?]{0,127}")
_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,40}")


def _path(value: str) -> str:
    if not _PATH.fullmatch(value):
        raise ValueError(
            f"{value!r} is no pattern of a path: start with '/', use letters, digits and "
            "_-.$/~\"'@:+& with * and ? for what varies, 128 characters at most"
        )
    return value


def _header(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise ValueError(
            f"{value!r} is no name of a header: use letters, digits and '-', 40 characters at most"
        )
    if value.lower() == "host":
        raise ValueError("the header is Host: name hosts in `hosts`")
    return value


class Header(Settings):
    """A header of the request that has one of some values. `*` and `?` stand for what varies."""

    name: Annotated[str, AfterValidator(_header)]
    values: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=128)], ...], Field(min_length=1)
    ]


class Weights(Settings):
    """Shares of the requests: of 9 and 1, the canary gets a tenth."""

    stable: Annotated[int, Field(ge=0, le=999)]
    canary: Annotated[int, Field(ge=0, le=999)]

    @model_validator(mode="after")
    def _somewhere(self) -> Weights:
        if not self.stable and not self.canary:
            raise ValueError("stable and canary both weigh 0, so requests go nowhere: raise one")
        return self


class Rule(Settings):
    """Requests that fulfil every condition. A condition is fulfilled by any of its values."""

    priority: Annotated[int, Field(ge=1, lt=LAST_PRIORITY)]
    """The lowest of the rules that fit decides."""
    hosts: tuple[Domain, ...] = ()
    """All domains of the balancer, if not given."""
    paths: tuple[Annotated[str, AfterValidator(_path)], ...] = ()
    headers: tuple[Header, ...] = ()
    weights: Weights | None = None
    """Everything goes to the stable release, if not given."""

    @model_validator(mode="after")
    def _has_a_condition(self) -> Rule:
        if not (self.hosts or self.paths or self.headers):
            raise ValueError(f"rule {self.priority} has no condition: give hosts, paths or headers")
        return self


def faults(rules: Sequence[Rule], domains: Sequence[str]) -> Iterator[str]:
    """What AWS or this balancer's domains do not allow about `rules`, a sentence each."""
    seen: set[int] = set()
    for rule in rules:
        if rule.priority in seen:
            yield f"priority {rule.priority} is there more than once: give each rule its own"
        seen.add(rule.priority)
        for host in rule.hosts:
            if host not in domains:
                yield (
                    f"rule {rule.priority} is for {host}, which is not among domains: add it there, "
                    "or no certificate covers it"
                )
        yield from _too_many(rule, domains)


def _too_many(rule: Rule, domains: Sequence[str]) -> Iterator[str]:
    hosts = rule.hosts or domains
    whose = "" if rule.hosts or not domains else " (all domains, as it names no hosts)"
    conditions = [("hosts", len(hosts)), ("paths", len(rule.paths))]
    conditions += [(f"header {each.name}", len(each.values)) for each in rule.headers]
    for condition, values in conditions:
        if values > PER_CONDITION:
            note = whose if condition == "hosts" else ""
            yield (
                f"rule {rule.priority} has {values} values for {condition}{note} and AWS takes "
                f"{PER_CONDITION} in a condition: split the rule"
            )
    total = sum(values for _, values in conditions)
    if total > PER_RULE:
        yield (
            f"rule {rule.priority} has {total} values in its conditions{whose} and AWS takes "
            f"{PER_RULE} in a rule: split the rule"
        )


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A rule as AWS gets it."""

    priority: int
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    headers: tuple[Header, ...] = ()
    weights: Weights | None = None


def plan(rules: Sequence[Rule], domains: Sequence[str]) -> tuple[Planned, ...]:
    """The stack's own rules, then as many as it takes to admit each of the `domains`.

    No rule lets in a host that is not one of the domains, unless there are no domains at all.
    """
    own = [
        Planned(
            priority=rule.priority,
            hosts=rule.hosts or tuple(domains),
            paths=rule.paths,
            headers=rule.headers,
            weights=rule.weights,
        )
        for rule in sorted(rules, key=lambda each: each.priority)
    ]
    admitting = [
        Planned(
            priority=LAST_PRIORITY + number, hosts=tuple(domains[start : start + PER_CONDITION])
        )
        for number, start in enumerate(range(0, len(domains), PER_CONDITION))
    ]
    return (*own, *admitting)


def rule(
    name: str,
    planned: Planned,
    *,
    listener: pulumi.Input[str],
    targets: Mapping[Role, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> lb.ListenerRule:
    """A rule of `listener`, to the target groups of its weights."""
    return lb.ListenerRule(
        name,
        listener_arn=listener,
        priority=planned.priority,
        conditions=list(_conditions(planned)),
        actions=[_action(planned.weights, targets)],
        opts=opts,
    )


def _conditions(planned: Planned) -> Iterator[lb.ListenerRuleConditionArgs]:
    if planned.hosts:
        hosts = lb.ListenerRuleConditionHostHeaderArgs(values=list(planned.hosts))
        yield lb.ListenerRuleConditionArgs(host_header=hosts)
    if planned.paths:
        paths = lb.ListenerRuleConditionPathPatternArgs(values=list(planned.paths))
        yield lb.ListenerRuleConditionArgs(path_pattern=paths)
    for header in planned.headers:
        yield lb.ListenerRuleConditionArgs(
            http_header=lb.ListenerRuleConditionHttpHeaderArgs(
                http_header_name=header.name, values=list(header.values)
            )
        )


def _action(
    weights: Weights | None, targets: Mapping[Role, pulumi.Input[str]]
) -> lb.ListenerRuleActionArgs:
    if weights is None:
        return lb.ListenerRuleActionArgs(type="forward", target_group_arn=targets["stable"])
    shares: dict[Role, int] = {"stable": weights.stable, "canary": weights.canary}
    groups = [
        lb.ListenerRuleActionForwardTargetGroupArgs(arn=targets[role], weight=weight)
        for role, weight in shares.items()
    ]
    return lb.ListenerRuleActionArgs(
        type="forward", forward=lb.ListenerRuleActionForwardArgs(target_groups=groups)
    )
