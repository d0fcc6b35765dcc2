"""What a page tells of one stack, in the order in which a reader needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from policies.urn import Urn
from review.html.components import GRAVITY, components
from review.html.drawing import Drawing, drawing
from review.html.graph import graph
from review.html.headline import Alarm, alarms, losses, verdict
from review.html.properties import PropertyTable, table
from review.html.sections import Choice, Counts, Group, Row, grouped, row, sections
from review.html.text import WORDS, clipped, counted, difference, listed, money
from review.model import DESTRUCTIVE, Costs, Level, Operation, Outcome, Policies, Review

FIRST: Final = 100
"""Entries of a list that repeats what stands elsewhere."""
FINDINGS: Final = 1_000
LONG: Final = 20_000
"""Letters of what the engine said."""
USUAL: Final = (Operation.CREATE, Operation.UPDATE, Operation.REPLACE, Operation.DELETE)


@dataclass(frozen=True)
class Link:
    anchor: str
    """Empty if the page has no row of that resource."""
    name: str
    type: str


@dataclass(frozen=True)
class FindingRow:
    level: str
    severity: str
    policy: str
    pack: str
    resource: Link | None
    """None for the stack as a whole."""
    reason: str
    remediation: str


@dataclass(frozen=True)
class NoticeRow:
    weight: str
    resource: Link | None
    text: str


@dataclass(frozen=True)
class CostTable:
    before: str
    after: str
    difference: str
    as_of: str
    resources: tuple[tuple[Link | None, str], ...]
    left_out: int
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class StackView:
    number: int
    name: str
    outcome: Outcome
    alarms: tuple[Alarm, ...]
    tone: str
    """Gravest operation, or `same`."""
    verdict: str
    losses: tuple[str, ...]
    compared_with: str
    seconds: str
    counts: Counts
    """Of creation, update, replacement and deletion, zeros too."""
    others: Counts
    """Of what is rarer, without zeros."""
    touched: int
    unchanged: int
    judged: str
    """By which packs and how far."""
    unjudged: bool
    """That nothing was found means nothing."""
    mandatory: int
    advisory: int
    findings: tuple[FindingRow, ...]
    findings_left_out: int
    lost: tuple[Row, ...]
    """Of replacements and deletions those that lose something first."""
    lost_left_out: int
    notices: tuple[NoticeRow, ...]
    costs: CostTable | None
    drawing: Drawing | None
    legend: tuple[tuple[Operation, str], ...]
    groups: tuple[Group, ...]
    outputs: PropertyTable | None
    remarks: tuple[str, ...]


def stack_view(review: Review, choice: Choice) -> StackView:
    """All that the page shows of a stack."""
    parts = components(review.resources)
    names = {resource.urn: part.name for part in parts for resource in part.resources}
    destroyed = [resource for resource in review.changed if resource.operation in DESTRUCTIVE]
    destroyed.sort(key=lambda resource: not resource.loss)
    found = review.policies.findings
    mandatory = sum(finding.level is Level.MANDATORY for finding in found)
    counts = review.counts
    happening = {resource.operation for resource in review.resources if resource.custom}
    return StackView(
        number=choice.number,
        name=review.stack,
        outcome=review.outcome,
        alarms=alarms(review),
        tone=min(counts, key=GRAVITY.__getitem__, default=Operation.SAME),
        verdict=verdict(review),
        losses=losses(review),
        compared_with=review.compared_with,
        seconds="" if review.seconds is None else f"{review.seconds:,.1f} s",
        counts=tuple((op, WORDS[op], counts[op]) for op in USUAL),
        others=tuple(
            (op, WORDS[op], counts[op]) for op in GRAVITY if counts[op] and op not in USUAL
        ),
        touched=counts.total(),
        unchanged=review.unchanged,
        judged=_judged(review.policies),
        unjudged=bool(review.policies.failed or not review.policies.packs),
        mandatory=mandatory,
        advisory=len(found) - mandatory,
        findings=_findings(review.policies, choice.anchors),
        findings_left_out=max(0, len(found) - FINDINGS),
        lost=tuple(row(review, r, names[r.urn], choice) for r in destroyed[:FIRST]),
        lost_left_out=max(0, len(destroyed) - FIRST),
        notices=tuple(
            NoticeRow(n.weight, _link(n.urn, choice.anchors), clipped(n.text, LONG))
            for n in review.notices
        ),
        costs=_costs(review.costs, choice.anchors) if review.costs else None,
        drawing=drawing(graph(review), choice.anchors) if parts else None,
        legend=tuple((op, WORDS[op]) for op in GRAVITY if op in happening),
        groups=grouped(sections(review, choice)),
        outputs=table(review.outputs),
        remarks=(*review.remarks, *_shortened(review, choice)),
    )


def _link(urn: str, anchors: Mapping[str, str]) -> Link | None:
    if not urn:
        return None
    identity = Urn.parse(urn)
    return Link(anchors.get(urn, ""), identity.name, identity.type)


def _shortened(review: Review, choice: Choice) -> tuple[str, ...]:
    """What the page leaves out so that a browser can show it."""
    rows = sum(r.custom and (choice.number, r.urn) not in choice.listed for r in review.resources)
    told = sum(
        bool(r.properties) and (choice.number, r.urn) not in choice.in_full for r in review.changed
    )
    left = [f"{rows:,} resources"] if rows else []
    left += [f"the properties of {counted(told, 'resource')}"] if told else []
    if not left:
        return ()
    return (f"Too much for one page: {listed(left)} are only in the report in JSON.",)


def _judged(policies: Policies) -> str:
    packs = [f"{name} {version}".strip() for name, version in policies.packs.items()]
    said = [f"Judged by {listed(packs)}."] if packs else []
    if not packs and not policies.failed:
        said.append("No policy pack was asked.")
    if policies.undecided:
        times = counted(policies.undecided, "time")
        said.append(f"{times} a rule met a value that is known only in deployment; it judges then.")
    return " ".join(said)


def _findings(policies: Policies, anchors: Mapping[str, str]) -> tuple[FindingRow, ...]:
    return tuple(
        FindingRow(
            level=finding.level,
            severity=finding.severity,
            policy=finding.policy,
            pack=finding.pack,
            resource=_link(finding.urn, anchors),
            reason=clipped(finding.reason, LONG),
            remediation=clipped(finding.remediation, LONG),
        )
        for finding in policies.findings[:FINDINGS]
    )


def _costs(costs: Costs, anchors: Mapping[str, str]) -> CostTable:
    dearest = sorted(costs.by_resource.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    caveats: list[str] = []
    if costs.unpriced:
        caveats.append(f"Without a price in the table: {listed(list(costs.unpriced))}.")
    if costs.undecided:
        prices = counted(costs.undecided, "price hangs", "prices hang")
        caveats.append(f"{prices} on values that are known after deployment.")
    return CostTable(
        before=money(costs.before, costs.currency),
        after=money(costs.after, costs.currency),
        difference=difference(costs.difference, costs.currency),
        as_of=costs.as_of,
        resources=tuple(
            (_link(urn, anchors), difference(amount, costs.currency))
            for urn, amount in dearest[:FIRST]
        ),
        left_out=max(0, len(dearest) - FIRST),
        caveats=tuple(caveats),
    )
