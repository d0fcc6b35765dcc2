"""How the report was made, and what a reader has to know of it."""

from collections.abc import Iterator, Sequence

from review.markdown.escaping import code, prose, sentence
from review.markdown.figures import listed, many
from review.markdown.parts import Lane, Part, Section
from review.model import Review


def notes(reviews: Sequence[Review]) -> list[Section]:
    """Remarks, then a line for each stack."""
    remarks = [_lane(one, [_remark(one, text) for text in one.remarks]) for one in reviews]
    made = [_lane(one, [f"- <sub>{_made(one)}</sub>\n"]) for one in reviews]
    return [
        Section("\n#### Remarks\n\n", "remark", "remarks", remarks, share=0.04),
        Section("\n---\n\n", "note", "notes", made, share=0.04),
    ]


def _lane(review: Review, texts: Sequence[str]) -> Lane:
    return Lane(review.stack, len(texts), lambda: map(Part, texts))


def _remark(review: Review, text: str) -> str:
    return f"- {code(review.stack, 60)}: {sentence(text)}\n"


def _made(review: Review) -> str:
    return f"{code(review.stack, 60)}: {'; '.join(_facts(review))}."


def _facts(review: Review) -> Iterator[str]:
    took = "" if review.seconds is None else f" in {review.seconds:,.0f} s"
    yield f"`pulumi preview`{took} against {prose(review.compared_with, 80)}"
    if review.unchanged:
        yield f"{review.unchanged:,} unchanged"
    packs = [
        f"{prose(name, 40)} {prose(version, 20)}" for name, version in review.policies.packs.items()
    ]
    if packs:
        yield f"judged by {listed(packs, 3)}"
    if review.policies.undecided:
        times = many(review.policies.undecided, "time", "times")
        yield f"{times} a rule met a value that a preview cannot know and judges it in deployment"
    if review.costs is None:
        return
    yield f"list prices of {prose(review.costs.as_of, 20)}"
    if review.costs.undecided:
        told = many(review.costs.undecided, "price hangs", "prices hang")
        yield f"{told} on values that a preview cannot know"
    if review.costs.unpriced:
        yield f"no price for {listed([code(kind, 60) for kind in review.costs.unpriced], 5)}"
