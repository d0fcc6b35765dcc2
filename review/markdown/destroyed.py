"""Replacements and deletions: what is lost, why, and where the program asks for it."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from policies.urn import Urn
from review.markdown.escaping import code, sentence
from review.markdown.figures import listed
from review.markdown.links import Links
from review.markdown.parts import Lane, Part, Section, lane_of
from review.markdown.summary import DESTROYS
from review.markdown.values import pair
from review.markdown.words import subject
from review.model import DESTRUCTIVE, Operation, Property, Resource, Review

RENEWS: Final = "🔁"
_DIGEST: Final = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}\b")
SEEN: Final = 15
"""Of each stack, what stands open; more is folded."""


def destroyed(reviews: Sequence[Review], links: Links) -> list[Section]:
    """What loses something or is refused, then the rest."""
    return [
        _section("that lose something", reviews, links, lambda resource: resource.grave),
        _section("without a loss", reviews, links, lambda resource: not resource.grave),
    ]


def _section(
    which: str, reviews: Sequence[Review], links: Links, wanted: Callable[[Resource], bool]
) -> Section:
    def lane(review: Review) -> Lane:
        chosen = [r for r in review.changed if r.operation in DESTRUCTIVE and wanted(r)]
        return lane_of(review.stack, chosen, partial(_item, links), SEEN)

    noun = f"replacements and deletions {which}".strip()
    one = f"replacement or deletion {which}".strip()
    return Section("", one, noun, [lane(review) for review in reviews])


def _item(links: Links, stack: str, resource: Resource) -> Part:
    verb = "Replaces" if resource.operation is Operation.REPLACE else "Deletes"
    mark = DESTROYS if resource.grave else RENEWS
    head = f"- {mark} **{verb}** {subject(resource)} in {code(stack, 60)}."
    why = list(_reasons(resource, links))
    below = f"<br>{' '.join(why)}" if why else ""
    return Part(f"{' '.join([head, *_consequences(resource)])}{below}\n")


def _consequences(resource: Resource) -> Iterator[str]:
    if resource.loss:
        yield f"**Lost: {sentence(resource.loss)}**"
    if resource.protected:
        yield "**It is protected: the engine will refuse.**"
    if resource.retained:
        yield "It leaves the stack and stays where it is."
    if resource.deletes_first:
        yield "The old one goes before there is a new one."


def _reasons(resource: Resource, links: Links) -> Iterator[str]:
    if resource.operation is Operation.REPLACE:
        forcing = [_forced(one) for one in resource.properties if one.replaces]
        if forcing:
            yield f"Forced by {listed(forcing, 3)}."
        elif resource.follows:
            yield f"It goes with {code(Urn.parse(resource.follows).name, 80)}, which it depends on."
        else:
            yield "The engine does not tell what forces it."
    if resource.source:
        yield f"Made at {links.source(resource.source)}."


def _forced(one: Property) -> str:
    if one.before is None:
        return f"{code(one.path)} (added: {code(one.after or '', 80)})"
    if one.after is None:
        return f"{code(one.path)} (removed: {code(one.before, 80)})"
    if one.before == one.after:
        return f"{code(one.path)}: {code(one.after, 80)}, another one"
    before, after = pair(*_shortened(one.before, one.after), 80)
    return f"{code(one.path)}: {code(before, 140)} → {code(after, 140)}"


def _shortened(before: str, after: str) -> tuple[str, str]:
    """With the beginnings of digests, as long as they tell them apart."""
    short = _DIGEST.sub(r"\1", before), _DIGEST.sub(r"\1", after)
    return short if short[0] != short[1] else (before, after)
