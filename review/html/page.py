"""One page for all stacks, in one file that asks nothing of any server."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from review.html.affording import listed_rows, told_in_full
from review.html.anchors import anchors
from review.html.sections import Choice
from review.html.stacks import stack_view
from review.html.text import listed, visible
from review.model import SECRET, UNKNOWN, Review

HERE: Final = Path(__file__).parent
STYLE: Final = (HERE / "style.css").read_text()
SCRIPT: Final = (HERE / "script.js").read_text()


def _shown(value: object) -> object:
    """Every text but our own markup, before it is escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


TEMPLATES: Final = Environment(
    loader=FileSystemLoader(HERE),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)


def html(reviews: Sequence[Review]) -> str:
    """A page that shows these reviews, in their order. Always valid HTML, whatever texts are in them."""
    listing = listed_rows(reviews)
    in_full = told_in_full(reviews)
    names = anchors(reviews, listing)
    stacks = [
        stack_view(review, Choice(number, names[number], listing, in_full))
        for number, review in enumerate(reviews)
    ]
    title = listed([review.stack for review in reviews])
    return TEMPLATES.get_template("page.jinja").render(
        title=f"Preview of {title or 'no stack'}",
        names=title,
        policy=_policy(),
        # Our own files, so nothing to escape; nothing of a review is ever put into them.
        style=Markup(STYLE),  # noqa: S704  the constant above
        script=Markup(SCRIPT),  # noqa: S704  the constant above
        stacks=stacks,
        unknown=UNKNOWN,
        secret=SECRET,
    )


def _policy() -> str:
    """What a browser may do with the page: run this script, apply this style, nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(STYLE)}'; script-src '{_digest(SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
