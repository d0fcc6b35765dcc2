"""The report as one page of Markdown that a host takes as a comment."""

from collections.abc import Sequence
from typing import Final

from review.markdown import summary
from review.markdown.components import by_component
from review.markdown.destroyed import destroyed
from review.markdown.diffs import diffs
from review.markdown.escaping import code, prose
from review.markdown.figures import listed, many
from review.markdown.findings import findings, notices
from review.markdown.links import Links
from review.markdown.notes import notes
from review.markdown.parts import Filled, Section, fill, size, titled
from review.model import Review

LIMIT: Final = 65_536
"""The longest comment on GitHub. What it counts has differed by time and place: letters, and bytes."""
RESERVED: Final = 512
"""Of the limit, for what the program that posts the report puts before it."""
SHORTEST: Final = 4_096
"""The least limit in which a report can say what matters."""


class LimitError(ValueError):
    """A limit in which no report has room."""


def markdown(reviews: Sequence[Review], *, limit: int = LIMIT, links: Links | None = None) -> str:
    """The report, at most `limit` less 512 long, in bytes of UTF-8 and so in any other count.

    What has no room is left out by whole parts, and counted where it would stand.
    """
    if limit < SHORTEST:
        raise LimitError(
            f"got a limit of {limit}, wanted at least {SHORTEST}: a shorter report could not say what "
            "a change destroys"
        )
    links = links or Links()
    if not reviews:
        return "**No stack was previewed.**\n"
    line = _quiet(reviews) if all(summary.quiet(review) for review in reviews) else ""
    if line and size(line) <= limit - RESERVED:
        return line
    head = summary.heading(reviews)
    sections = _sections(reviews, links)
    reserved = size(head) + size(_foot([(one, one.total) for one in sections], links))
    filled = _filled(sections, limit - RESERVED - reserved)
    left = [(section, one.left) for section, one in zip(sections, filled, strict=True)]
    return head + "".join(one.text for one in filled) + _foot(left, links)


def _sections(reviews: Sequence[Review], links: Links) -> list[Section]:
    """All sections that have something: those that matter most first, as a reader meets them."""
    return [
        *titled("", [summary.table(reviews)]),
        *titled("", [summary.alarms(reviews)]),
        *titled("\n#### Destroys\n\n", destroyed(reviews, links)),
        *titled("\n#### Breaks policies\n\n", findings(reviews)),
        *titled("\n#### Errors and warnings\n\n", notices(reviews)),
        *titled("\n#### By component\n\n", [by_component(reviews)]),
        *titled("\n#### Diffs\n\n", diffs(reviews, links)),
        *(section for section in notes(reviews) if section.total),
    ]


def _filled(sections: Sequence[Section], room: int) -> list[Filled]:
    """Each section as far as it fits: the first take what they need, less what later ones are owed."""
    owed = [fill(one, max(int(one.share * room), one.frame)).used for one in sections]
    # In a very small room the first sections come before what the last ones are owed.
    while sum(owed[1:]) > room // 2:
        owed.pop()
    owed += [0] * (len(sections) - len(owed))
    filled: list[Filled] = []
    for place, section in enumerate(sections):
        filled.append(fill(section, room - sum(owed[place + 1 :])))
        room -= filled[-1].used
    return filled


def _foot(left: Sequence[tuple[Section, int]], links: Links) -> str:
    """What was left out, and where it is."""
    told = [many(count, section.one, section.more) for section, count in left if count]
    if told:
        return (
            f"\n**Left out for want of room:** {listed(told, 20)}. The rest is in {links.rest}.\n"
        )
    return f"\n<sub>The same with all details: {links.rest}.</sub>\n"


def _quiet(reviews: Sequence[Review]) -> str:
    """One line for all stacks, as nothing is to be told of any."""
    stacks = listed([code(review.stack, 40) for review in reviews[:20]], 20)
    others = f" and {len(reviews) - 20:,} more" if len(reviews) > 20 else ""
    bases = sorted({review.compared_with for review in reviews})
    against = listed([prose(base, 80) for base in bases], 3)
    return f"**Preview of {stacks}{others}: nothing changes**, compared with {against}.\n"
