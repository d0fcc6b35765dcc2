"""A comment as a host's parser understands it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER: Final = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("table")
"""CommonMark with tables and raw HTML, a line break for each end of a line: as in comments on GitHub."""

TAGS: Final = frozenset(
    {"h3", "h4", "p", "ul", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
    | {"strong", "em", "sub", "code", "pre", "a", "br", "hr", "wbr", "details", "summary"}
)
"""All that a report is made of."""
ATTRIBUTES: Final = frozenset(
    {("a", "href"), ("code", "class"), ("pre", "lang")}
    | {(cell, name) for cell in ("td", "th") for name in ("style", "align")}
)
"""What parsers give to tags of their own."""
EMPTY: Final = frozenset({"br", "hr", "wbr"})
LINKED: Final = re.compile(
    r"@\w|(?<!\w)#\d|(?<!\w)!\d|\bGH-\d|\b[0-9a-f]{7,40}\b|://|\bwww\.|mailto:|<!--", re.IGNORECASE
)
"""What a host makes a link of, or tells somebody about, where it is not code."""
LEFT: Final = re.compile(r"([\d,]+) ([a-z ]+?)(?=, [\d,]+ [a-z]| and [\d,]+ [a-z]|\. The rest)")


@dataclass
class Tags(HTMLParser):
    """The tags of a page, and its text by whether it is code."""

    open: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    """Tags that nothing of a report is made of, or that do not close what is open."""
    addresses: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])
    """All text that is not code."""
    codes: list[str] = field(default_factory=list[str])
    """The text of each `code`."""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or not {(tag, name) for name, _ in attrs} <= ATTRIBUTES:
            self.wrong.append(f"<{tag} {attrs}>")
        self.addresses += [value or "" for name, value in attrs if name == "href"]
        if tag == "code":
            self.codes.append("")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.codes[-1] += data
        else:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"<![{data}]>")


def tags(html: str) -> Tags:
    """The tags of a page as a browser finds them."""
    found = Tags()
    found.feed(html)
    found.close()
    return found


@dataclass(frozen=True)
class Page:
    """A report, parsed."""

    text: str

    @property
    def tokens(self) -> list[Token]:
        return PARSER.parse(self.text)

    @property
    def html(self) -> Tags:
        return tags(PARSER.render(self.text))

    @property
    def rows(self) -> list[list[str]]:
        """Cells of each row of each table, as they are written."""
        lines = self.text.split("\n")
        starts = [t.map[0] for t in self.tokens if t.type == "tr_open" and t.map]
        return [lines[start].strip("| ").split(" | ") for start in starts]

    @property
    def widths(self) -> set[tuple[int, int]]:
        """Of each row of each table: columns, and bars that stand in its line."""
        lines, columns, found = self.text.split("\n"), 0, set[tuple[int, int]]()
        for token in self.tokens:
            if token.type == "thead_open":
                columns = 0
            columns += token.type == "th_open"
            if token.type in {"thead_close", "tr_open"} and columns and token.map:
                found.add((columns, lines[token.map[0]].count("|")))
        return found

    @property
    def fences(self) -> list[Token]:
        return [token for token in self.tokens if token.type == "fence"]

    def items(self, title: str) -> list[str]:
        """What the items of the lists below a heading say, code and all."""
        found: list[str] = []
        for here, token in self._below():
            if here == title and token.type == "list_item_open":
                found.append("")
            if here == title and token.type in {"inline", "fence"} and token.level > 1 and found:
                found[-1] += plain(token)
        return found

    @property
    def titles(self) -> list[str]:
        pairs = pairwise(self.tokens)
        return [plain(text) for head, text in pairs if head.type == "heading_open"]

    @property
    def left(self) -> dict[str, int]:
        """What the last line says was left out: kind → number."""
        line = next((x for x in self.text.split("\n") if x.startswith("**Left out")), "")
        told = line.removeprefix("**Left out for want of room:** ")
        return {kind: int(number.replace(",", "")) for number, kind in LEFT.findall(told)}

    def _below(self) -> Iterator[tuple[str, Token]]:
        title, heads = "", False
        for token in self.tokens:
            if heads:
                title = plain(token)
            if token.type == "hr":
                title = ""
            heads = token.type == "heading_open"
            yield title, token


def plain(token: Token) -> str:
    """The text of a block, code and all."""
    if token.children is None:
        return token.content
    breaks = {"softbreak", "hardbreak"}
    return "".join("\n" if t.type in breaks else t.content for t in token.children)
