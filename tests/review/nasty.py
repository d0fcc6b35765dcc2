"""Texts that break out of where they stand, and a review made of nothing else."""

from typing import Final

from review.model import (
    Finding,
    Level,
    Notice,
    Operation,
    Outcome,
    Policies,
    Review,
    Weight,
)
from tests.review.building import changed, component, resource, review

NASTY_TEXTS: Final[tuple[str, ...]] = (
    "| a | b |",
    "``` and ```` and `",
    "</details></details><script>alert(1)</script>",
    "<!-- preview-report -->",
    "--> @octocat, see #1, GH-2 and other/repo#3",
    "first\nsecond\r\nthird\u2028fourth",
    "**bold** _thin_ ~~gone~~ [a](https://example.com) ![b](https://example.com/b.png)",
    "\x00\x1b[31mred\x1b[0m\x07",
    "- [ ] todo\n# heading\n---\n1. one",
    "\u202eright to left\u2066",
    "\U0001f469\u200d\U0001f4bb e\u0301 \U0001f1e9\U0001f1ea",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "$`x^2`$ and $$y$$",
    "&lt;b&gt; &amp; &#64;octocat",
    "   ",
    "\\|\\`",
    "\ud800",
)
"""What breaks Markdown or HTML, speaks to people or looks like something that it is not."""


def nasty(stack: str = "prod | @octocat <b>`") -> Review:
    """Every text of it is made to break out of where it stands."""
    owner = component(stack, "</summary>`|` @everyone", "agents:stores:<b>Rds|")
    properties = tuple(
        changed(f'tags["{text}"]', text, text + "`", replaces=True) for text in NASTY_TEXTS
    )
    resources = [
        resource(
            owner,
            f"{text}::{place}",
            "aws:rds/instance:In|st`an<ce>",
            list(Operation)[place % len(Operation)],
            *properties,
            loss=text,
            source=text,
        )
        for place, text in enumerate(NASTY_TEXTS)
    ]
    findings = tuple(
        Finding(
            policy=text,
            pack=text,
            level=Level.MANDATORY,
            severity="high",
            urn=resources[0].urn,
            reason=text,
            remediation=text,
        )
        for text in NASTY_TEXTS
    )
    notices = tuple(Notice(weight=Weight.ERROR, urn=text, text=text) for text in NASTY_TEXTS)
    return review(
        stack,
        [owner, *resources],
        outcome=Outcome.FAILED,
        policies=Policies(packs={text: text for text in NASTY_TEXTS}, findings=findings),
        notices=notices,
        outputs=properties,
        compared_with=NASTY_TEXTS[0],
        remarks=NASTY_TEXTS,
    )
