"""Broken policies and what the engine said."""

from collections.abc import Sequence
from typing import Final

from review.markdown.escaping import clip, code, fence, prose, sentence
from review.markdown.parts import Lane, Part, Section, lane_of
from review.markdown.summary import BAD, CARE
from review.markdown.words import subject_of
from review.model import Finding, Level, Notice, Review, Weight

SEEN: Final = 15
"""Of each stack, what stands open; more is folded."""
_LINES: Final = 30
"""Of a notice."""


def findings(reviews: Sequence[Review]) -> list[Section]:
    """Mandatory ones of all stacks, then advisory ones."""
    return [_findings(reviews, level) for level in (Level.MANDATORY, Level.ADVISORY)]


def notices(reviews: Sequence[Review]) -> list[Section]:
    """Errors of all stacks, then warnings."""
    return [_notices(reviews, weight) for weight in (Weight.ERROR, Weight.WARNING)]


def _findings(reviews: Sequence[Review], level: Level) -> Section:
    def lane(review: Review) -> Lane:
        chosen = [found for found in review.policies.findings if found.level is level]
        return lane_of(review.stack, chosen, _found, SEEN)

    return Section(
        "",
        f"{level.value} finding",
        f"{level.value} findings",
        [lane(review) for review in reviews],
        share=0.15 if level is Level.MANDATORY else 0.05,
    )


def _found(stack: str, found: Finding) -> Part:
    stops = found.level is Level.MANDATORY
    level = f"{BAD} **mandatory**" if stops else f"{CARE} advisory"
    severity = f", {prose(found.severity, 20)}" if found.severity else ""
    on = f"{subject_of(found.urn)} in {code(stack, 60)}" if found.urn else code(stack, 60)
    remedy = f" To mend it: {sentence(found.remediation)}" if found.remediation.strip() else ""
    return Part(
        f"- {level}{severity}: {code(found.policy)} on {on}<br>{sentence(found.reason)}{remedy}\n"
    )


def _notices(reviews: Sequence[Review], weight: Weight) -> Section:
    def lane(review: Review) -> Lane:
        chosen = [said for said in review.notices if said.weight is weight]
        return lane_of(review.stack, chosen, _said, SEEN)

    return Section(
        "",
        weight.value,
        f"{weight.value}s",
        [lane(review) for review in reviews],
        share=0.08 if weight is Weight.ERROR else 0.02,
    )


def _said(stack: str, said: Notice) -> Part:
    weight = f"{BAD} **error**" if said.weight is Weight.ERROR else f"{CARE} warning"
    of = f"{subject_of(said.urn)} in {code(stack, 60)}" if said.urn else code(stack, 60)
    text = said.text.strip()
    if "\n" not in text and len(text) <= 200:
        return Part(f"- {weight} of {of}: {sentence(text)}\n")
    lines = text.splitlines()
    left = f"\n… {len(lines) - _LINES:,} more lines" if len(lines) > _LINES else ""
    block = fence(clip("\n".join(lines[:_LINES]), 2_000) + left)
    return Part(f"- {weight} of {of}:\n\n{_indented(block)}\n")


def _indented(block: str) -> str:
    return "".join(f"  {line}\n" for line in block.rstrip("\n").split("\n"))
