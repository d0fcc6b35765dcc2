"""What changes, by component."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.urn import STACK, Urn
from review.markdown.escaping import code, html_code
from review.markdown.figures import money
from review.markdown.parts import Frame, Lane, Part, Section, fold
from review.markdown.summary import number, row
from review.markdown.words import NUMBERED, subject_of
from review.model import DESTRUCTIVE, Operation, Resource, Review

SEEN: Final = 10
"""Rows of each stack that stand open; more are folded."""
_ITSELF: Final = "the stack itself"


@dataclass(frozen=True)
class Component:
    """What has a parent in common, and of it what is touched."""

    parent: str
    resources: tuple[Resource, ...]
    counts: Counter[Operation]
    cost: float

    @property
    def destroyed(self) -> int:
        return sum(self.counts[operation] for operation in DESTRUCTIVE)

    @property
    def title(self) -> str:
        """Name and kind of the parent."""
        return _ITSELF if self._is_stack else subject_of(self.parent)

    @property
    def html_title(self) -> str:
        """The same as HTML."""
        if self._is_stack:
            return _ITSELF
        identity = Urn.parse(self.parent)
        return f"{html_code(identity.name)} {html_code(identity.kind, 60)}"

    @property
    def _is_stack(self) -> bool:
        return not self.parent or Urn.parse(self.parent).type == STACK


def components(review: Review) -> list[Component]:
    """All that are touched; those that destroy most first, then those that change most."""
    by_parent: dict[str, list[Resource]] = {}
    for resource in review.changed:
        by_parent.setdefault(resource.parent, []).append(resource)
    costs = _costs(review)
    found = [
        Component(parent, tuple(owned), Counter(r.operation for r in owned), costs.get(parent, 0.0))
        for parent, owned in by_parent.items()
    ]
    return sorted(found, key=lambda one: (-one.destroyed, -len(one.resources), one.parent))


def _costs(review: Review) -> Mapping[str, float]:
    """Parent → difference of all that it owns."""
    sums: dict[str, float] = {}
    if review.costs is None:
        return sums
    for resource in review.resources:
        difference = review.costs.by_resource.get(resource.urn, 0.0)
        sums[resource.parent] = sums.get(resource.parent, 0.0) + difference
    return sums


def by_component(reviews: Sequence[Review]) -> Section:
    """A table for each stack."""

    def lane(review: Review) -> Lane:
        found = components(review)
        return Lane(review.stack, len(found), lambda: _rows(review, found))

    lanes = [lane(review) for review in reviews]
    return Section("", "component", "components", lanes, share=0.1)


def _rows(review: Review, found: Sequence[Component]) -> Iterator[Part]:
    shown = [operation for operation in NUMBERED if review.counts[operation]]
    priced = review.costs is not None
    heads = ["component", *(o.value for o in shown), *["cost per month"] * priced]
    rules = ["---", *["--:"] * (len(heads) - 1)]
    head = f"\n{row(heads)}{row(rules)}"
    seen = (Frame(f"In {code(review.stack, 60)}:\n{head}", "\n"),)
    rest = f"more of the {len(found):,} components in {html_code(review.stack, 60)}"
    more = (fold(rest), Frame(head, ""))
    for place, one in enumerate(found):
        cells = [one.title, *(number(one.resources, o) for o in shown)]
        if review.costs is not None:
            cells.append(_cost(one.cost, review.costs.currency))
        yield Part(row(cells), seen if place < SEEN else more)


def _cost(cost: float, currency: str) -> str:
    return money(cost, currency) if round(cost, 2) else "·"
