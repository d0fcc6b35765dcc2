"""Identifiers of what a link in the page can lead to."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from review.html.affording import Chosen
from review.html.components import components
from review.model import Review


def anchors(reviews: Sequence[Review], listed: Chosen) -> tuple[Mapping[str, str], ...]:
    """For each review: URN of a listed resource or a component → identifier, none of them twice.

    The same resource has the same one in every report, so that a link to it can be shared.
    """
    taken: set[str] = set()
    found: list[Mapping[str, str]] = []
    for number, review in enumerate(reviews):
        rows = {resource.urn for resource in review.resources if (number, resource.urn) in listed}
        parts = {component.urn for component in components(review.resources)}
        found.append(
            {urn: _free(urn or f"{review.stack} itself", taken) for urn in sorted(rows | parts)}
        )
    return tuple(found)


def _free(text: str, taken: set[str]) -> str:
    """Short, and free of what an address would have to escape."""
    number = 0
    while True:
        digest = sha256(f"{text}\n{number}".encode(errors="surrogatepass")).hexdigest()
        identifier = f"r-{digest[:10]}"
        if identifier not in taken:
            taken.add(identifier)
            return identifier
        number += 1
