"""Property by property, folded: first what is changed, then what is made or removed whole."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from review.markdown.components import Component, components
from review.markdown.escaping import html_code
from review.markdown.figures import many, money
from review.markdown.hunks import block
from review.markdown.links import Links
from review.markdown.parts import Frame, Lane, Part, Section, fold
from review.markdown.words import operation, subject
from review.model import Operation, Resource, Review

WHOLE: Final = frozenset({Operation.CREATE, Operation.DELETE, Operation.FORGET})
"""Of these there is only a before or an after: folded once more, by component."""
_CHANGED: Final = 4_000
"""Bytes of a resource that is changed."""
_MADE: Final = 1_200
"""Bytes of a resource that is made or removed: many should be seen rather than much of one."""


def diffs(reviews: Sequence[Review], links: Links) -> list[Section]:
    """Changes of all stacks, then what is made or removed."""
    lanes = [_changes(review, links) for review in reviews]
    # A small stack's diffs have room beside another stack's thousands of deletions.
    changes = Section("", "diff", "diffs", lanes, share=0.1)
    whole = Section(
        "",
        "diff of what is made or removed",
        "diffs of what is made or removed",
        [_whole(review, links) for review in reviews],
    )
    return [changes, whole]


def _changes(review: Review, links: Links) -> Lane:
    found = _chosen(review, lambda resource: resource.operation not in WHOLE)
    total = sum(len(resources) for _, resources in found) + bool(review.outputs)

    def parts() -> Iterator[Part]:
        told = many(total, "diff", "diffs")
        outer = fold(f"{html_code(review.stack, 60)}: {told}, property by property")
        if review.outputs:
            text = f"- Outputs of the stack:\n\n{_indented(block(review.outputs, _CHANGED))}\n"
            yield Part(text, (outer,))
        for component, resources in found:
            inner = Frame(f"**In** {component.title}\n\n", "\n")
            for resource in resources:
                yield Part(_item(review, resource, links, _CHANGED), (outer, inner))

    return Lane(review.stack, total, parts)


def _whole(review: Review, links: Links) -> Lane:
    found = _chosen(review, lambda resource: resource.operation in WHOLE)
    total = sum(len(resources) for _, resources in found)

    def parts() -> Iterator[Part]:
        outer = fold(f"{html_code(review.stack, 60)}: {total:,} made or removed, by component")
        for component, resources in found:
            told = many(len(resources), "resource", "resources")
            inner = fold(f"{component.html_title}: {told}")
            for resource in resources:
                yield Part(_item(review, resource, links, _MADE), (outer, inner))

    return Lane(review.stack, total, parts)


def _chosen(
    review: Review, wanted: Callable[[Resource], bool]
) -> list[tuple[Component, list[Resource]]]:
    found = [
        (component, [resource for resource in component.resources if wanted(resource)])
        for component in components(review)
    ]
    return [(component, resources) for component, resources in found if resources]


def _item(review: Review, resource: Resource, links: Links, room: int) -> str:
    told = [f"**{operation(resource)}** {subject(resource)}"]
    difference = review.costs.by_resource.get(resource.urn, 0.0) if review.costs else 0.0
    if review.costs and round(difference, 2):
        told.append(f"{money(difference, review.costs.currency)} per month")
    if resource.source:
        told.append(links.source(resource.source))
    head = f"- {', '.join(told)}"
    if not resource.properties:
        return f"{head}\n"
    return f"{head}\n\n{_indented(block(resource.properties, room))}\n"


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.rstrip("\n").split("\n"))
