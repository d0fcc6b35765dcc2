"""A page as a browser's parser reads it."""

from collections.abc import Iterator

from justhtml import JustHTML
from justhtml.dom import Element


def parsed(page: str) -> JustHTML:
    """The document. Fails where the page is not valid to the letter."""
    return JustHTML(page, strict=True, sanitize=False)


def elements(page: str, selector: str = "*") -> Iterator[Element]:
    """All that the selector finds, in the order of the page."""
    for node in parsed(page).query(selector):
        assert isinstance(node, Element)
        yield node


def attributes(page: str, name: str) -> list[str]:
    """Values of an attribute wherever it stands."""
    return [node.attrs[name] or "" for node in elements(page, f"[{name}]")]


def text(page: str, selector: str) -> str:
    """What a reader reads in what the selector finds."""
    return " ".join(node.to_text() for node in elements(page, selector))
