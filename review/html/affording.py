"""What fits on a page that a browser opens at once; the gravest is chosen first."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from markupsafe import escape

from review.html.components import GRAVITY
from review.html.differing import LONG
from review.model import QUIET, Resource, Review

ROWS: Final = 12_000
"""Resources that a page lists by name."""
LETTERS: Final = 1_400_000
"""Letters of properties that a page has, with what surrounds them."""
PER_PROPERTY: Final = 160
"""Letters of markup around each."""
PROPERTIES: Final = 150
"""Of one resource."""

Chosen = frozenset[tuple[int, str]]
"""Place of the review and URN."""


def listed_rows(reviews: Sequence[Review]) -> Chosen:
    """Resources that have a row of their own."""
    return frozenset(place for place, _ in _gravest_first(reviews)[:ROWS])


def told_in_full(reviews: Sequence[Review]) -> Chosen:
    """Resources whose properties are shown."""
    changed = [
        (place, resource)
        for place, resource in _gravest_first(reviews)
        if resource.operation not in QUIET and resource.properties
    ]
    spent = accumulate(_letters(resource) for _, resource in changed)
    return frozenset(
        place for (place, _), total in zip(changed, spent, strict=True) if total <= LETTERS
    )


def _gravest_first(reviews: Sequence[Review]) -> list[tuple[tuple[int, str], Resource]]:
    found = [
        ((number, resource.urn), resource)
        for number, review in enumerate(reviews)
        for resource in review.resources
        if resource.custom
    ]
    return sorted(found, key=lambda pair: GRAVITY[pair[1].operation])


def _letters(resource: Resource) -> int:
    return sum(
        PER_PROPERTY
        + sum(len(escape(text[:LONG])) for text in (p.path, p.before or "", p.after or ""))
        for p in resource.properties[:PROPERTIES]
    )
