"""A report for other programs, as JSON.

The names in here are a promise. Within a version there may come more of them, and none goes or
changes its meaning: what a program that reads it does not know, it can pass over.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field

from review.gates import Verdict
from review.model import Level, Operation, Outcome, PropertyChange, Review, Weight

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def _whole(text: object) -> object:
    # Half of a character can stand in a string of Python's, and in no document.
    return text.encode(errors="replace").decode() if isinstance(text, str) else text


def _rounded(amount: float) -> float:
    return round(amount, 4)


Text = Annotated[str, BeforeValidator(_whole)]
Money = Annotated[float, BeforeValidator(_rounded)]
Urns = Annotated[tuple[Text, ...], BeforeValidator(sorted)]


class Part(BaseModel):
    """A part of the document, read from what has attributes of the same names."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        use_attribute_docstrings=True,
        # What has a default is in every document all the same.
        json_schema_serialization_defaults_required=True,
    )


class Property(Part):
    """A property that differs."""

    path: Text
    """Where it stands, such as `spec.replicas`."""
    change: PropertyChange
    before: Text | None
    """As text; null if it was not there. Secrets are `[secret]`."""
    after: Text | None
    """Likewise; `[known after deployment]` stands for what a preview cannot know."""
    replaces: bool
    """It cannot be changed in place."""


class Resource(Part):
    """A resource before and after, unchanged ones too."""

    urn: Text
    type: Text = Field(validation_alias=AliasPath("identity", "type"))
    name: Text = Field(validation_alias=AliasPath("identity", "name"))
    """Its name in the program."""
    parent: Text
    """URN of the component that it belongs to; empty for none."""
    custom: bool
    """It has a provider; components have none."""
    operation: Operation
    operation_text: Text
    """The engine's own word."""
    properties: tuple[Property, ...]
    deletes_first: bool
    """In a replacement: the old one is gone before there is a new one."""
    protected: bool
    retained: bool
    """When it leaves the stack it stays where it is."""
    loss: Text | None
    """What is lost where it is replaced or deleted."""
    irretrievable: bool
    """What is lost is what it holds, such as data."""
    follows: Text
    """URN of what takes it along, where it has no reason of its own; else empty."""
    source: Text
    """Where the program makes it, such as `components/stores/rds.py:196`."""
    needs_before: Urns
    """URNs of what it depended on."""
    needs_after: Urns
    """URNs of what it will depend on."""


class Finding(Part):
    """A resource that breaks a policy."""

    policy: Text
    pack: Text
    level: Level
    severity: Text
    """`low` to `critical`; empty if the policy has none."""
    urn: Text
    """Of the resource; empty for the stack as a whole."""
    reason: Text
    remediation: Text


class Policies(Part):
    """Whether the policies were asked, and what they said."""

    packs: dict[Text, Text]
    """Name and version of each pack that judged the stack to the end."""
    failed: Text
    """Why a pack did not judge. Then nothing found means nothing."""
    findings: tuple[Finding, ...]
    undecided: int
    """How many times a rule met a value that the preview cannot know."""


class Notice(Part):
    """What the engine, a provider or the program said."""

    weight: Weight
    urn: Text
    text: Text


class Costs(Part):
    """What a stack costs by the month at list prices."""

    currency: Text
    as_of: Text
    """Month of the prices."""
    before: Money
    after: Money
    difference: Money
    by_resource: dict[Text, Money]
    """URN and difference, where there is one."""
    unpriced: tuple[Text, ...]
    """Kinds that the table of prices lacks."""
    undecided: int
    """How many prices hang on values that a preview cannot know."""
    untold: dict[Text, Text]
    """URN and reason, of what the change touches and nobody can tell the price of."""


class Stack(Part):
    """One stack's previewed change."""

    stack: Text
    outcome: Outcome
    compared_with: Text
    seconds: float | None
    counts: dict[Operation, int]
    """How many resources are touched, by operation; components left out."""
    unchanged: int
    resources: tuple[Resource, ...]
    outputs: tuple[Property, ...]
    """The stack's own outputs that differ."""
    policies: Policies
    notices: tuple[Notice, ...]
    costs: Costs | None
    commit: Text
    """Which program was previewed; empty if nobody noted it."""
    stopped: tuple[Text, ...]
    """What the gates found that were asked for."""
    incomplete: Text
    """Why this is not the whole change; empty if it is, or if the engine's output breaks off."""
    remarks: tuple[Text, ...]
    """What a reader has to know of the report itself."""


class Monthly(Part):
    """What all stacks cost by the month."""

    currency: Text
    before: Money
    after: Money
    difference: Money


class Summary(Part):
    """All stacks together."""

    outcomes: dict[Outcome, int]
    """How many previews ended how."""
    counts: dict[Operation, int]
    unchanged: int
    losses: int
    """Replacements and deletions with which something is lost."""
    findings: dict[Level, int]
    unjudged: int
    """Stacks that a pack of policies did not judge."""
    monthly: Monthly | None
    """Null where no stack has costs, or not all in one currency."""


class Hit(Part):
    """Something that was asked for with `--fail-on`, and found."""

    stack: Text
    gate: Text
    text: Text


class Judgement(Part):
    """What the gates say."""

    code: int
    """The exit code: 0 nothing found, 1 a preview failed, 3 something found."""
    asked: Annotated[Text, BeforeValidator(str)]
    """What was asked for, as `--fail-on` takes it."""
    hits: tuple[Hit, ...]


class Document(Part):
    """The report."""

    version: Literal[1] = 1
    summary: Summary
    verdict: Judgement
    stacks: tuple[Stack, ...]


def document(reviews: Sequence[Review], verdict: Verdict) -> dict[str, Any]:
    """All of the reviews and what the gates say, in lists and dictionaries."""
    whole = Document(
        summary=_summary(reviews),
        verdict=Judgement.model_validate(verdict),
        stacks=tuple(Stack.model_validate(review) for review in reviews),
    )
    return whole.model_dump(mode="json")


def as_json(reviews: Sequence[Review], verdict: Verdict) -> str:
    """The document as text."""
    return json.dumps(document(reviews, verdict), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return {"$schema": DIALECT, **Document.model_json_schema(mode="serialization")}


def _summary(reviews: Sequence[Review]) -> Summary:
    findings = Counter(found.level for each in reviews for found in each.policies.findings)
    counts = sum((review.counts for review in reviews), Counter[Operation]())
    return Summary(
        outcomes=dict(Counter(review.outcome for review in reviews)),
        counts={operation: counts[operation] for operation in Operation if counts[operation]},
        unchanged=sum(review.unchanged for review in reviews),
        losses=sum(bool(each.loss) for review in reviews for each in review.changed),
        findings={level: findings[level] for level in Level},
        unjudged=sum(bool(review.policies.failed) for review in reviews),
        monthly=_monthly(reviews),
    )


def _monthly(reviews: Sequence[Review]) -> Monthly | None:
    paid = [review.costs for review in reviews if review.costs is not None]
    if len({costs.currency for costs in paid}) != 1:
        return None
    before, after = sum(costs.before for costs in paid), sum(costs.after for costs in paid)
    return Monthly(currency=paid[0].currency, before=before, after=after, difference=after - before)
